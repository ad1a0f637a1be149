"""Services that were named before their own record was read."""

from typing import Final

from domain.events.entry import NewEntry, RecordEventKind
from models.coding import EPOCH, to_milliseconds
from operations.sync.shapes import SHAPES, Line
from operations.sync.writing import Writing

# Any record of a service is newer than what another record's reference tells of it.
STUB_AT: Final = EPOCH


def is_stub(stored: Line) -> bool:
    """Say whether a link's own record was never read."""
    return bool(stored["known_at"] == to_milliseconds(STUB_AT))


async def give_way(to: Writing, *, stub_id: str, twin_id: str) -> None:
    """Hand what belongs to a stub to the service that it turns out to be.

    This vendor's link follows with the record that tells it, other vendors' at once;
    what is left without a link is deleted.
    Cost: eleven statements, once in the life of a service.
    """
    await _hand_records(to, stub_id, twin_id)
    await to.tx.rows(
        """
        UPDATE asset_link SET asset_id = $2
        WHERE asset_id = $1 AND integration_id <> $3 AND NOT EXISTS (
            SELECT 1 FROM asset_link t
            WHERE t.asset_id = $2 AND t.integration_id = asset_link.integration_id
        ) RETURNING id
        """,
        stub_id,
        twin_id,
        to.integration_id,
    )
    now = to.runtime.now()
    deleted = await to.tx.rows(
        """
        UPDATE asset SET deleted_at = $2 WHERE id = $1 AND NOT EXISTS (
            SELECT 1 FROM asset_link WHERE asset_id = $1 AND integration_id <> $3
        ) RETURNING id
        """,
        stub_id,
        to_milliseconds(now),
        to.integration_id,
    )
    if deleted:
        to.tx.tell(
            NewEntry(
                topic=to.shape.topic,
                kind=RecordEventKind.DELETED,
                occurred_at=now,
                integration_id=to.integration_id,
                record_id=stub_id,
            )
        )


async def _hand_records(to: Writing, stub_id: str, twin_id: str) -> None:
    """Let the records that concern the stub concern its twin."""
    for shape in SHAPES.values():
        if shape is to.shape:
            continue
        await to.tx.rows(
            f"""
            INSERT INTO {shape.table}_asset ({shape.table}_id, asset_id)
            SELECT {shape.table}_id, $2 FROM {shape.table}_asset WHERE asset_id = $1
            ON CONFLICT ({shape.table}_id, asset_id) DO NOTHING RETURNING id
            """,  # noqa: S608 — names are ours
            stub_id,
            twin_id,
        )
        await to.tx.rows(
            f"DELETE FROM {shape.table}_asset WHERE asset_id = $1 RETURNING id",  # noqa: S608 — names are ours
            stub_id,
        )
