import pytest

from domain.records import Direction
from models.database import DatabaseAt
from tests.clock import Clock
from tests.operations.push.pair import Pair
from tests.world import World, simulated


@pytest.fixture
async def pair(database: DatabaseAt) -> Pair:
    """An incident that a bidirectional ServiceNow has too, with the vendor's default owners."""
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    made = world.servicenow.create({"short_description": "a", "impact": "3", "urgency": "3"})
    clock.move(seconds=5)
    await world.sync()
    return Pair(world=world, number=made["number"])
