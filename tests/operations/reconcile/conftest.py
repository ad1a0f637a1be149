import pytest

from models.database import DatabaseAt
from tests.clock import Clock
from tests.operations.reconcile.drifting import Drifting, twelve


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def drifting(database: DatabaseAt, clock: Clock) -> Drifting:
    """Twelve incidents that a bidirectional ServiceNow has too, with its default owners."""
    return await twelve(database, clock)
