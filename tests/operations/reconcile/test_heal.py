"""Both sides come together again by exactly what a plan says (rules R1 to R4)."""

import pytest

from domain.errors import PlanStale, PlanTooLarge
from domain.exchange import ConflictStrategy
from domain.records import Direction, Owner
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from models.tables.ownership import OwnershipRuleRow
from operations.incidents.edit import EditIncident, edit_incident
from operations.reconcile.run import reconcile_due
from tests.mirror import mirror
from tests.operations.reconcile.drifting import Drifting, items, told
from tests.world import ADMIN, count


async def test_equal_sides_make_an_empty_plan(drifting: Drifting) -> None:
    plan = await drifting.plan()
    assert (plan["status"], plan["compared"], plan["item_count"]) == ("READY", 12, 0)
    assert await items(plan) == []


async def test_a_field_that_the_platform_owns_is_sent(drifting: Drifting) -> None:
    # given a title that somebody changed in the vendor's database
    drifting.there(1, short_description="x")

    # when it is healed by the plan's hash
    plan = await drifting.plan()
    assert await told(plan) == [("title", "PUSH", "NOT_RUN")]
    healed = await drifting.plan(plan_hash=plan["hash"])
    assert (healed["id"], healed["status"], healed["healed"]) == (plan["id"], "DONE", 1)
    assert await drifting.push() == 1

    # then the vendor has ours again, and nothing differs any more
    assert drifting.theirs(1)["short_description"] == "a1"
    assert (await drifting.plan())["item_count"] == 0


async def test_a_field_that_the_vendor_owns_is_taken(drifting: Drifting) -> None:
    await drifting.here(1, assignee="nobody")
    plan = await drifting.plan()
    assert await told(plan) == [("assignee", "PULL", "NOT_RUN")]

    healed = await drifting.plan(plan_hash=plan["hash"])

    assert (healed["status"], healed["healed"]) == ("DONE", 1)
    assert (await drifting.ours(1))["assignee"] is None
    assert await count("outbox") == 0
    (edit,) = await rows("SELECT * FROM edit WHERE field = 'assignee'")
    assert (edit["source"], edit["reason"], edit["before"], edit["after"]) == (
        "RECONCILE",
        "OWNER_EXTERNAL",
        '"nobody"',
        "null",
    )
    assert (await drifting.plan())["item_count"] == 0


async def test_of_a_shared_field_the_side_that_has_changed_gives_the_value(
    drifting: Drifting,
) -> None:
    # given two statuses, of which one changed there and the other here
    drifting.there(1, state="2")
    await drifting.here(2, status="ON_HOLD")

    plan = await drifting.plan()
    assert sorted(await told(plan)) == [
        ("status", "PULL", "NOT_RUN"),
        ("status", "PUSH", "NOT_RUN"),
    ]
    await drifting.plan(plan_hash=plan["hash"])
    await drifting.push()

    assert (await drifting.ours(1))["status"] == "IN_PROGRESS"
    assert drifting.theirs(2)["state"] == "3"
    assert (await drifting.plan())["item_count"] == 0


async def _status_on_both_sides(drifting: Drifting) -> None:
    drifting.there(1, state="2")
    await drifting.here(1, status="ON_HOLD")


async def test_a_shared_field_that_changed_on_both_sides_is_judged_as_diverged(
    drifting: Drifting,
) -> None:
    await _status_on_both_sides(drifting)
    plan = await drifting.plan()
    assert await told(plan) == [("status", "CONFLICT", "NOT_RUN")]

    await drifting.plan(plan_hash=plan["hash"])

    (conflict,) = await rows("SELECT * FROM conflict")
    assert (conflict["kind"], conflict["status"]) == ("DIVERGED", "RESOLVED_EXTERNAL")
    assert (await drifting.ours(1))["status"] == "IN_PROGRESS"
    assert (await drifting.plan())["item_count"] == 0


