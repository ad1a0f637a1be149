"""The vectors of conflicts (rule F), each by its letter, with a vendor that answers."""

import asyncio
from datetime import timedelta

import pytest
from tortoise.exceptions import IntegrityError

from domain.errors import AlreadyResolved, Refused, Stale
from domain.exchange import ConflictSide, ConflictStatus, ConflictStrategy
from models.coding import to_milliseconds
from models.reads.statement import rows
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from operations.incidents.edit import EditIncident, edit_incident
from simulators.jira import adf
from simulators.misfortune import Fault, Kind
from tests.operations.conflicts.quarrel import Quarrel
from tests.rows.conflicts import conflict
from tests.world import ADMIN

PLATFORM, EXTERNAL = ConflictSide.PLATFORM, ConflictSide.EXTERNAL


async def test_f1_no_second_conflict_of_a_field_is_ever_open(quarrel: Quarrel) -> None:
    found = await quarrel.conflict()
    of = await IncidentRow.get(id=found["incident_id"])
    at = await IntegrationRow.get(id=found["integration_id"])
    with pytest.raises(IntegrityError):
        await conflict(of, at)
    # one that has ended is in nobody's way
    await conflict(of, at, status=ConflictStatus.IGNORED)


@pytest.mark.parametrize(
    ("seconds", "status", "title"),
    [(2, "RESOLVED_EXTERNAL", "x"), (-2, "RESOLVED_PLATFORM", "p")],
    ids=["theirs is later", "ours is later"],
)
async def test_f2_what_a_strategy_decides_is_stored_as_decided(
    calm: Quarrel, seconds: int, status: str, title: str
) -> None:
    await IntegrationRow.all().update(conflict_strategy=ConflictStrategy.LAST_WRITE_WINS)
    calm.world.clock.move(seconds=10)
    await calm.edit("p")
    assert calm.world.jira is not None
    calm.world.jira.switches.skew = timedelta(seconds=seconds)
    calm.world.jira.edit(calm.key, {"summary": "x"})
    calm.world.jira.switches.skew = timedelta(0)
    await calm.sync()
    found = await calm.conflict()
    assert (found["status"], found["resolved_by"]) == (status, "strategy:LAST_WRITE_WINS")
    assert found["resolved_at"] == found["detected_at"]
    assert (await calm.title())[0] == title
    assert await calm.figures() == {"conflicts_detected": 1, "conflicts_resolved": 1}
    assert await calm.heard() == ["RESOLVED"]
    await calm.push()
    assert calm.theirs == title


async def test_t_a_a_vendors_clock_that_is_ahead_makes_no_edit_later(calm: Quarrel) -> None:
    # given a vendor ten minutes ahead of us, whose answers have told so
    world = calm.world
    assert world.jira is not None
    last_write = ConflictStrategy.LAST_WRITE_WINS
    await IntegrationRow.all().update(conflict_strategy=last_write, skew_samples=[600_400] * 20)
    world.jira.switches.skew = timedelta(minutes=10)

    # when we edit three seconds after somebody there
    world.jira.edit(calm.key, {"summary": "x"})
    stamp = to_milliseconds(world.clock.now() + timedelta(minutes=10))
    world.clock.move(seconds=3)
    await calm.edit("p")
    await calm.sync()

    # then ours was later
    found = await calm.conflict()
    assert (found["kind"], found["status"]) == ("SIMULTANEOUS", "RESOLVED_PLATFORM")
    assert found["external_at"] == stamp
    assert found["external_edited_at"] == stamp - 600_400


async def test_f6_other_fields_flow_while_one_is_disputed(quarrel: Quarrel) -> None:
    world, incident_id = quarrel.world, (await quarrel.ours())["id"]
    ask = EditIncident(incident_id=incident_id, fields={"severity": "SEV1"})
    assert (await edit_incident(world.runtime, ADMIN, ask)).warnings == ()
    assert await quarrel.push() == 1
    assert world.jira is not None
    assert world.jira.issue(quarrel.key)["fields"]["priority"]["name"] == "Highest"
    world.clock.move(seconds=2)
    world.jira.edit(quarrel.key, {"description": adf.document("smoke")})
    await quarrel.sync()
    assert (await quarrel.ours())["description"] == "smoke"
    assert await quarrel.state() == ("OPEN", "p", "x", 1)
    assert quarrel.theirs == "x"


