from collections.abc import AsyncIterator
from random import Random
from typing import Final

import pytest
from tortoise.connection import get_connection

from models.database import DatabaseAt, PostgresAt, SqliteAt, opened
from tests import given
from tests.bench.seed import seed
from tests.models.reads.plans import Plan, explaining

# Enough for PostgreSQL to find an index worth its while; SQLite plans without counting.
INCIDENTS: Final = {True: 50, False: 5_000}


@pytest.fixture
async def plan(database: DatabaseAt, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Explains the statements of a read over a database with some work in it."""
    is_sqlite = isinstance(database, SqliteAt)
    await seed(INCIDENTS[is_sqlite], now=given.NOW, chance=Random(1))  # noqa: S311 — the same work each time
    return explaining(monkeypatch, is_sqlite=is_sqlite)


@pytest.fixture
async def reluctant_plan(
    database_at: DatabaseAt, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Plan]:
    """The same, by a PostgreSQL that reads a whole table only where no index would do.

    Small tables it would read whole in any case.
    """
    is_sqlite = isinstance(database_at, SqliteAt)
    async with opened(database_at):
        await seed(50, now=given.NOW, chance=Random(1))  # noqa: S311 — the same work each time
        if isinstance(database_at, PostgresAt):
            await get_connection("default").execute_query(
                f"ALTER DATABASE {database_at.name} SET enable_seqscan = off"
            )
    async with opened(database_at):
        yield explaining(monkeypatch, is_sqlite=is_sqlite)
