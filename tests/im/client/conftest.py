import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from models.database import DatabaseAt, SqliteAt
from tests.gql.sla.pane import Pane
from tests.gql.wire import served
from tests.im.client.desk import Desk
from tests.operations.sla.watched import POLICY, Watched


@pytest.fixture
def database_at(tmp_path: Path, sqlite_template: Path) -> DatabaseAt:
    """A client is the same whatever the server's database."""
    path = tmp_path / "watchpane.db"
    shutil.copy(sqlite_template, path)
    return SqliteAt(path=path)


@pytest.fixture
async def desk(database: DatabaseAt, tmp_path: Path) -> AsyncIterator[Desk]:
    """A server on a free port; nothing has been sent to it yet, and it is ten o'clock."""
    watched = Watched(database=database, path=tmp_path / "watched.yaml")
    # The server shares our standard output.
    with capture_logs():
        await watched.go_by(POLICY)
        pane = Pane(watched=watched)
        async with served(pane.graph.door()) as wire:
            yield Desk(pane=pane, url=f"http://127.0.0.1:{wire.port}")
