"""Three vendors who may knock at the webhooks' door, and tickets that are watched."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from models.database import DatabaseAt
from operations.integrations.credentials import SetCredentials, set_credentials
from tests.clock import Clock
from tests.operations.sla.watched import POLICY, Watched
from tests.web.door import SECRET, knocking
from tests.web.proof import CLIENT, NEXT
from tests.world import ADMIN, World, simulated


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def world(database: DatabaseAt, clock: Clock) -> World:
    """Three integrations that listen; Jira's is a Connect app."""
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    own = {"webhook_secret": SECRET, "webhook_secret_next": NEXT}
    secrets = {
        ("snow", "servicenow"): own,
        ("jsm", "jira"): {"shared_secret": SECRET, "client_key": CLIENT},
        ("pd", "pagerduty"): own,
    }
    for (key, provider), values in secrets.items():
        await world.register(key=key, provider=provider)
        ask = SetCredentials(integration_id=world.integration_id, values=values)
        await set_credentials(world.runtime, ADMIN, ask)
    return world


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    seconds = iter(range(10_000))
    async with knocking(world.runtime, lambda: next(seconds)) as http:
        yield http


@pytest.fixture
async def watched(database: DatabaseAt, tmp_path: Path) -> Watched:
    """A world whose tickets are watched; nothing has been sent yet, and it is ten o'clock."""
    watched = Watched(database=database, path=tmp_path / "sla_config.yaml")
    await watched.go_by(POLICY)
    return watched
