from collections.abc import Awaitable, Callable

import pytest

from domain.records import Direction, RecordKind
from models.database import DatabaseAt
from models.reads.statement import rows
from operations.sync.push import push_due
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.clock import Clock
from tests.world import EMAIL, PASSWORD, World, simulated


@pytest.fixture
async def world(database: DatabaseAt) -> World:
    """Three vendors, both ways, with their own default owners; services have been read."""
    clock = Clock()
    world = World(
        at=database,
        clock=clock,
        servicenow=simulated(clock),
        jira=Jira(now=clock.now, account=JiraAccount(email=EMAIL, token=PASSWORD)),
        pagerduty=PagerDuty(now=clock.now, account=Account(token=PASSWORD, email=EMAIL)),
        kinds=frozenset({RecordKind.INCIDENT, RecordKind.SERVICE}),
    )
    for key, provider in (
        ("prod-snow", "servicenow"),
        ("prod-jira", "jira"),
        ("prod-pd", "pagerduty"),
    ):
        await world.register(
            key=key, provider=provider, direction=Direction.BIDIRECTIONAL, follows=False
        )
    await world.sync()
    return world


@pytest.fixture
def settle(world: World) -> Callable[[], Awaitable[None]]:
    """Pull and push until nothing is under way."""

    async def run() -> None:
        for _ in range(4):
            world.clock.move(seconds=40)
            await push_due(world.runtime)
            await world.sync()
        waiting = await rows("SELECT id FROM lane WHERE due_at IS NOT NULL AND NOT is_blocked")
        assert waiting == []

    return run
