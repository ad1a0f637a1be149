import pytest

from domain.exchange import ConflictStrategy
from domain.records import Direction
from models.database import DatabaseAt
from models.tables.integration import IntegrationRow
from operations.incidents.link import LinkIncident, link_incident
from tests.operations.conflicts.quarrel import Quarrel, beginning
from tests.world import ADMIN


@pytest.fixture
async def calm(database: DatabaseAt) -> Quarrel:
    """An incident of which both sides hold the same, a."""
    return await beginning(database)


@pytest.fixture
async def quarrel(calm: Quarrel) -> Quarrel:
    """The same, with an open conflict: p here against x there."""
    await calm.begin()
    return calm


@pytest.fixture
async def three(calm: Quarrel) -> list[Quarrel]:
    """Three open conflicts: p0 here against x0 there, and so on."""
    assert calm.world.jira is not None
    found = [calm]
    for _ in range(2):
        issue = calm.world.jira.create("[System] Incident", {"summary": "a"})
        found.append(Quarrel(world=calm.world, key=issue["key"]))
    await calm.sync()
    for place, one in enumerate(found):
        await one.begin(f"p{place}", f"x{place}")
    return found


@pytest.fixture
async def both(calm: Quarrel) -> Quarrel:
    """The incident without a conflict, which ServiceNow has as well."""
    world, incident_id = calm.world, (await calm.ours())["id"]
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    await IntegrationRow.all().update(conflict_strategy=ConflictStrategy.MANUAL_REVIEW)
    made = world.servicenow.create({"short_description": "a"})
    ask = LinkIncident(
        incident_id=incident_id, integration_id=world.integration_id, external_id=made["sys_id"]
    )
    await link_incident(world.runtime, ADMIN, ask)
    await calm.sync()
    calm.number = made["number"]
    return calm
