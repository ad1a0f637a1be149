"""Differences scattered over many incidents, behind the backs of both sides."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from domain.records import Direction
from domain.sync.drift import MOST_ITEMS
from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.reconcile.ask import Reconcile, reconcile
from operations.reconcile.run import reconcile_due
from operations.sync.push import push_due
from tests.world import ADMIN, World

_STAMP: Final = "%Y-%m-%d %H:%M:%S"
# What is told of an incident by either side, for comparing all of it.
_COLUMNS: Final = "title, description, status, severity, priority, assignee, labels, extra"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One way in which a field comes apart, and how it is healed.

    column: of the side that slips; text: what stands in it then.
    is_here: it is our side; else the vendor's.
    """

    field: str
    column: str
    text: str
    is_here: bool
    action: str


SLIPS: Final = (
    Slip(field="title", column="short_description", text="t", is_here=False, action="PUSH"),
    Slip(field="description", column="description", text="d", is_here=True, action="PUSH"),
    Slip(field="status", column="state", text="2", is_here=False, action="PULL"),
    Slip(field="assignee", column="assignee", text="nobody", is_here=True, action="PULL"),
    Slip(field="u_symptom", column="u_symptom", text="s", is_here=False, action="PULL"),
)
# Of these what slipped stands, since its side has the last word on them; the others go back.
STANDS: Final = frozenset({"description", "status", "u_symptom"})

Expected = set[tuple[str, str, str]]


def fill(world: World, incidents: int) -> list[str]:
    """Give the vendor so many incidents, a hundred in each second; return their numbers."""
    made = world.servicenow.create({"impact": "3", "urgency": "3"})
    first: datetime = world.clock.now() - timedelta(seconds=incidents // 100 + 60)

    def lines() -> Iterator[Mapping[str, str]]:
        for place in range(1, incidents):
            at = (first + timedelta(seconds=place // 100)).strftime(_STAMP)
            yield made | {
                "sys_id": f"{place:032x}",
                "number": f"INC{place:07}",
                "short_description": f"title {place}",
                "sys_created_on": at,
                "sys_updated_on": at,
            }

    world.servicenow.records.store.add("incident", lines())
    return [f"INC{place:07}" for place in range(1, incidents)]


async def slip(world: World, numbers: list[str], fields: int, *, seed: int) -> Expected:
    """Let so many fields come apart, each of another incident; return what a plan is to list."""
    chance = Random(seed)  # noqa: S311 — repeatable, protects nothing
    chosen = chance.sample(numbers, fields)
    ways = [(number, SLIPS[place % len(SLIPS)]) for place, number in enumerate(chosen)]
    store = world.servicenow.records.store
    for number, way in ways:
        if not way.is_here:
            store.change("incident", _sys_id(number), {way.column: way.text})

    async def write(tx: Transaction) -> None:
        for number, way in ways:
            if way.is_here:
                await tx.rows(
                    f"UPDATE incident SET {way.column} = $2 WHERE number = $1 RETURNING id",  # noqa: S608 — a test's own words
                    number,
                    way.text,
                )

    await commit(write)
    return {(_sys_id(number), way.field, way.action) for number, way in ways}


async def prepared(world: World, incidents: int) -> list[str]:
    """Mirror so many incidents of a bidirectional vendor; return the numbers of those to slip."""
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    numbers = fill(world, incidents)
    run = await world.sync()
    assert (run["status"], run["written"]) == ("SUCCEEDED", incidents)
    world.clock.move(minutes=5)
    return numbers


async def plan(world: World, **ask: Any) -> dict[str, Any]:  # noqa: ANN401 — what is asked for
    """Have a plan made or healed; return it."""
    wanted = Reconcile(integration_id=world.integration_id, wait=timedelta(0), **ask)
    asked = await reconcile(world.runtime, ADMIN, wanted)
    await reconcile_due(world.runtime)
    (row,) = await rows("SELECT * FROM drift_plan WHERE id = $1", asked.plan_id)
    return row


async def listed(plan_id: str) -> list[tuple[str, str, str]]:
    """Return record, field and action of a plan's items."""
    found = await rows(
        "SELECT external_id, field, action FROM drift_item WHERE plan_id = $1", plan_id
    )
    return [(row["external_id"], row["field"], row["action"]) for row in found]


async def push_all(world: World) -> int:
    """Send all that is queued."""
    sent = 0
    while more := await push_due(world.runtime):
        sent += more
    return sent


async def both_sides(world: World) -> dict[str, tuple[tuple[object, ...], tuple[str, ...]]]:
    """Return all that either side has of each incident, but for what only counts its edits."""
    told = ("short_description", "description", "state", "priority", "assigned_to", "u_symptom")
    found = await rows(f"SELECT number, {_COLUMNS} FROM incident")  # noqa: S608 — a test's own words
    return {
        row["number"]: (
            tuple(row[name.strip()] for name in _COLUMNS.split(",")),
            tuple(map(world.servicenow.record(row["number"]).__getitem__, told)),
        )
        for row in found
    }


def _sys_id(number: str) -> str:
    return f"{int(number.removeprefix('INC')):032x}"


Report = Callable[[str], None]


async def trial(
    world: World, *, incidents: int, fields: int, seed: int = 7, report: Report = print
) -> None:
    """Let both sides come apart and together again, and see that nothing else was touched."""
    numbers = await prepared(world, incidents)
    report(f"{incidents} incidents mirrored")
    before = await both_sides(world)
    expected = await slip(world, numbers, fields, seed=seed)

    # a plan lists exactly these
    made = await plan(world)
    assert (made["status"], made["item_count"], made["compared"]) == ("READY", fields, incidents)
    items = await listed(made["id"])
    assert len(items) == fields
    assert set(items) == expected
    report(f"{fields} differences listed")

    # its hash heals exactly these
    healed = await plan(world, plan_hash=made["hash"], confirms_large=fields > MOST_ITEMS)
    assert (healed["status"], healed["healed"]) == ("DONE", fields)
    report("healed")
    pushes = sum(action == "PUSH" for *_, action in expected)
    assert await push_all(world) == pushes
    report(f"{pushes} writes sent")

    # and all but the values that stand is as it was
    after = await both_sides(world)
    moved = {of for of, field, _ in expected if field in STANDS}
    assert {_sys_id(number) for number in before if before[number] != after[number]} == moved

    # a second plan finds none
    again = await plan(world)
    assert (again["status"], again["item_count"], again["compared"]) == ("READY", 0, incidents)
    report("nothing differs")
