import pytest

from domain.records import Direction
from models.database import DatabaseAt
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from tests.clock import Clock
from tests.operations.push.pair import Pair
from tests.world import EMAIL, PASSWORD, World, simulated


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


@pytest.fixture
async def at_jira(database: DatabaseAt) -> Pair:
    """An incident that a bidirectional Jira site has too, with the vendor's default owners."""
    clock = Clock()
    site = Jira(now=clock.now, account=Account(email=EMAIL, token=PASSWORD))
    world = World(at=database, clock=clock, servicenow=simulated(clock), jira=site)
    await world.register(
        key="prod-jira", provider="jira", direction=Direction.BIDIRECTIONAL, follows=False
    )
    made = site.create("[System] Incident", {"summary": "a"})
    clock.move(seconds=5)
    await world.sync()
    return Pair(world=world, number=made["key"])
