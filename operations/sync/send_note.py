"""Notes, queued for the vendors that are to have them (rule K2)."""

from dataclasses import dataclass
from typing import Final

from adapters.registry import manifest
from domain.exchange import WarningCode, WriteKind
from domain.records import VendorFeature
from domain.sync.ownership import why_not_sent
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.queue import Write, queue
from operations.sync.terms import terms_of_all
from operations.sync.warned import Warned

# Notes have owners as fields have (brief: work_notes, comments).
NOTES: Final = "notes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A note that is new. ``origin`` is the integration that it came from, if it did."""

    incident_id: str
    note_id: str
    by: str
    origin: str | None = None


async def send_note(runtime: Runtime, tx: Transaction, noted: Noted) -> list[Warned]:
    """Queue a note for each vendor that is to have it; say where it is not sent.

    Where the incident is still to be created the note follows it.
    """
    links = await tx.rows(
        """
        SELECT i.id AS integration_id, i.key, i.provider FROM integration i
        WHERE i.id IN (
            SELECT integration_id FROM incident_link WHERE incident_id = $1 AND gone_at IS NULL
            UNION
            SELECT l.integration_id FROM lane l JOIN outbox o ON o.lane_id = l.id
            WHERE l.incident_id = $1 AND o.kind = 'CREATE' AND o.state IN ('READY', 'DEAD')
        )
        ORDER BY i.id
        """,
        noted.incident_id,
    )
    terms = await terms_of_all() if links else {}
    linked = [link["integration_id"] for link in links]
    warnings: list[Warned] = []
    for link in links:
        if link["integration_id"] == noted.origin:
            continue
        own = terms[link["integration_id"]]
        code = why_not_sent(own.direction, own.policy(NOTES, linked).owned.owner)
        if code is None and VendorFeature.COMMENT not in manifest(link["provider"]).features:
            code = WarningCode.NOT_SENT
        if code is not None:
            warnings.append(Warned(code=code, field=NOTES, integration_key=link["key"]))
            continue
        write = Write(
            integration_id=own.integration_id,
            incident_id=noted.incident_id,
            kind=WriteKind.NOTE,
            by=noted.by,
            note_id=noted.note_id,
        )
        await queue(runtime, tx, write)
    return warnings
