"""A fresh, migrated database for each test, on both engines."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final

import asyncpg
import pytest

import models
from models.database import DatabaseAt, PostgresAt, SqliteAt, opened
from models.migrate import migrate
from tests.at_once import sqlite_at_once, unsynced
from tests.postgres import Postgres

EPOCH = "e1"

# What a migrated database holds at first, and how it comes to hold that again.
_KEEP: Final = """
CREATE SCHEMA kept;
CREATE TABLE kept.sequences AS
    SELECT format('%I.%I', schemaname, sequencename) AS name, last_value FROM pg_sequences;
DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', one, one);
    END LOOP;
END $$;
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE one text; has_rows boolean; full_ones text[] := '{}';
BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one) INTO has_rows;
        IF has_rows THEN full_ones := full_ones || format('public.%I', one); END IF;
    END LOOP;
    EXECUTE 'TRUNCATE ' || array_to_string(full_ones, ', ') || ' CASCADE';
    FOR one IN
        SELECT tablename FROM pg_tables WHERE schemaname = 'kept' AND tablename <> 'sequences'
    LOOP
        EXECUTE format('INSERT INTO public.%I TABLE kept.%I', one, one);
    END LOOP;
    PERFORM setval(name::regclass, coalesce(last_value, 1), last_value IS NOT NULL)
    FROM kept.sequences;
END $$;
"""


def _migrated(at: DatabaseAt) -> None:
    asyncio.run(migrate(at, new_epoch=lambda: EPOCH))


def postgres_at(server: Postgres, name: str) -> PostgresAt:
    """Return the address of a database on a test's server."""
    return PostgresAt(host=str(server.folder), port=5432, name=name, user="postgres", pool_size=4)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A migrated file to copy, kept for the next run while nothing of ``models`` changes."""
    folder = tmp_path_factory.mktemp("template")
    # A run may go without pytest's cache.
    if pytestconfig.pluginmanager.has_plugin("cacheprovider"):
        folder = pytestconfig.cache.mkdir("migrated")
    texts = b"".join(path.read_bytes() for path in sorted(Path(models.__path__[0]).rglob("*.py")))
    kept = folder / f"{sha256(texts).hexdigest()[:16]}.db"
    if not kept.exists():
        # In one step, since another process may do the same.
        half = folder / f"{os.getpid()}.db"
        _migrated(SqliteAt(path=half))
        # The last to close need not be one that may write: all may still be in the log.
        with closing(sqlite3.connect(half)) as made:
            made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        half.replace(kept)
    return kept


@pytest.fixture
def migrated_folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """A data folder with a migrated, empty database: to migrate takes seconds."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    shutil.copy(sqlite_template, folder / "watchpane.db")
    return folder


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a migrated database to copy."""
    name = postgres.create()
    _migrated(postgres_at(postgres, name))
    postgres.execute(_KEEP, at=name)
    return name


@pytest.fixture(scope="session")
def postgres_again(postgres: Postgres, postgres_template: str) -> str:
    """The name of a database that one test after the other has: emptying is faster than copying."""
    return postgres.create(postgres_template)


async def _empty(server: Postgres, name: str) -> None:
    """End what an earlier test may have left connected, and let it hold what a new one does.

    Over one connection of a driver's, for each start of ``psql`` takes 15 ms.
    """
    connection = await asyncpg.connect(server.url(name))
    try:
        await connection.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        )
        await connection.execute(f"ALTER DATABASE {name} RESET ALL")
        await connection.execute("SELECT kept.restore()")
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_at(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseAt:
    """The address of a migrated, empty database."""
    if request.param == "sqlite":
        path = tmp_path / "watchpane.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return SqliteAt(path=path)
    server: Postgres = request.getfixturevalue("postgres")
    name: str = request.getfixturevalue("postgres_again")
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(_empty(server, name))
    return postgres_at(server, name)


@pytest.fixture
async def database(database_at: DatabaseAt) -> AsyncIterator[DatabaseAt]:
    """A migrated, empty database, opened for this process."""
    async with opened(database_at):
        await unsynced(database_at)
        yield database_at


@pytest.fixture
async def quick_database(database_at: DatabaseAt) -> AsyncIterator[DatabaseAt]:
    """The same for tests that take one step after the other: SQLite without threads."""
    with sqlite_at_once():
        async with opened(database_at):
            await unsynced(database_at)
            yield database_at
