"""All that a vendor has a place for is sent to it, without a setting."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import pytest

from adapters.registry import manifest
from domain.records import FieldValue, Owner
from models.coding import loads
from models.reads.statement import rows
from operations.incidents.edit import EditIncident, edit_incident
from operations.sync.terms import written_fields
from tests.operations.incidents.test_three_vendors import created, links
from tests.world import ADMIN, World

Settle = Callable[[], Awaitable[None]]
# Of each field a value that each vendor can hold.
EDITED: Final[Mapping[str, FieldValue]] = {
    "title": "It burns higher",
    "description": "flames",
    "severity": "SEV1",
    "priority": "P1",
    "status": "RESOLVED",
    "labels": ["db"],
}
# They name people and groups, whom each vendor has to know.
_NAMED: Final = frozenset({"assignee", "escalationPolicy"})


@pytest.mark.parametrize(
    ("at", "provider"),
    [("prod-snow", "servicenow"), ("prod-jira", "jira"), ("prod-pd", "pagerduty")],
)
async def test_each_field_that_a_vendor_has_is_sent_unless_it_owns_it(
    world: World, settle: Settle, at: str, provider: str
) -> None:
    incident_id = await created(world, at)
    await settle()
    owned = {
        name for name, owner in manifest(provider).ownership.items() if owner is Owner.EXTERNAL
    }
    sent = (written_fields(provider) & EDITED.keys()) - owned

    ask = EditIncident(incident_id=incident_id, fields=EDITED)
    warned = {one.field for one in (await edit_incident(world.runtime, ADMIN, ask)).warnings}
    await settle()

    assert warned == EDITED.keys() - sent
    held = loads((await links(incident_id))[at]["base"])
    assert {name: held[name] for name in sent} == {name: EDITED[name] for name in sent}
    assert await rows("SELECT id FROM outbox WHERE state IN ('READY', 'DEAD')") == []


@pytest.mark.parametrize("provider", ["servicenow", "jira", "pagerduty"])
def test_no_field_that_can_be_sent_is_left_out_above(provider: str) -> None:
    closing = {"closeCode", "closeNotes"}
    assert written_fields(provider) - EDITED.keys() - _NAMED - closing == set()
