import pytest

from domain.records import Direction
from models.database import DatabaseAt
from tests.clock import Clock
from tests.operations.reconcile.drifting import Drifting
from tests.world import World, simulated


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def drifting(database: DatabaseAt, clock: Clock) -> Drifting:
    """Twelve incidents that a bidirectional ServiceNow has too, with its default owners."""
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    fields = {"impact": "3", "urgency": "3"}
    numbers = [
        world.servicenow.create(fields | {"short_description": f"a{place}"})["number"]
        for place in range(12)
    ]
    clock.move(seconds=5)
    await world.sync()
    clock.move(seconds=60)
    return Drifting(world=world, numbers=numbers)
