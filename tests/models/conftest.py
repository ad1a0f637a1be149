"""Databases that the tests of the stored form begin with."""

from pathlib import Path

import pytest

from models.database import DatabaseAt, SqliteAt
from tests.database import postgres_at


@pytest.fixture
def empty_at(request: pytest.FixtureRequest, database_at: DatabaseAt, tmp_path: Path) -> DatabaseAt:
    """The address of a database without tables, of the same kind."""
    if isinstance(database_at, SqliteAt):
        return SqliteAt(path=tmp_path / "empty.db")
    server = request.getfixturevalue("postgres")
    return postgres_at(server, server.create())
