from pathlib import Path

import pytest

from models.database import DatabaseAt
from tests.operations.sla.watched import POLICY, Watched


@pytest.fixture
async def watched(quick_database: DatabaseAt, tmp_path: Path) -> Watched:
    """A world whose tickets are watched; nothing has been sent yet, and it is ten o'clock."""
    watched = Watched(database=quick_database, path=tmp_path / "sla_config.yaml")
    await watched.go_by(POLICY)
    await watched.look("10:00")
    return watched
