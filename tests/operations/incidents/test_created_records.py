"""A record that we create is made once and known again (rules I1 to I4, vector I-a)."""

from collections.abc import Awaitable, Callable

import pytest
from tortoise.exceptions import IntegrityError

from models.database import DatabaseAt
from models.reads.statement import rows
from operations.sync.push import push_due
from simulators.misfortune import Fault, Kind
from tests import given
from tests.operations.incidents.test_three_vendors import created, incident, links
from tests.world import World, count

Settle = Callable[[], Awaitable[None]]
LOST = Fault(kind=Kind.LOST, method="POST")
# The site's first ids.
_NUMBERS = range(10_001, 10_050)


def lose_the_answer(world: World, at: str) -> None:
    """Let the vendor carry out the next create, and its answer be lost."""
    assert world.jira is not None
    assert world.pagerduty is not None
    match at:
        case "prod-snow":
            world.servicenow.misfortunes.push(LOST)
        case "prod-jira":
            path = "/rest/api/3/issue"
            world.jira.misfortunes.push(Fault(kind=Kind.LOST, method="POST", path=path))
        case _:
            world.pagerduty.misfortunes.push(LOST)


def records(world: World, at: str) -> int:
    """Return how many incidents a vendor has."""
    assert world.jira is not None
    assert world.pagerduty is not None
    match at:
        case "prod-snow":
            return world.servicenow.records.store.count("incident")
        case "prod-jira":
            store = world.jira.records.store
            return sum(store.issue(number) is not None for number in _NUMBERS)
        case _:
            return world.pagerduty.store.count("incident")


@pytest.mark.parametrize("at", ["prod-snow", "prod-jira", "prod-pd"])
async def test_i_a_a_create_whose_answer_was_lost_is_found_by_our_id(
    world: World, settle: Settle, at: str
) -> None:
    lose_the_answer(world, at)
    incident_id = await created(world, at)
    assert await push_due(world.runtime) == 0
    assert records(world, at) == 1

    # when it is tried again
    world.clock.move(seconds=30)
    await push_due(world.runtime)

    # then there is one record and one link
    assert records(world, at) == 1
    assert sorted(await links(incident_id)) == [at]
    await settle()
    assert (await count("incident"), await count("incident_link")) == (1, 1)
    assert records(world, at) == 1


@pytest.mark.parametrize("at", ["prod-snow", "prod-jira", "prod-pd"])
async def test_i3b_a_record_that_is_pulled_before_its_answer_is_ours(
    world: World, settle: Settle, at: str
) -> None:
    lose_the_answer(world, at)
    incident_id = await created(world, at)
    await push_due(world.runtime)

    # when a pull finds it before the create is tried again
    world.clock.move(seconds=5)
    await world.sync()

    # then it is linked by our id, and the create is not made again
    assert sorted(await links(incident_id)) == [at]
    await settle()
    assert records(world, at) == 1
    assert (await count("incident"), await count("incident_link")) == (1, 1)
    assert await rows("SELECT id FROM outbox WHERE state IN ('READY', 'DEAD')") == []


async def test_a_vendor_that_is_down_gets_its_record_when_it_is_back(
    world: World, settle: Settle
) -> None:
    # given two vendors, of which one answers nothing but errors
    down = Fault(kind=Kind.ERROR, status=503, times=None)
    world.servicenow.misfortunes.push(down)
    incident_id = await created(world, "prod-snow", "prod-jira")
    await push_due(world.runtime)

    # then the incident is here and at the other
    assert (await incident(incident_id))["title"] == "It burns"
    assert sorted(await links(incident_id)) == ["prod-jira"]

    # and at the first as soon as that is back
    world.servicenow.misfortunes.clear()
    await settle()
    assert sorted(await links(incident_id)) == ["prod-jira", "prod-snow"]
    assert records(world, "prod-snow") == 1


async def test_i1_a_readable_key_may_change(world: World, settle: Settle) -> None:
    incident_id = await created(world, "prod-snow")
    await settle()
    before = (await links(incident_id))["prod-snow"]
    world.servicenow.records.store.change(
        "incident", before["external_id"], {"number": "INC7654321"}
    )
    world.servicenow.edit(before["external_id"], {"state": "2"})
    await settle()
    after = (await links(incident_id))["prod-snow"]
    assert (after["id"], after["external_id"]) == (before["id"], before["external_id"])
    assert after["external_key"] == "INC7654321"
    assert (await incident(incident_id))["status"] == "IN_PROGRESS"
    assert await count("incident") == 1


async def test_i2_no_record_has_two_links_and_no_incident_two_of_one_vendor(
    database: DatabaseAt,  # noqa: ARG001 — it has to be open
) -> None:
    at = await given.integration("prod-snow")
    one, other = [await given.incident(title) for title in "ab"]
    await given.link(one, at, external_id="x")
    with pytest.raises(IntegrityError):
        await given.link(other, at, external_id="x")
    with pytest.raises(IntegrityError):
        await given.link(one, at, external_id="y")
    await given.link(other, at, external_id="y")
