"""Records that are just being written to: what is told of them waits for the outcome (rule M0)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Final

from models.coding import dumps, to_milliseconds
from models.inbox import note_again
from operations.sync.gather import Gathered
from operations.sync.writing import Writing

# How long the outcome of a write is waited for, and how often it is looked for.
PATIENCE: Final = timedelta(seconds=15)
PAUSE: Final = timedelta(seconds=1)


async def in_flight(to: Writing, external_ids: Collection[str]) -> frozenset[str]:
    """Return those of the records that a worker is writing to now. Cost: one statement."""
    if not to.shape.has_edits or not external_ids:
        return frozenset()
    found = await to.tx.rows(
        f"""
        SELECT l.external_id FROM incident_link l JOIN lane n
            ON n.incident_id = l.incident_id AND n.integration_id = l.integration_id
        WHERE l.integration_id = $1 AND {to.tx.one_of("l.external_id", "$2")}
            AND n.lease_until > $3
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps(sorted(external_ids)),
        to_milliseconds(to.runtime.now()),
    )
    return frozenset(row["external_id"] for row in found)


def without(gathered: Gathered, external_ids: Collection[str]) -> Gathered:
    """Return what was gathered of the other records."""
    if not external_ids:
        return gathered
    kept = [record for record in gathered.changed if record.external_id not in external_ids]
    return replace(gathered, changed=kept)


async def settled(to: Writing, gathered: Gathered) -> Gathered:
    """Return what was pulled without records that are being written to; those are read again.

    Call it in the transaction that moves the watermark past them.
    Cost: one statement, and two where there is such a record.
    """
    busy = await in_flight(to, [record.external_id for record in gathered.changed])
    now = to.runtime.now()
    await note_again(
        to.tx,
        to.integration_id,
        busy,
        new_id=to.runtime.new_id,
        now=now,
        due_at=now + PAUSE,
    )
    return without(gathered, busy)
