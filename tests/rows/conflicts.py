"""Conflicts, and what the event log tells of them."""

from itertools import count
from typing import Any

from domain.events.entry import ConflictEventKind, NewEntry, Topic
from domain.exchange import ConflictKind, ConflictStatus, ConflictStrategy
from models.coding import dumps, to_milliseconds
from models.tables.conflict import ConflictRow
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from tests.rows.moments import NOW, new_id

_numbers = count(1)


async def conflict(of: IncidentRow, at: IntegrationRow, **columns: Any) -> ConflictRow:  # noqa: ANN401 — columns
    """An open conflict about the title: p here against x there."""
    is_open = columns.get("status", ConflictStatus.OPEN) is ConflictStatus.OPEN
    detected_at = to_milliseconds(columns.pop("detected_at", NOW))
    line: dict[str, Any] = {
        "id": new_id(),
        "number": next(_numbers),
        "incident_id": of.id,
        "integration_id": at.id,
        "field": "title",
        "open_slot": 1 if is_open else None,
        "kind": ConflictKind.SIMULTANEOUS,
        "status": ConflictStatus.OPEN,
        "version": 1,
        "base_value": dumps("a"),
        "platform_value": dumps("p"),
        "external_value": dumps("x"),
        "platform_version": 1,
        "platform_edited_at": detected_at,
        "platform_edited_by": "dana",
        "external_at": detected_at,
        "external_sequence": 1,
        "external_edited_at": detected_at,
        "external_edited_by": "eve",
        "strategy": ConflictStrategy.MANUAL_REVIEW,
        "detected_at": detected_at,
    }
    line |= columns

    async def write(tx: Transaction) -> None:
        await tx.upsert("conflict", [line], key=("id",))

    await commit(write)
    return await ConflictRow.get(id=line["id"])


def heard(of: ConflictRow, kind: ConflictEventKind = ConflictEventKind.OPENED) -> NewEntry:
    """An entry that tells of a conflict."""
    return NewEntry(topic=Topic.CONFLICT, kind=kind, occurred_at=NOW, record_id=of.id)
