"""Mirrored tickets: what a vendor tells of them has its place in their histories."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from domain.records import Direction, RecordKind
from models.database import DatabaseAt
from models.reads.statement import rows
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from tests.clock import Clock
from tests.operations.sync.mailed import Mailed
from tests.world import EMAIL, PASSWORD, World, simulated

_CASE = "sn_customerservice_case"
_OPEN, _PENDING, _NEW = "10", "18", "1"
# What the instance asks of a case that is resolved.
_DONE = {"state": "6", "resolution_code": "1", "close_notes": "Paid"}


@dataclass(slots=True, kw_only=True)
class Desk:
    """A worker that mirrors the cases of an instance, and one case there."""

    world: World
    number: str = ""
    made: float = field(default=0.0)

    def open(self, **columns: str) -> None:
        """Make the case."""
        told = {"short_description": "I cannot pay", "priority": "3"} | columns
        self.number = self.world.servicenow.create(told, table=_CASE)["number"]
        self.made = self.world.clock.now().timestamp()

    def edit(self, *, minutes: int, **columns: str) -> None:
        """Change the case, so many minutes after what happened last."""
        self.world.clock.move(seconds=timedelta(minutes=minutes).total_seconds())
        self.world.servicenow.edit(self.number, columns, table=_CASE)

    async def history(self) -> list[tuple[int, str, str]]:
        """Return minutes since the case was made, status and priority of each step."""
        found = await rows("SELECT s.at, s.status, s.priority FROM ticket_step s ORDER BY s.at")
        return [
            (round((row["at"] / 1_000 - self.made) / 60), row["status"], row["priority"])
            for row in found
        ]


@pytest.fixture
async def desk(quick_database: DatabaseAt) -> Desk:
    clock = Clock()
    world = World(
        at=quick_database,
        clock=clock,
        servicenow=simulated(clock),
        kinds=frozenset({RecordKind.TICKET}),
    )
    await world.register()
    return Desk(world=world)


async def test_a_first_copy_has_what_the_vendors_own_history_tells(desk: Desk) -> None:
    desk.open(state=_OPEN)
    desk.edit(minutes=5, state=_PENDING)
    desk.edit(minutes=5, state=_OPEN, priority="1")
    desk.edit(minutes=5, **_DONE)

    await desk.world.sync()

    assert await desk.history() == [
        (0, "OPEN", "P3"),
        (5, "PENDING", "P3"),
        (10, "OPEN", "P1"),
        (15, "RESOLVED", "P1"),
    ]


async def test_a_case_that_was_never_changed_stands_since_it_was_made(desk: Desk) -> None:
    desk.open()
    await desk.world.sync()
    assert await desk.history() == [(0, "NEW", "P3")]


async def test_what_happened_between_two_pulls_is_in_the_history(desk: Desk) -> None:
    desk.open()
    await desk.world.sync()
    desk.edit(minutes=5, state=_OPEN)
    desk.edit(minutes=5, state=_PENDING)
    desk.edit(minutes=5, state=_OPEN)
    desk.world.clock.move(seconds=60)
    await desk.world.sync()

    told = [(0, "NEW", "P3"), (5, "OPEN", "P3"), (10, "PENDING", "P3"), (15, "OPEN", "P3")]
    assert await desk.history() == told

    # reading it all again tells nothing new
    await desk.world.sync()
    assert await desk.history() == told


async def test_where_the_vendor_hides_its_history_each_version_seen_is_a_step(desk: Desk) -> None:
    desk.world.servicenow.switches.closed_tables = {"sys_audit"}
    desk.open()
    desk.edit(minutes=5, state=_OPEN)
    await desk.world.sync()
    desk.edit(minutes=5, state=_PENDING)
    desk.edit(minutes=5, priority="1")
    desk.world.clock.move(seconds=60)
    await desk.world.sync()

    assert await desk.history() == [(5, "OPEN", "P3"), (15, "PENDING", "P1")]


async def test_deliveries_in_any_order_end_in_the_same_history(desk: Desk) -> None:
    mailed = Mailed(world=desk.world)
    desk.open()
    await desk.world.sync()
    await mailed.subscribe()
    letters = []
    for columns in ({"state": _OPEN}, {"state": _PENDING}, {"state": _OPEN}):
        desk.edit(minutes=5, **columns)
        letters += await mailed.letters()
    assert len(letters) == 3

    for letter in (letters[2], letters[0], letters[1], letters[0]):
        await mailed.deliver([letter])

    told = [(0, "NEW", "P3"), (5, "OPEN", "P3"), (10, "PENDING", "P3"), (15, "OPEN", "P3")]
    assert await desk.history() == told
    assert [row["status"] for row in await rows("SELECT status FROM ticket")] == ["OPEN"]

    # and the pull after them finds it so
    desk.world.clock.move(seconds=60)
    await desk.world.sync()
    assert await desk.history() == told


async def test_of_two_versions_of_one_second_the_later_stands(desk: Desk) -> None:
    desk.open()
    await desk.world.sync()
    desk.edit(minutes=5, state=_OPEN)
    await desk.world.sync()
    desk.edit(minutes=0, state=_PENDING)
    desk.world.clock.move(seconds=60)
    await desk.world.sync()

    assert await desk.history() == [(0, "NEW", "P3"), (5, "PENDING", "P3")]


async def test_what_a_vendor_may_not_change_here_is_no_step(quick_database: DatabaseAt) -> None:
    clock = Clock()
    world = World(
        at=quick_database,
        clock=clock,
        servicenow=simulated(clock),
        kinds=frozenset({RecordKind.TICKET}),
    )
    await world.register(direction=Direction.NONE)
    desk = Desk(world=world)
    desk.open()
    await world.sync()
    desk.edit(minutes=5, state=_OPEN)
    clock.move(seconds=60)
    await world.sync()

    assert await desk.history() == [(0, "NEW", "P3")]


async def test_a_changelog_tells_the_steps_of_a_service_request(
    quick_database: DatabaseAt,
) -> None:
    clock = Clock()
    jira = Jira(now=clock.now, account=Account(email=EMAIL, token=PASSWORD))
    world = World(
        at=quick_database,
        clock=clock,
        servicenow=simulated(clock),
        jira=jira,
        kinds=frozenset({RecordKind.TICKET}),
    )
    await world.register(key="prod-jira", provider="jira")
    made = jira.create("[System] Service request", {"summary": "A new chair"})
    desk = Desk(world=world, made=clock.now().timestamp())
    for status in ("In Progress", "Pending", "In Progress"):
        clock.move(seconds=300)
        jira.transition(made["key"], status, by="ann.lee")
    clock.move(seconds=60)
    await world.sync()

    told = [(minute, status) for minute, status, _ in await desk.history()]
    assert told == [(0, "NEW"), (5, "OPEN"), (10, "ON_HOLD"), (15, "OPEN")]
