"""Open conflicts of fields that have a new value of ours (rules F4, F6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.events.entry import ConflictEventKind
from domain.exchange import ConflictStatus
from domain.records import FieldValue
from models.coding import dumps, loads, to_milliseconds
from models.transaction import Transaction
from operations.conflicts.supersede import tell
from operations.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """Fields of an incident, as they are now.

    values, versions: by field; a version counts the changes of that field.
    by: who gave them their values.
    """

    incident_id: str
    values: Mapping[str, FieldValue]
    versions: Mapping[str, int]
    by: str


async def follow_edit(
    runtime: Runtime, tx: Transaction, edited: Edited
) -> frozenset[tuple[str, str]]:
    """Let open conflicts show our new values; return the (integration, field) that they hold.

    What is held is not sent until its conflict is decided. One whose vendor says
    the same by now ends by itself. The incident must be locked.
    Cost: one statement, and one more for each conflict.
    """
    standing = await tx.rows(
        """
        SELECT id, integration_id, field, external_value FROM conflict
        WHERE incident_id = $1 AND open_slot = 1 ORDER BY id
        """,
        edited.incident_id,
    )
    held: set[tuple[str, str]] = set()
    now = to_milliseconds(runtime.now())
    for row in standing:
        name = row["field"]
        if name not in edited.values:
            continue
        is_open = _value(row["external_value"]) != edited.values[name]
        if is_open:
            held.add((row["integration_id"], name))
        await tx.rows(
            """
            UPDATE conflict SET version = version + 1, platform_value = $2, platform_version = $3,
                platform_edited_at = $4, platform_edited_by = $5,
                status = $6, open_slot = $7, resolved_at = $8, resolved_by = $9
            WHERE id = $1 RETURNING id
            """,
            row["id"],
            dumps(edited.values[name]),
            edited.versions[name],
            now,
            edited.by,
            ConflictStatus.OPEN if is_open else ConflictStatus.SUPERSEDED,
            1 if is_open else None,
            None if is_open else now,
            None if is_open else edited.by,
        )
        kind = ConflictEventKind.UPDATED if is_open else ConflictEventKind.SUPERSEDED
        tell(runtime, tx, row["id"], kind, integration_id=row["integration_id"])
    return frozenset(held)


def _value(stored: str | None) -> FieldValue:
    value: FieldValue = None if stored is None else loads(stored)
    return value
