"""Each vendor's records, mirrored and compared: what is equal makes no difference."""

import pytest

from domain.records import Direction
from models.database import DatabaseAt
from models.reads.statement import rows
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account as PagerDutyAccount
from tests.clock import Clock
from tests.operations.reconcile.drifting import Drifting, items, told
from tests.world import EMAIL, PASSWORD, World, simulated


async def _mirrored(world: World, provider: str) -> Drifting:
    await world.register(
        key=f"prod-{provider}", provider=provider, direction=Direction.BIDIRECTIONAL, follows=False
    )
    await world.sync()
    world.clock.move(minutes=10)
    await world.sync()
    found = await rows("SELECT number FROM incident ORDER BY id")
    return Drifting(world=world, numbers=[row["number"] for row in found])


async def test_a_whole_log_of_servicenow_makes_an_empty_plan(
    database: DatabaseAt, clock: Clock
) -> None:
    world = World(at=database, clock=clock, servicenow=simulated(clock, rows=5_998))
    plan = await (await _mirrored(world, "servicenow")).plan()
    assert [(one["field"], one["because"]) for one in await items(plan)] == []
    assert (plan["status"], plan["compared"]) == ("READY", 890)


def _jira(clock: Clock) -> Jira:
    site = Jira(now=clock.now, account=JiraAccount(email=EMAIL, token=PASSWORD))
    for place in range(6):
        made = site.create(
            "[System] Incident", {"summary": f"a{place}", "labels": ["b", "a"][: place % 3]}
        )
        site.comment(made["key"], "seen")
    return site


def _pagerduty(clock: Clock) -> PagerDuty:
    account = PagerDuty(now=clock.now, account=PagerDutyAccount(token=PASSWORD, email=EMAIL))
    for place in range(6):
        made = account.trigger(f"a{place}")
        if place % 2:
            account.acknowledge(made["id"])
        if place % 3 == 2:
            account.resolve(made["id"])
    return account


@pytest.mark.parametrize("provider", ["jira", "pagerduty"])
async def test_an_account_of_any_vendor_makes_an_empty_plan(
    database: DatabaseAt, clock: Clock, provider: str
) -> None:
    world = World(
        at=database,
        clock=clock,
        servicenow=simulated(clock),
        jira=_jira(clock),
        pagerduty=_pagerduty(clock),
    )
    clock.move(seconds=30)
    drifting = await _mirrored(world, provider)
    plan = await drifting.plan()
    assert [(one["field"], one["because"]) for one in await items(plan)] == []
    assert (plan["status"], plan["compared"]) == ("READY", 6)

    # and a title that slipped here is found
    await drifting.here(0, title="x")
    plan = await drifting.plan()
    assert await told(plan) == [("title", "PUSH", "NOT_RUN")]
    healed = await drifting.plan(plan_hash=plan["hash"])
    assert healed["healed"] == 1
    assert await drifting.push() == 1
    assert (await drifting.plan())["item_count"] == 0
