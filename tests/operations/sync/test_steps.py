"""A vendor's clock that steps back takes every kind, and every version, with it (rule W7)."""

from datetime import timedelta

from domain.records import RecordKind
from models.database import DatabaseAt
from models.reads.statement import rows
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from tests.clock import Clock
from tests.world import EMAIL, PASSWORD, World, simulated


async def _quiet(world: World) -> None:
    for _ in range(3):
        world.clock.move(seconds=61)
        await world.sync()


async def test_each_kind_is_read_again_from_where_the_clock_stepped(
    database: DatabaseAt, clock: Clock
) -> None:
    kinds = frozenset({RecordKind.INCIDENT, RecordKind.CHANGE})
    world = World(at=database, clock=clock, servicenow=simulated(clock), kinds=kinds)
    await world.register()
    down = world.servicenow.create({"short_description": "Down"})
    made = world.servicenow.create({"short_description": "Deploy"}, table="change_request")
    await _quiet(world)

    world.servicenow.switches.skew -= timedelta(minutes=10)
    world.servicenow.edit(made["number"], {"short_description": "Twice"}, table="change_request")
    world.servicenow.edit(down["number"], {"short_description": "Down again"})
    await _quiet(world)

    assert [row["title"] for row in await rows("SELECT title FROM change")] == ["Twice"]
    assert [row["title"] for row in await rows("SELECT title FROM incident")] == ["Down again"]


async def test_a_version_without_a_count_is_not_stale_behind_a_clock_that_stepped(
    database: DatabaseAt, clock: Clock
) -> None:
    site = Jira(now=clock.now, account=Account(email=EMAIL, token=PASSWORD))
    world = World(at=database, clock=clock, servicenow=simulated(clock), jira=site)
    await world.register(provider="jira")
    made = site.create("[System] Incident", {"summary": "Down"})
    await _quiet(world)

    site.switches.skew -= timedelta(minutes=10)
    site.edit(made["key"], {"summary": "Down again"})
    await _quiet(world)

    assert [row["title"] for row in await rows("SELECT title FROM incident")] == ["Down again"]


async def test_a_version_of_the_clocks_former_future_hides_none_after_it(
    database: DatabaseAt, clock: Clock
) -> None:
    site = Jira(now=clock.now, account=Account(email=EMAIL, token=PASSWORD))
    world = World(at=database, clock=clock, servicenow=simulated(clock), jira=site)
    await world.register(provider="jira")
    made = site.create("[System] Incident", {"summary": "Down"})
    await _quiet(world)

    # given a version that is read once more after the clock has stepped to before it
    site.switches.skew -= timedelta(minutes=10)
    await _quiet(world)
    clock.move(seconds=1)
    site.edit(made["key"], {"summary": "Down again"})
    await _quiet(world)

    assert [row["title"] for row in await rows("SELECT title FROM incident")] == ["Down again"]
