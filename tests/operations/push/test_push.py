"""What a person edits here reaches the vendor, once and in order, or is shown as dead."""

from datetime import timedelta

import pytest

from domain.records import Direction
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from operations.sync.pull import pull_due
from simulators.misfortune import Fault, Kind
from tests.operations.push.pair import Pair
from tests.world import count


async def test_an_edit_is_delivered_and_its_echo_is_no_edit(pair: Pair) -> None:
    # when a person edits a field that the platform owns
    result = await pair.edit(title="p")
    assert result.warnings == ()
    assert await pair.push() == 1

    # then the vendor has it, and what it tells of it afterwards changes nothing
    assert pair.theirs["short_description"] == "p"
    version = (await pair.ours())["version"]
    pair.world.clock.move(seconds=5)
    await pair.world.sync()
    assert ((await pair.ours())["title"], (await pair.ours())["version"]) == ("p", version)
    assert await count("conflict") == 0
    assert await pair.push() == 0
    (write,) = await pair.writes()
    assert write["state"] == "DONE"


async def test_x_d_edits_before_the_first_send_make_one_write_of_the_last(pair: Pair) -> None:
    for title in ("p", "q", "r"):
        await pair.edit(title=title)
    assert await pair.push() == 1
    assert pair.theirs["short_description"] == "r"
    assert pair.patches() == 1


async def test_an_edit_taken_back_before_it_was_sent_is_not_sent(pair: Pair) -> None:
    await pair.edit(title="p")
    await pair.edit(title="a")
    assert await pair.push() == 0
    (write,) = await pair.writes()
    assert (write["state"], write["code"]) == ("DROPPED", "SKIPPED_EQUAL")
    assert pair.patches() == 0


async def test_x_a_a_vendor_that_is_down_is_tried_at_0_30_150_630_and_2430_s(pair: Pair) -> None:
    # given a vendor that answers 503
    pair.world.servicenow.misfortunes.push(
        Fault(kind=Kind.ERROR, status=503, method="PATCH", times=None)
    )
    await pair.edit(title="p")
    start = pair.world.clock.now()
    assert await pair.push() == 0

    # when time goes on, then it is tried at these times and not a second before
    for wait in (30, 120, 480, 1800):
        before = len((await pair.writes())[0]["tries"])
        await pair.push(after=timedelta(seconds=wait - 1))
        assert len((await pair.writes())[0]["tries"]) == before
        await pair.push(after=timedelta(seconds=1))
        assert len((await pair.writes())[0]["tries"]) == before + 1
    assert pair.world.clock.now() - start == timedelta(seconds=2430)

    # and the fifth failure makes a dead letter, which people are told of
    (write,) = await pair.writes()
    assert (write["state"], write["number"], write["code"]) == ("DEAD", 1, "VENDOR_ERROR")
    told = await rows("SELECT message FROM event_log WHERE kind = 'DEAD_LETTER_ADDED'")
    assert len(told) == 1
    assert await pair.push(after=timedelta(days=1)) == 0


async def test_x_b_a_vendor_that_says_too_often_spends_no_attempt(pair: Pair) -> None:
    faults = pair.world.servicenow.misfortunes
    faults.push(Fault(kind=Kind.ERROR, status=503, method="PATCH"))
    await pair.edit(title="p")
    await pair.push()
    faults.push(Fault(kind=Kind.THROTTLED, detail="90", method="PATCH"))
    await pair.push(after=timedelta(seconds=30))
    assert (await pair.world.integration())["state"] == "RATE_LIMITED"
    assert await pair.push(after=timedelta(seconds=89)) == 0
    assert await pair.push(after=timedelta(seconds=1)) == 1
    (write,) = await pair.writes()
    assert [one["outcome"] for one in write["tries"]] == ["VENDOR_ERROR", "DELIVERED"]


async def test_x_c_a_write_whose_answer_was_lost_is_not_made_twice(pair: Pair) -> None:
    pair.world.servicenow.misfortunes.push(Fault(kind=Kind.LOST, method="PATCH"))
    await pair.edit(title="p")
    assert await pair.push() == 0
    assert pair.theirs["short_description"] == "p"
    await pair.push(after=timedelta(seconds=30))
    (write,) = await pair.writes()
    assert write["state"] in {"DONE", "DROPPED"}
    assert pair.patches() == 1
    assert await count("conflict") == 0


async def test_x_e_a_dead_letter_blocks_nothing_and_a_later_write_ends_it(pair: Pair) -> None:
    # given a dead letter for the title
    faults = pair.world.servicenow.misfortunes
    faults.push(Fault(kind=Kind.ERROR, status=400, method="PATCH"))
    await pair.edit(title="p")
    await pair.push()
    (dead,) = await pair.writes()
    assert dead["state"] == "DEAD"

    # when another field is edited, it goes out
    await pair.edit(description="what is known")
    assert await pair.push() == 1
    assert pair.theirs["description"] == "what is known"

    # and when the title arrives later, nothing is left to be done about the dead one
    await pair.edit(title="q")
    assert await pair.push() == 1
    assert [write["state"] for write in await pair.writes()] == ["SUPERSEDED", "DONE", "DONE"]


