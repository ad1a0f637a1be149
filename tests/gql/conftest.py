"""The small graph, behind doors that a test can knock at."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

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
