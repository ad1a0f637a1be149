"""Whether the database can be used, and whether workers live."""

from datetime import datetime, timedelta
from typing import Final

from tortoise.exceptions import BaseORMException

from models.coding import to_milliseconds
from models.reads.statement import rows

HEARTBEAT_KEPT: Final = timedelta(seconds=30)


async def database_fault() -> str | None:
    """Return what keeps the database from answering, or None. Cost: one row."""
    try:
        found = await rows("SELECT id FROM event_head")
    except (BaseORMException, OSError) as error:
        return f"the database does not answer: {type(error).__name__}"
    return None if found else "the database is not migrated; run `im migrate`"


async def worker_fault(*, now: datetime) -> str | None:
    """Return whether no worker has been heard of for 30 s. Cost: a few rows."""
    try:
        found = await rows(
            "SELECT id FROM heartbeat WHERE at > $1 LIMIT 1", to_milliseconds(now - HEARTBEAT_KEPT)
        )
    except (BaseORMException, OSError):
        return "unknown: the database does not answer"
    return None if found else "no worker has been heard of for 30 s; start one with `im work`"