async def test_refused_credentials_park_the_integration_and_spend_nothing(pair: Pair) -> None:
    pair.world.servicenow.misfortunes.push(Fault(kind=Kind.UNAUTHORISED, method="PATCH"))
    await pair.edit(title="p")
    assert await pair.push() == 0
    assert (await pair.world.integration())["state"] == "PARKED"
    assert await pair.push(after=timedelta(hours=1)) == 0
    await pair.world.sign_in()
    assert await pair.push() == 1
    assert pair.theirs["short_description"] == "p"


async def test_a_record_that_is_gone_is_a_dead_letter_and_once_counted_a_deleted_incident(
    pair: Pair,
) -> None:
    await pair.edit(title="p")
    pair.world.servicenow.delete(pair.number)
    assert await pair.push() == 0
    (write,) = await pair.writes()
    assert (write["state"], write["code"]) == ("DEAD", "RECORD_GONE")
    # this vendor answers so too when a right is missing: a census is to say (rule W9)
    assert (await pair.ours())["deleted_at"] is None
    pair.world.clock.move(seconds=1)
    await pull_due(pair.world.runtime)
    assert (await pair.ours())["deleted_at"] is not None


@pytest.mark.parametrize(
    ("direction", "warning"),
    [
        (Direction.NONE, "NOT_SENT"),
        (Direction.INBOUND, "NOT_SENT"),
        (Direction.OUTBOUND, None),
        (Direction.BIDIRECTIONAL, None),
    ],
)
async def test_o_the_direction_says_whether_an_edit_is_sent(
    pair: Pair, direction: Direction, warning: str | None
) -> None:
    await IntegrationRow.all().update(direction=direction)
    result = await pair.edit(title="p")
    assert [one.code for one in result.warnings] == ([] if warning is None else [warning])
    assert await pair.push() == (1 if warning is None else 0)
    assert pair.theirs["short_description"] == ("p" if warning is None else "a")
    assert (await pair.ours())["title"] == "p"


async def test_d4_an_edit_of_a_field_that_the_vendor_owns_stays_here(pair: Pair) -> None:
    result = await pair.edit(assignee="Dana")
    assert [(one.code, one.field) for one in result.warnings] == [("OWNED_EXTERNALLY", "assignee")]
    assert await pair.push() == 0
    assert (await pair.ours())["assignee"] == "Dana"


async def test_a_vendor_that_was_down_for_an_hour_gets_everything_in_order_once(
    pair: Pair,
) -> None:
    # given a vendor that is down, and edits meanwhile
    pair.world.servicenow.misfortunes.push(
        Fault(kind=Kind.ERROR, status=503, method="PATCH", times=None)
    )
    for minute in range(6):
        await pair.edit(title=f"title {minute}", description=f"text {minute}")
        await pair.push(after=timedelta(minutes=5))

    # when it is back after an hour
    pair.world.clock.move(seconds=1_800)
    pair.world.servicenow.misfortunes.clear()
    for _ in range(5):
        await pair.push(after=timedelta(minutes=8))

    # then both sides are equal, and nothing was written twice
    assert pair.theirs["short_description"] == "title 5"
    assert pair.theirs["description"] == "text 5"
    assert await count("conflict") == 0


async def test_an_edit_there_that_had_not_seen_ours_is_a_conflict_that_loses_nothing(
    pair: Pair,
) -> None:
    # given an edit here, and later one there that had not seen it
    await pair.edit(title="p")
    pair.world.clock.move(seconds=60)
    pair.world.servicenow.edit(pair.number, {"short_description": "x"})
    pair.world.clock.move(seconds=5)
    await pair.world.sync()

    # then the platform, which owns titles, wins, and the other value is kept in the conflict
    (conflict,) = await rows("SELECT * FROM conflict")
    assert (conflict["kind"], conflict["status"]) == ("DIVERGED", "RESOLVED_PLATFORM")
    assert conflict["external_value"] == '"x"'
    await pair.push()
    assert pair.theirs["short_description"] == "p"


async def test_what_a_write_of_ours_overwrote_unseen_is_a_conflict(pair: Pair) -> None:
    # given that the vendor's user edits just before our write, which does not look first
    await pair.edit(title="p")
    pair.world.clock.move(seconds=2)
    pair.world.servicenow.edit(pair.number, {"short_description": "x"})
    assert await pair.push() == 1
    assert pair.theirs["short_description"] == "p"

    # when the vendor's history tells of it
    pair.world.clock.move(seconds=5)
    await pair.world.sync()

    # then it is kept
    (conflict,) = await rows("SELECT * FROM conflict")
    assert conflict["external_value"] == '"x"'
