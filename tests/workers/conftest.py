import pytest

from models.database import DatabaseAt
from tests.clock import Clock
from tests.world import World, simulated


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def world(database: DatabaseAt, clock: Clock) -> World:
    """A registered instance with some incidents."""
    world = World(at=database, clock=clock, servicenow=simulated(clock, rows=60))
    await world.register()
    return world
