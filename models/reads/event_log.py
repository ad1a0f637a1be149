"""The event log, as its one reader of a process tails it."""

from collections.abc import Mapping
from typing import Any

from domain.events.cursor import Head
from domain.events.entry import Entry, Topic
from models.coding import from_milliseconds, loads
from models.reads.statement import rows


async def head() -> Head:
    """Return the log's state. Cost: one row."""
    (row,) = await rows("SELECT epoch, newest, oldest FROM event_head WHERE id = 1")
    return Head(epoch=row["epoch"], newest=row["newest"], oldest=row["oldest"])


async def entries_after(number: int, *, limit: int) -> list[Entry]:
    """Return the next entries in the order of their commits. Cost: ``limit`` rows at most."""
    found = await rows(
        """
        SELECT number, topic, kind, occurred_at, integration_id, record_id, run_id,
            edit_ids, changed, message
        FROM event_log WHERE number > $1 ORDER BY number LIMIT $2
        """,
        number,
        limit,
    )
    return [_entry_of(row) for row in found]


def _entry_of(row: Mapping[str, Any]) -> Entry:
    return Entry(
        number=row["number"],
        topic=Topic(row["topic"]),
        kind=row["kind"],
        occurred_at=from_milliseconds(row["occurred_at"]),
        integration_id=row["integration_id"],
        record_id=row["record_id"],
        run_id=row["run_id"],
        edit_ids=tuple(loads(row["edit_ids"])),
        changed=tuple(loads(row["changed"] or "[]")),
        message=row["message"],
    )