async def test_c13_both_sides_edit_and_a_person_is_asked(quarrel: Quarrel) -> None:
    assert await quarrel.state() == ("OPEN", "p", "x", 1)
    assert await quarrel.title() == ("p", 1)
    assert await quarrel.push() == 0
    assert quarrel.theirs == "x"
    assert await quarrel.heard() == ["OPENED"]
    assert await quarrel.figures() == {"conflicts_detected": 1}


async def test_c13b_an_open_conflict_follows_both_sides(quarrel: Quarrel) -> None:
    await quarrel.told("y")
    assert await quarrel.state() == ("OPEN", "p", "y", 2)
    result = await quarrel.edit("q")
    assert [warning.code for warning in result.warnings] == ["CONFLICT_OPEN"]
    assert await quarrel.state() == ("OPEN", "q", "y", 3)
    assert await quarrel.title() == ("q", 2)
    assert await quarrel.push() == 0
    assert await quarrel.heard() == ["OPENED", "UPDATED", "UPDATED"]


async def test_c13c_a_vendor_that_says_the_same_ends_it(quarrel: Quarrel) -> None:
    await quarrel.edit("q")
    await quarrel.told("q")
    assert (await quarrel.state())[0] == "SUPERSEDED"
    assert await quarrel.push() == 0
    assert await quarrel.heard() == ["OPENED", "UPDATED", "SUPERSEDED"]


async def test_f_a_our_value_goes_to_the_vendor(quarrel: Quarrel) -> None:
    await quarrel.resolve(PLATFORM)
    assert (await quarrel.state())[0] == "RESOLVED_PLATFORM"
    assert await quarrel.push() == 1
    assert (await quarrel.title(), quarrel.theirs) == (("p", 1), "p")
    await quarrel.sync()
    assert await quarrel.title() == ("p", 1)
    assert await quarrel.heard() == ["OPENED", "RESOLVED"]
    assert await quarrel.figures() == {"conflicts_detected": 1}


async def test_f_b_the_vendors_value_becomes_ours(quarrel: Quarrel) -> None:
    before = (await quarrel.ours())["version"]
    await quarrel.resolve(EXTERNAL)
    assert (await quarrel.state())[0] == "RESOLVED_EXTERNAL"
    assert await quarrel.title() == ("x", 2)
    assert (await quarrel.ours())["version"] == before + 1
    assert await quarrel.push() == 0
    assert quarrel.theirs == "x"
    (edit,) = await rows("SELECT * FROM edit WHERE source = 'CONFLICT_RESOLUTION'")
    assert (edit["by"], edit["integration_id"], edit["accepted"]) == ("ada", None, True)


async def test_f_b_what_the_vendor_says_next_has_seen_its_own_value(quarrel: Quarrel) -> None:
    await quarrel.resolve(EXTERNAL)
    await quarrel.told("y")
    assert await quarrel.title() == ("y", 3)
    assert (await quarrel.conflict())["number"] == 1


async def test_f_b_the_vendors_value_goes_back_where_a_write_of_ours_had_replaced_it(
    quarrel: Quarrel,
) -> None:
    # given a vendor that is known to hold our value by now
    await quarrel.replaced()
    await quarrel.resolve(EXTERNAL)
    assert (await quarrel.title())[0] == "x"
    assert await quarrel.push() == 1
    assert quarrel.theirs == "x"


async def test_f_c_ignored_both_values_stand(quarrel: Quarrel) -> None:
    await quarrel.ignore()
    assert (await quarrel.state())[0] == "IGNORED"
    assert await quarrel.push() == 0
    assert (await quarrel.title(), quarrel.theirs) == (("p", 1), "x")
    assert await quarrel.drift() == {"title": "SKIP_ACCEPTED"}
    assert await quarrel.heard() == ["OPENED", "IGNORED"]
    # what people let stand is no drift (rule R5)
    found = await rows("SELECT sum(value) AS n FROM sync_counter WHERE name LIKE 'drift%'")
    assert not found[0]["n"]


