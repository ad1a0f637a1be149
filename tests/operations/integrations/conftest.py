import pytest

from models.database import DatabaseAt
from tests.clock import Clock
from tests.world import World, simulated


@pytest.fixture
async def world(database: DatabaseAt) -> World:
    """A registered instance without incidents."""
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register()
    return world
