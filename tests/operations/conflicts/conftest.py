import pytest

from domain.records import ConflictStrategy, Direction
from models.database import DatabaseAt
from models.tables.integration import IntegrationRow
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from tests.clock import Clock
from tests.operations.conflicts.quarrel import Quarrel
from tests.world import EMAIL, PASSWORD, World, simulated


@pytest.fixture
async def calm(database: DatabaseAt) -> Quarrel:
    """An incident of which both sides hold the same, a."""
    clock = Clock()
    world = World(
        at=database,
        clock=clock,
        servicenow=simulated(clock),
        jira=Jira(now=clock.now, account=Account(email=EMAIL, token=PASSWORD)),
    )
    await world.register(
        key="prod-jira", provider="jira", direction=Direction.BIDIRECTIONAL, follows=False
    )
    await IntegrationRow.all().update(conflict_strategy=ConflictStrategy.MANUAL_REVIEW)
    assert world.jira is not None
    issue = world.jira.create("[System] Incident", {"summary": "a"})
    quarrel = Quarrel(world=world, key=issue["key"])
    await quarrel.sync()
    return quarrel


@pytest.fixture
async def quarrel(calm: Quarrel) -> Quarrel:
    """The same, with an open conflict: p here against x there."""
    await calm.begin()
    return calm