async def test_f_c_what_the_vendor_repeats_stays_ignored(quarrel: Quarrel) -> None:
    await quarrel.ignore()
    assert quarrel.world.jira is not None
    quarrel.world.jira.edit(quarrel.key, {"description": "of another field"})
    await quarrel.sync()
    assert await quarrel.title() == ("p", 1)
    assert await quarrel.drift() == {"title": "SKIP_ACCEPTED"}


async def test_f_d_after_that_a_later_value_of_the_vendors_is_taken(quarrel: Quarrel) -> None:
    await quarrel.ignore()
    await quarrel.told("x2")
    assert await quarrel.title() == ("x2", 2)
    assert (await quarrel.conflict())["number"] == 1
    assert await quarrel.drift() == {}


async def test_f_e_after_that_a_later_edit_of_ours_is_sent(quarrel: Quarrel) -> None:
    await quarrel.ignore()
    await quarrel.edit("r")
    assert await quarrel.push() == 1
    assert quarrel.theirs == "r"


async def test_f_f_the_same_word_twice_changes_nothing(quarrel: Quarrel) -> None:
    await quarrel.resolve(PLATFORM)
    before = await quarrel.conflict()
    await quarrel.resolve(PLATFORM, seen=1)
    assert await quarrel.conflict() == before
    assert await quarrel.push() == 1
    assert await quarrel.heard() == ["OPENED", "RESOLVED"]


async def test_f_g_another_word_is_told_who_was_first_and_when(quarrel: Quarrel) -> None:
    await quarrel.resolve(PLATFORM)
    for word in (quarrel.resolve(EXTERNAL), quarrel.ignore()):
        with pytest.raises(AlreadyResolved, match=r"RESOLVED_PLATFORM since 2026-03-02.* by ada"):
            await word


async def test_f_h_a_word_on_what_has_moved_on_is_refused(quarrel: Quarrel) -> None:
    await quarrel.told("y")
    with pytest.raises(Stale):
        await quarrel.resolve(PLATFORM, seen=1)
    with pytest.raises(Stale):
        await quarrel.ignore(seen=1)
    assert (await quarrel.state())[0] == "OPEN"
    await quarrel.resolve(EXTERNAL, seen=2)
    assert await quarrel.title() == ("y", 2)


async def test_f_i_of_two_people_at_once_one_wins(quarrel: Quarrel) -> None:
    answers = await asyncio.gather(
        quarrel.resolve(PLATFORM), quarrel.resolve(EXTERNAL), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [type(one) for one in refused] == [AlreadyResolved]
    status = (await quarrel.state())[0]
    title = {"RESOLVED_PLATFORM": "p", "RESOLVED_EXTERNAL": "x"}[status]
    assert (await quarrel.title())[0] == title
    assert await quarrel.heard() == ["OPENED", "RESOLVED"]
    await quarrel.push()
    assert quarrel.theirs == title


async def test_f_i_two_people_of_one_mind_both_succeed(quarrel: Quarrel) -> None:
    await asyncio.gather(quarrel.resolve(EXTERNAL), quarrel.resolve(EXTERNAL))
    assert await quarrel.title() == ("x", 2)


async def test_f_k_healing_leaves_an_open_conflict_alone(quarrel: Quarrel) -> None:
    await quarrel.heal()
    await quarrel.push()
    assert await quarrel.state() == ("OPEN", "p", "x", 1)
    assert (await quarrel.title(), quarrel.theirs) == (("p", 1), "x")
    assert await quarrel.drift() == {"title": "SKIP_OPEN_CONFLICT"}


async def test_f_l_a_write_that_fails_is_a_dead_letter_and_shows_in_drift(
    quarrel: Quarrel,
) -> None:
    assert quarrel.world.jira is not None
    quarrel.world.jira.misfortunes.push(Fault(kind=Kind.ERROR, status=400, method="PUT"))
    await quarrel.resolve(PLATFORM)
    assert await quarrel.push() == 0
    assert (await quarrel.state())[0] == "RESOLVED_PLATFORM"
    (write,) = await rows("SELECT * FROM outbox WHERE state = 'DEAD'")
    assert write["is_forced"]
    assert await quarrel.drift() == {"title": "PUSH"}
