from pathlib import Path

import pytest

from models.database import DatabaseAt
from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import POLICY, Watched


@pytest.fixture
async def pane(database: DatabaseAt, tmp_path: Path) -> Pane:
    """A watched world and its graph; nothing has been sent yet, and it is ten o'clock."""
    watched = Watched(database=database, path=tmp_path / "watched.yaml")
    await watched.go_by(POLICY)
    await watched.look("10:00")
    return Pane(watched=watched)
