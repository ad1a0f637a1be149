"""A fresh, migrated database for each test, on both engines."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.database import DatabaseAt, PostgresAt, SqliteAt, opened
from models.migrate import migrate
from tests.at_once import sqlite_at_once
from tests.postgres import Postgres

EPOCH = "e1"


def _migrated(at: DatabaseAt) -> None:
    asyncio.run(migrate(at, new_epoch=lambda: EPOCH))


def postgres_at(server: Postgres, name: str) -> PostgresAt:
    """Return the address of a database on a test's server."""
    return PostgresAt(host=str(server.folder), port=5432, name=name, user="postgres", pool_size=4)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("template") / "watchpane.db"
    _migrated(SqliteAt(path=path))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a migrated database to copy."""
    name = postgres.create()
    _migrated(postgres_at(postgres, name))
    return name


@pytest.fixture(params=["sqlite", "postgres"])
def database_at(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseAt:
    """The address of a migrated, empty database."""
    if request.param == "sqlite":
        path = tmp_path / "watchpane.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return SqliteAt(path=path)
    server: Postgres = request.getfixturevalue("postgres")
    return postgres_at(server, server.create(request.getfixturevalue("postgres_template")))


@pytest.fixture
async def database(database_at: DatabaseAt) -> AsyncIterator[DatabaseAt]:
    """A migrated, empty database, opened for this process."""
    async with opened(database_at):
        yield database_at


@pytest.fixture
async def quick_database(database_at: DatabaseAt) -> AsyncIterator[DatabaseAt]:
    """The same for tests that take one step after the other: SQLite without threads."""
    with sqlite_at_once():
        async with opened(database_at):
            yield database_at
