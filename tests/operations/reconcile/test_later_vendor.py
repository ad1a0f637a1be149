"""A vendor that has an incident later than another, and never had its earlier edits."""

import pytest

from domain.records import Direction
from models.coding import loads
from models.database import DatabaseAt
from operations.incidents.link import LinkIncident, link_incident
from tests.operations.conflicts.quarrel import beginning
from tests.world import ADMIN


@pytest.mark.parametrize("is_edit", [True, False], ids=["given by an edit", "from the beginning"])
async def test_what_a_vendor_cannot_hold_is_not_taken_off_for_it(
    database: DatabaseAt, *, is_edit: bool
) -> None:
    # given a label that people at Jira gave before ServiceNow, which has none, had the incident
    calm = await beginning(database)
    world, jira = calm.world, calm.world.jira
    assert jira is not None
    if is_edit:
        jira.edit(calm.key, {"labels": ["mail"]})
    else:
        calm.key = jira.create("[System] Incident", {"summary": "a", "labels": ["mail"]})["key"]
    await calm.sync()
    incident_id = (await calm.ours())["id"]
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    made = world.servicenow.create({"short_description": "a"})
    ask = LinkIncident(
        incident_id=incident_id, integration_id=world.integration_id, external_id=made["sys_id"]
    )
    await link_incident(world.runtime, ADMIN, ask)
    await calm.sync()

    # when both sides are compared
    await calm.heal()
    await calm.push()

    # then it stays on both
    assert loads((await calm.ours())["labels"]) == ["mail"]
    assert jira.issue(calm.key)["fields"]["labels"] == ["mail"]
