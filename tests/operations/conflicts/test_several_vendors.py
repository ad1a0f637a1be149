"""A word on a conflict with one vendor, where the incident has another."""

from domain.exchange import ConflictSide
from models.coding import loads
from models.reads.statement import rows
from operations.conflicts.resolve import ResolveConflict, resolve_conflict
from tests.operations.conflicts.quarrel import Quarrel
from tests.world import ADMIN


async def test_the_value_that_is_taken_goes_to_the_others(both: Quarrel) -> None:
    await both.begin()
    await both.push()
    assert both.at_servicenow == "p"
    await both.resolve(ConflictSide.EXTERNAL)
    assert await both.push() == 1
    assert (both.theirs, both.at_servicenow) == ("x", "x")
    assert (await both.title())[0] == "x"


async def test_a_conflict_with_another_vendor_follows_and_holds_the_value_back(
    both: Quarrel,
) -> None:
    # given conflicts of one field with two vendors
    await both.edit("p")
    both.world.clock.move(seconds=1)
    both.world.servicenow.edit(both.number, {"short_description": "s"})
    await both.told("x")
    found = await rows(
        """
        SELECT c.id, n.key FROM conflict c JOIN integration n ON n.id = c.integration_id
        WHERE c.open_slot = 1
        """
    )
    standing = {row["key"]: row["id"] for row in found}
    assert sorted(standing) == ["prod-jira", "prod-snow"]

    # when Jira's value is taken
    ask = ResolveConflict(conflict_id=standing["prod-jira"], keep=ConflictSide.EXTERNAL)
    await resolve_conflict(both.world.runtime, ADMIN, ask)
    await both.push()

    # then ServiceNow keeps its own until a person has said which holds there
    assert both.at_servicenow == "s"
    (other,) = await rows("SELECT * FROM conflict WHERE id = $1", standing["prod-snow"])
    assert (other["status"], loads(other["platform_value"]), other["version"]) == ("OPEN", "x", 2)
    ask = ResolveConflict(conflict_id=standing["prod-snow"], keep=ConflictSide.PLATFORM)
    await resolve_conflict(both.world.runtime, ADMIN, ask)
    assert await both.push() == 1
    assert (both.theirs, both.at_servicenow) == ("x", "x")


async def test_what_another_vendor_says_becomes_our_side_of_the_conflict(both: Quarrel) -> None:
    # given a title that ServiceNow owns, and a conflict about it with Jira
    await both.world.follow("servicenow")
    await both.begin()
    standing = await both.conflict()

    # when it is edited at ServiceNow
    both.world.clock.move(seconds=60)
    both.world.servicenow.edit(both.number, {"short_description": "s"})
    await both.sync()
    await both.push()

    # then the conflict is between that and Jira's value, which nothing replaces
    assert await both.title() == ("s", 2)
    assert await both.state() == ("OPEN", "s", "x", 2)
    assert (await both.conflict())["id"] == standing["id"]
    assert both.theirs == "x"
    await both.resolve(ConflictSide.PLATFORM)
    await both.push()
    assert both.theirs == "s"


async def test_drift_leaves_what_another_vendor_gave_and_this_one_does_not_take(
    both: Quarrel,
) -> None:
    # given an incident that is resolved at ServiceNow and then at Jira
    assert both.world.jira is not None
    both.world.jira.transition(both.key, "Work in progress")
    await both.sync()
    await both.push()
    done = {"state": "6", "close_code": "Solved", "close_notes": "done"}
    both.world.servicenow.edit(both.number, done)
    await both.sync()
    both.world.jira.transition(both.key, "Completed")
    await both.sync()

    # when ServiceNow is compared, which takes no time of a resolution from us
    before = (await both.ours())["resolved_at"]
    assert (await both.drift())["resolvedAt"] == "SKIP_DIRECTION"

    # then healing leaves Jira's
    await both.heal()
    assert (await both.ours())["resolved_at"] == before
    assert (await both.drift())["resolvedAt"] == "SKIP_DIRECTION"
