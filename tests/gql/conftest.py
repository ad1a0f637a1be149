"""The small graph, behind doors that a test can knock at."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict
from tortoise.backends.base.client import BaseDBAsyncClient

from models import bulk
from models.database import DatabaseAt
from tests.gql.asking import Graph
from tests.gql.board import Board
from tests.gql.knocking import knock


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    with capture_logs() as entries:
        yield entries


@pytest.fixture
async def client(board: Board) -> AsyncIterator[httpx.AsyncClient]:
    async with knock(board) as client:
        yield client


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The reads made so far."""
    made: list[str] = []
    read = bulk.rows

    async def noted(
        connection: BaseDBAsyncClient, sql: str, values: Sequence[object]
    ) -> list[dict[str, Any]]:
        if connection.connection_name == "reads":
            made.append(sql)
        return await read(connection, sql, values)

    monkeypatch.setattr(bulk, "rows", noted)
    return made


@pytest.fixture
def graph(database: DatabaseAt) -> Graph:  # noqa: ARG001 — it has to be open
    """The whole graph over an empty database."""
    return Graph()