async def test_a_conflict_that_people_decide_stays_open_and_is_healed_no_more(
    drifting: Drifting,
) -> None:
    await IntegrationRow.all().update(conflict_strategy=ConflictStrategy.MANUAL_REVIEW)
    await _status_on_both_sides(drifting)
    plan = await drifting.plan()
    await drifting.plan(plan_hash=plan["hash"])

    (conflict,) = await rows("SELECT * FROM conflict")
    assert (conflict["status"], conflict["platform_value"]) == ("OPEN", '"ON_HOLD"')
    again = await drifting.plan(heals=True)
    assert await told(again) == [("status", "SKIP_OPEN_CONFLICT", "SKIPPED")]
    assert (await drifting.ours(1))["status"] == "ON_HOLD"
    assert drifting.theirs(1)["state"] == "2"


async def test_a_plan_made_twice_has_the_same_hash_and_writes_nothing_else(
    drifting: Drifting,
) -> None:
    drifting.there(1, short_description="x")
    before = await mirror()

    plans = [await drifting.plan() for _ in range(2)]

    assert plans[0]["hash"] == plans[1]["hash"]
    assert plans[0]["id"] != plans[1]["id"]
    assert await mirror() == before
    assert await count("outbox") == 0
    drifting.there(2, short_description="y")
    assert (await drifting.plan())["hash"] != plans[0]["hash"]


async def test_what_changed_since_the_plan_is_left_as_it_is(drifting: Drifting) -> None:
    # given a plan of three, of which one is edited before it is healed
    for place in range(3):
        drifting.there(place, short_description="x")
    plan = await drifting.plan()
    drifting.there(2, short_description="y")
    # and something that the plan does not name
    drifting.there(7, short_description="z")

    healed = await drifting.plan(plan_hash=plan["hash"])

    assert healed["healed"] == 2
    assert sorted(outcome for *_, outcome in await told(plan)) == ["CHANGED", "HEALED", "HEALED"]
    await drifting.push()
    titles = [drifting.theirs(place)["short_description"] for place in (0, 1, 2, 7)]
    assert titles == ["a0", "a1", "y", "z"]


async def test_what_a_person_edited_since_the_plan_is_left_as_it_is(drifting: Drifting) -> None:
    drifting.there(1, state="2")
    plan = await drifting.plan()
    assert await told(plan) == [("status", "PULL", "NOT_RUN")]
    ask = EditIncident(incident_id=(await drifting.ours(1))["id"], fields={"status": "ON_HOLD"})
    await edit_incident(drifting.world.runtime, ADMIN, ask)

    await drifting.plan(plan_hash=plan["hash"])

    assert await told(plan) == [("status", "PULL", "CHANGED")]
    assert (await drifting.ours(1))["status"] == "ON_HOLD"


async def test_the_same_hash_again_does_nothing(drifting: Drifting) -> None:
    drifting.there(1, short_description="x")
    plan = await drifting.plan()
    await drifting.plan(plan_hash=plan["hash"])
    await drifting.push()
    drifting.there(1, short_description="x")

    again = await drifting.plan(plan_hash=plan["hash"])

    assert (again["id"], again["healed"]) == (plan["id"], 1)
    assert await drifting.push() == 0


async def test_a_plan_heals_itself_where_that_is_asked_for(drifting: Drifting) -> None:
    drifting.there(1, short_description="x")
    plan = await drifting.plan(heals=True)
    assert (plan["status"], plan["healed"]) == ("DONE", 1)
    assert await drifting.push() == 1


async def test_a_plan_is_stale_after_a_quarter_of_an_hour(drifting: Drifting) -> None:
    drifting.there(1, short_description="x")
    plan = await drifting.plan()
    drifting.world.clock.move(minutes=15)
    assert (await drifting.plan(plan_hash=plan["hash"]))["status"] == "DONE"

    drifting.there(2, short_description="x")
    plan = await drifting.plan()
    drifting.world.clock.move(minutes=15, seconds=1)
    with pytest.raises(PlanStale):
        await drifting.ask(plan_hash=plan["hash"])
    (row,) = await rows("SELECT status FROM drift_plan WHERE id = $1", plan["id"])
    assert row["status"] == "STALE"


