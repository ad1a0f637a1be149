"""Take a vendor's record, and all that came with it, from one incident to another."""

from domain.events.entry import NewEntry, RecordEventKind, Topic
from models.coding import to_milliseconds
from models.tables.incident import IncidentLinkRow, IncidentRow
from models.transaction import Transaction
from operations.conflicts.supersede import supersede
from operations.runtime import Runtime


async def move(
    runtime: Runtime, tx: Transaction, link: IncidentLinkRow, *, into: IncidentRow, by: str
) -> None:
    """Move a link with its edits, notes, relations, names and services.

    Its open conflicts end (rule F4). The incident that is left without a link is
    deleted. Both are told of.
    """
    from_id: str = link.incident_id  # type: ignore[attr-defined]  # — Tortoise adds it
    integration_id: str = link.integration_id  # type: ignore[attr-defined]  # — Tortoise adds it
    await supersede(runtime, tx, integration_id, by=by, incident_ids=[from_id])
    await tx.rows(
        "UPDATE incident_link SET incident_id = $2 WHERE id = $1 RETURNING id", link.id, into.id
    )
    for table, column in (
        ("edit", "incident_id"),
        ("note", "incident_id"),
        ("relation", "from_id"),
        ("alias", "record_id"),
    ):
        await tx.rows(
            f"""
            UPDATE {table} SET {column} = $3 WHERE {column} = $1 AND integration_id = $2
            RETURNING id
            """,  # noqa: S608 — names are ours
            from_id,
            integration_id,
            into.id,
        )
    await _move_services(tx, from_id, integration_id, into.id)
    await _touch(runtime, tx, into.id, RecordEventKind.UPDATED, integration_id)
    is_left = await IncidentLinkRow.filter(incident_id=from_id).exists()
    if not is_left:
        await tx.rows(
            "UPDATE incident SET deleted_at = $2 WHERE id = $1 RETURNING id",
            from_id,
            to_milliseconds(runtime.now()),
        )
    kind = RecordEventKind.UPDATED if is_left else RecordEventKind.DELETED
    await _touch(runtime, tx, from_id, kind, integration_id)


async def _move_services(tx: Transaction, from_id: str, integration_id: str, into_id: str) -> None:
    """Let the services that this integration knows follow; those of others too stay as well."""
    await tx.rows(
        """
        INSERT INTO incident_asset (incident_id, asset_id)
        SELECT $3, s.asset_id FROM incident_asset s
        JOIN asset_link a ON a.asset_id = s.asset_id AND a.integration_id = $2
        WHERE s.incident_id = $1
        ON CONFLICT (incident_id, asset_id) DO NOTHING RETURNING id
        """,
        from_id,
        integration_id,
        into_id,
    )
    await tx.rows(
        """
        DELETE FROM incident_asset WHERE incident_id = $1 AND asset_id IN (
            SELECT asset_id FROM asset_link WHERE integration_id = $2
        ) AND NOT EXISTS (
            SELECT 1 FROM asset_link a JOIN incident_link l ON l.integration_id = a.integration_id
            WHERE a.asset_id = incident_asset.asset_id AND l.incident_id = $1
        ) RETURNING id
        """,
        from_id,
        integration_id,
    )


async def _touch(
    runtime: Runtime, tx: Transaction, incident_id: str, kind: RecordEventKind, integration_id: str
) -> None:
    await tx.rows(
        "UPDATE incident SET version = version + 1 WHERE id = $1 RETURNING id", incident_id
    )
    tx.tell(
        NewEntry(
            topic=Topic.INCIDENT,
            kind=kind,
            occurred_at=runtime.now(),
            integration_id=integration_id,
            record_id=incident_id,
        )
    )
