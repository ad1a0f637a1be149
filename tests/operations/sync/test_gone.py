"""When a vendor's word that a record is gone is believed (rule W9)."""

from datetime import timedelta

import pytest

from domain.records import Direction
from models.database import DatabaseAt
from models.reads.statement import rows
from models.tables.sync_run import WatermarkRow
from operations.incidents.edit import EditIncident, edit_incident
from operations.sync.pull import pull_due
from operations.sync.push import push_due
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.misfortune import Fault, Kind
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account as PagerDutyAccount
from tests.clock import Clock
from tests.operations.sync.mailed import Mailed, number
from tests.world import ADMIN, EMAIL, PASSWORD, World, simulated


@pytest.fixture
async def world(database: DatabaseAt, clock: Clock) -> World:
    """A bidirectional instance without incidents."""
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    return world


async def mirrored(world: World, count: int) -> list[str]:
    """Make incidents at the instance and mirror them; return the ids that they have there."""
    made = [world.servicenow.create({"short_description": f"{n}"}) for n in range(count)]
    await world.sync()
    world.clock.move(seconds=10)
    return [row["sys_id"] for row in made]


async def write(world: World, external_id: str) -> str:
    """Write to a record; return what became of it."""
    (link,) = await rows(
        "SELECT incident_id FROM incident_link WHERE external_id = $1", external_id
    )
    ask = EditIncident(incident_id=link["incident_id"], fields={"title": "It burns"})
    await edit_incident(world.runtime, ADMIN, ask)
    assert await push_due(world.runtime) == 0
    (last,) = await rows("SELECT code FROM outbox ORDER BY id DESC LIMIT 1")
    return str(last["code"])


async def deleted() -> int:
    (found,) = await rows("SELECT count(*) AS n FROM incident WHERE deleted_at IS NOT NULL")
    return int(found["n"])


async def censuses() -> list[str]:
    """Return how the censuses have ended, the oldest first."""
    found = await rows("SELECT status FROM sync_run WHERE phase = 'CENSUS' ORDER BY queued_at, id")
    return [row["status"] for row in found]


async def test_a_right_that_was_lost_deletes_nothing(world: World) -> None:
    # given 30 of 100 records that the account may not see any more
    ids = await mirrored(world, 100)
    world.servicenow.switches.unreadable = set(ids[:30])

    # when some of them are written to, the vendor says that it has no such record
    assert await write(world, ids[0]) == "RECORD_GONE"
    assert await deleted() == 0

    # then a census comes at once, and is not believed
    await pull_due(world.runtime)
    assert await censuses() == ["FAILED"]
    assert await deleted() == 0

    # and neither are more such answers a reason for another within the hour
    assert await write(world, ids[1]) == "RECORD_GONE"
    await pull_due(world.runtime)
    assert await censuses() == ["FAILED"]
    world.clock.move(seconds=3600)
    await pull_due(world.runtime)
    assert await censuses() == ["FAILED", "FAILED"]
    assert await deleted() == 0

    # when the right is back, all is as it was
    world.servicenow.switches.unreadable = set()
    ask = EditIncident(
        incident_id=(await rows("SELECT incident_id FROM incident_link LIMIT 1"))[0]["incident_id"],
        fields={"title": "It burns higher"},
    )
    await edit_incident(world.runtime, ADMIN, ask)
    assert await push_due(world.runtime) == 1


async def test_a_census_that_is_due_sooner_is_not_put_off(world: World) -> None:
    ids = await mirrored(world, 1)
    soon = world.clock.now() - timedelta(seconds=1)
    await WatermarkRow.all().update(next_census_at=soon)
    world.servicenow.delete(ids[0])
    await write(world, ids[0])
    assert (await WatermarkRow.get()).next_census_at == soon


async def test_what_is_said_of_a_record_that_is_not_mirrored_is_no_reason_for_a_census(
    mailed: Mailed,
) -> None:
    before = (await WatermarkRow.get()).next_census_at
    made = mailed.world.servicenow.create({"short_description": "Short-lived"})
    await mailed.letters()
    mailed.world.servicenow.delete(made["number"])
    await mailed.deliver()
    assert (await WatermarkRow.get()).next_census_at == before


async def test_deletions_that_are_told_are_counted_together(mailed: Mailed) -> None:
    world = mailed.world
    others = [world.servicenow.create({"short_description": f"{n}"}) for n in range(3)]
    await mailed.deliver()
    world.clock.move(seconds=10)
    for name in (number(mailed), *(row["number"] for row in others)):
        world.servicenow.delete(name)
    await mailed.deliver()
    assert await deleted() == 0
    await pull_due(world.runtime)
    assert (await deleted(), await censuses()) == (4, ["SUCCEEDED"])


async def test_a_jira_site_hides_too(world: World) -> None:
    account = JiraAccount(email=EMAIL, token=PASSWORD)
    world.jira = site = Jira(now=world.clock.now, account=account)
    await world.register(
        key="desk", provider="jira", direction=Direction.BIDIRECTIONAL, follows=False
    )
    made = site.create("[System] Incident", {"summary": "a"})
    await world.sync()
    world.clock.move(seconds=10)
    site.delete(made["key"])
    assert await write(world, str(made["id"])) == "RECORD_GONE"
    assert await deleted() == 0
    await pull_due(world.runtime)
    assert await deleted() == 1


async def test_a_vendor_that_answers_otherwise_without_a_right_is_believed_at_once(
    world: World,
) -> None:
    account = PagerDutyAccount(token=PASSWORD, email=EMAIL)
    world.pagerduty = pager = PagerDuty(now=world.clock.now, account=account)
    await world.register(
        key="pd", provider="pagerduty", direction=Direction.BIDIRECTIONAL, follows=False
    )
    made = pager.trigger("a")
    await world.sync()
    world.clock.move(seconds=10)
    gone = Fault(kind=Kind.ERROR, status=404, path=f"/incidents/{made['id']}", times=None)
    pager.misfortunes.push(gone)
    assert await write(world, made["id"]) == "RECORD_GONE"
    assert await deleted() == 1
    assert await censuses() == []
