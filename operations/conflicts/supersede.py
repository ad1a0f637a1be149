"""Conflicts that end because what they were about is gone (rule F4)."""

from collections.abc import Collection

from domain.events.entry import ConflictEventKind, NewEntry, Topic
from domain.exchange import ConflictStatus
from models.coding import dumps, to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime


async def supersede(
    runtime: Runtime,
    tx: Transaction,
    integration_id: str,
    *,
    by: str,
    incident_ids: Collection[str] | None = None,
) -> None:
    """End the open conflicts with a vendor: of some incidents, or of all where None.

    by: who or what made them pointless. Cost: one statement.
    """
    of = "TRUE" if incident_ids is None else tx.one_of("incident_id", "$5")
    values: list[object] = [
        integration_id,
        ConflictStatus.SUPERSEDED,
        to_milliseconds(runtime.now()),
        by,
    ]
    if incident_ids is not None:
        values.append(dumps(sorted(incident_ids)))
    ended = await tx.rows(
        f"""
        UPDATE conflict SET status = $2, open_slot = NULL, resolved_at = $3, resolved_by = $4
        WHERE integration_id = $1 AND open_slot = 1 AND {of} RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        *values,
    )
    for row in ended:
        tell(runtime, tx, row["id"], ConflictEventKind.SUPERSEDED, integration_id=integration_id)


def tell(
    runtime: Runtime,
    tx: Transaction,
    conflict_id: str,
    kind: ConflictEventKind,
    *,
    integration_id: str,
) -> None:
    """Put into the event log what became of a conflict."""
    tx.tell(
        NewEntry(
            topic=Topic.CONFLICT,
            kind=kind,
            occurred_at=runtime.now(),
            integration_id=integration_id,
            record_id=conflict_id,
        )
    )
