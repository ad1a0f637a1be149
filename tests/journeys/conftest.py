"""Houses that nothing outlives."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.journeys.house import House
from tests.journeys.tables import PostgresTables, SqliteTables
from tests.postgres import Postgres


@pytest.fixture(autouse=True)
def _processes_are_found_through_proc(linux: None) -> None:
    """Let no journey begin elsewhere."""


@pytest_asyncio.fixture
async def house(migrated_folder: Path) -> AsyncIterator[House]:
    """An empty house on SQLite."""
    tables = SqliteTables(migrated_folder / "watchpane.db")
    house = House(folder=migrated_folder, tables=tables, settings={})
    yield house
    await house.end()


@pytest_asyncio.fixture
async def postgres_house(
    tmp_path: Path, postgres: Postgres, postgres_template: str
) -> AsyncIterator[House]:
    """The same on PostgreSQL."""
    name = postgres.create(postgres_template)
    settings = {"DB_TYPE": "postgres", "DB_HOST": str(postgres.folder), "DB_NAME": name}
    house = House(
        folder=tmp_path / "data",
        tables=PostgresTables(postgres.url(name)),
        settings=settings | {"DB_USER": "postgres"},
    )
    yield house
    await house.end()
    postgres.drop(name)


@pytest.fixture(params=["house", "postgres_house"])
def either_house(request: pytest.FixtureRequest) -> House:
    """An empty house, once on each database."""
    house: House = request.getfixturevalue(request.param)
    return house
