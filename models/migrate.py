"""Bring the stored form up to the code, or say that it is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError
from tortoise.migrations.api import migrate as run_migrations

from models.database import DatabaseAt, configuration
from models.reads.statement import rows
from models.transaction import Transaction, commit

_FOLDER: Final = Path(__file__).parent / "migrations"


def known_migrations() -> list[str]:
    """Return the names of the migrations of this code, in order."""
    return sorted(path.stem for path in _FOLDER.glob("[0-9]*.py"))


async def migrate(at: DatabaseAt, *, new_epoch: Callable[[], str]) -> None:
    """Apply what is missing, and give the event log its head row.

    ``new_epoch`` names a log that is new. Connections are closed whatever
    happens: one that is left open keeps the process from ending.
    """
    try:
        await run_migrations(config=configuration(at))
        await get_connection("reads").create_connection(with_db=True)

        async def write(tx: Transaction) -> None:
            head = {"id": 1, "epoch": new_epoch(), "newest": 0, "oldest": 1}
            await tx.upsert("event_head", [head], key=("id",), overwrite=False)

        await commit(write)
    finally:
        await Tortoise.close_connections()


async def migration_fault() -> str | None:
    """Return why this code may not use the opened database, or None."""
    try:
        applied = [row["name"] for row in await rows("SELECT name FROM tortoise_migrations")]
    except OperationalError:
        return "the database has no tables yet; run `im migrate`"
    known = known_migrations()
    newer = sorted(set(applied) - set(known))
    missing = sorted(set(known) - set(applied))
    if newer:
        return f"the database is newer than this program ({newer[-1]}); install that version"
    return f"the database lacks {', '.join(missing)}; run `im migrate`" if missing else None