async def test_a_plan_is_stale_when_an_owner_has_changed(drifting: Drifting) -> None:
    drifting.there(1, short_description="x")
    plan = await drifting.plan()
    runtime = drifting.world.runtime
    await OwnershipRuleRow.create(
        id=runtime.new_id(),
        integration_id=drifting.world.integration_id,
        field="title",
        owner=Owner.EXTERNAL,
        priority=0,
        set_at=runtime.now(),
        set_by="ada",
    )
    with pytest.raises(PlanStale):
        await drifting.ask(plan_hash=plan["hash"])


@pytest.mark.parametrize("direction", [Direction.NONE, Direction.INBOUND, Direction.OUTBOUND])
async def test_a_plan_is_stale_when_the_direction_has_changed(
    drifting: Drifting, direction: Direction
) -> None:
    drifting.there(1, short_description="x")
    plan = await drifting.plan()
    await IntegrationRow.all().update(direction=direction)
    with pytest.raises(PlanStale):
        await drifting.ask(plan_hash=plan["hash"])
    assert await count("outbox") == 0


async def test_a_large_plan_is_healed_only_when_its_hash_is_confirmed(
    drifting: Drifting,
) -> None:
    # given 24 fields of 12 incidents
    for place in range(12):
        drifting.there(place, short_description="x", description="y")

    # when it is to heal itself, it stops as a plan
    plan = await drifting.plan(heals=True)
    assert (plan["status"], plan["item_count"], plan["healed"]) == ("READY", 24, 0)
    assert "24 differences" in plan["error"]

    # and its hash alone is not enough
    with pytest.raises(PlanTooLarge):
        await drifting.ask(plan_hash=plan["hash"])
    assert await reconcile_due(drifting.world.runtime) == 0
    healed = await drifting.plan(plan_hash=plan["hash"], confirms_large=True)
    assert (healed["status"], healed["healed"]) == ("DONE", 24)


async def test_a_field_that_comes_apart_again_and_again_is_left_alone(
    drifting: Drifting,
) -> None:
    for _ in range(3):
        drifting.there(1, short_description="x")
        assert (await drifting.plan(heals=True))["healed"] == 1
        await drifting.push()
        drifting.world.clock.move(hours=1)
    drifting.there(1, short_description="x")
    plan = await drifting.plan(heals=True)
    assert await told(plan) == [("title", "SKIP_FLAPPING", "SKIPPED")]

    drifting.world.clock.move(hours=23)
    assert (await drifting.plan(heals=True))["healed"] == 1


async def test_what_is_on_its_way_is_not_queued_again(drifting: Drifting) -> None:
    drifting.there(1, short_description="x")
    await drifting.plan(heals=True)
    plan = await drifting.plan(heals=True)
    assert await told(plan) == [("title", "SKIP_PENDING", "SKIPPED")]
    assert await count("outbox") == 1


async def test_the_figure_counts_what_was_found(drifting: Drifting) -> None:
    drifting.there(1, short_description="x", description="y")
    await drifting.plan()
    await drifting.plan()
    (figure,) = await rows("SELECT value FROM sync_counter WHERE name = 'drift_discrepancies'")
    assert figure["value"] == 4
    entries = await rows("SELECT kind, message FROM event_log WHERE kind LIKE 'DRIFT%'")
    assert [(one["kind"], one["message"]) for one in entries] == [
        ("DRIFT_FOUND", "2 differences, 2 of them to be healed")
    ] * 2


async def test_a_plan_waits_for_whoever_makes_it(drifting: Drifting) -> None:
    first = await drifting.ask()
    second = await drifting.ask()
    assert (second.plan_id, second.is_already_running) == (first.plan_id, True)
