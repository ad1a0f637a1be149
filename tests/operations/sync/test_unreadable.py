"""A row that cannot be read is a dead letter until it can be (rule W13)."""

import asyncio
from random import Random
from typing import Any

import pytest

from domain.errors import Invalid
from domain.exchange import DeadLetterStatus, DeliveryState, FlowDirection
from domain.records import RecordKind
from models.database import DatabaseAt
from models.reads.dead_letters import oldest_dead
from models.reads.payloads import payloads
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from operations.sync.apply import apply_due
from operations.sync.discard_dead_letter import DiscardDeadLetter, discard_dead_letter
from operations.sync.pull import pull_due
from operations.sync.retry_dead_letter import (
    RetryDeadLetter,
    RetryDeadLetters,
    retry_dead_letter,
    retry_dead_letters,
)
from operations.upkeep.prune import prune
from tests import given
from tests.clock import Clock
from tests.operations.sync.mailed import figures
from tests.operations.sync.torn import (
    ALL,
    ILLEGIBLE,
    Tear,
    added,
    letter,
    letters,
    registered,
    status,
)
from tests.world import ADMIN, World, count, simulated

VENDORS = pytest.mark.parametrize("provider", ["servicenow", "jira", "pagerduty"])


@pytest.fixture
def bare(database: DatabaseAt, clock: Clock) -> World:
    """A world that knows no vendor yet."""
    return World(at=database, clock=clock, servicenow=simulated(clock))


async def later(world: World) -> dict[str, Any]:
    """Pull again so soon that the last rows are read once more."""
    world.clock.move(seconds=20)
    return await world.sync()


async def retry(world: World) -> None:
    world.clock.move(seconds=20)
    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=(await letter()).id))
    assert await apply_due(world.runtime) == 1


async def titles() -> list[str]:
    return sorted(row["title"] for row in await rows("SELECT title FROM incident"))


@VENDORS
async def test_a_row_that_cannot_be_read_is_a_dead_letter_and_its_page_goes_on(
    bare: World, tear: Tear, provider: str
) -> None:
    make = await registered(bare, provider, tear)
    for name in ("Torn", "Whole"):
        make(name)
    tear.titles["Torn"] = ILLEGIBLE
    tear.row = {"api_token": "s3cr3t", "notes": [{"password": "s3cr3t", "by": "beth"}]}

    run = await bare.sync()

    assert (run["status"], run["written"], run["failed"]) == ("SUCCEEDED", 1, 1)
    assert await titles() == ["Whole"]
    (found,) = await oldest_dead(ALL, bare.integration_id, 10)
    assert (found.number, found.direction) == (1, FlowDirection.INBOUND)
    assert (found.code, found.message) == ("BAD_ANSWER", ILLEGIBLE)
    assert [one.message for one in found.attempts] == [ILLEGIBLE]
    assert found.made_at == bare.clock.now()
    row = (await payloads(ALL, [found.id]))[found.id]
    assert row == {
        "id": found.external_id,
        "title": "Torn",
        "api_token": "***",
        "notes": [{"password": "***", "by": "beth"}],
    }
    assert await added() == [f"entry-1: {ILLEGIBLE}"]
    assert await figures() == {"inbound_failed": 1, "inbound_success": 1}


@VENDORS
async def test_the_same_row_read_again_is_counted_and_told_once(
    bare: World, tear: Tear, provider: str
) -> None:
    make = await registered(bare, provider, tear)
    make("Torn")
    tear.titles["Torn"] = ILLEGIBLE
    await bare.sync()
    for _ in range(2):
        await later(bare)
    assert len(await letters()) == 1
    assert len(await added()) == 1
    assert (await figures())["inbound_failed"] == 1


@VENDORS
async def test_a_retry_fetches_the_record_again_and_applies_it(
    bare: World, tear: Tear, provider: str
) -> None:
    make = await registered(bare, provider, tear)
    make("Torn")
    tear.titles["Torn"] = ILLEGIBLE
    await bare.sync()
    tear.titles.clear()

    await retry(bare)

    assert await titles() == ["Torn"]
    assert await status() is DeadLetterStatus.DELIVERED
    assert await count("faulty_record") == 0


async def test_a_retry_that_reads_the_same_is_the_same_dead_letter(torn: World, tear: Tear) -> None:
    await torn.sync()
    tear.titles["Torn"] = "the number is no text"

    await retry(torn)

    found = await letter()
    assert (found.number, found.status) == (1, DeadLetterStatus.DEAD)
    assert found.message == "the number is no text"
    assert [one.message for one in found.attempts] == [ILLEGIBLE, "the number is no text"]
    assert await added() == [f"entry-1: {ILLEGIBLE}", "entry-1: the number is no text"]


async def test_a_later_reading_that_succeeds_ends_it(torn: World, tear: Tear) -> None:
    await torn.sync()
    tear.titles.clear()

    await later(torn)

    assert await titles() == ["Torn", "Whole"]
    assert await status() is DeadLetterStatus.SUPERSEDED
    assert await count("faulty_record") == 0
    # and there is nothing left to be retried
    await retry_dead_letter(torn.runtime, ADMIN, RetryDeadLetter(id=(await letter()).id))
    assert await apply_due(torn.runtime) == 0


async def test_a_record_that_was_mirrored_before_is_known_by_its_incident(
    torn: World, tear: Tear
) -> None:
    tear.titles.clear()
    await torn.sync()
    tear.titles["Torn"] = ILLEGIBLE

    await later(torn)

    found = await letter()
    (incident,) = await rows("SELECT id FROM incident WHERE title = 'Torn'")
    assert found.incident_id == incident["id"]
    # the version that is mirrored already, read well, ends it too
    tear.titles.clear()
    run = await later(torn)
    assert run["written"] == 0
    assert await status() is DeadLetterStatus.SUPERSEDED


async def test_a_row_that_is_torn_anew_is_a_new_dead_letter(torn: World, tear: Tear) -> None:
    await torn.sync()
    tear.titles.clear()
    await later(torn)
    tear.titles["Torn"] = ILLEGIBLE
    await later(torn)
    assert [(one["number"], one["state"]) for one in await letters()] == [
        (1, "SUPERSEDED"),
        (2, "DEAD"),
    ]
    assert (await figures())["inbound_failed"] == 2


async def test_one_that_was_given_up_stays_so_until_its_record_is_read(
    torn: World, tear: Tear
) -> None:
    await torn.sync()
    ask = DiscardDeadLetter(id=(await letter()).id, reason="known")
    await discard_dead_letter(torn.runtime, ADMIN, ask)
    await later(torn)
    assert await status() is DeadLetterStatus.DISCARDED
    assert len(await added()) == 1

    tear.titles.clear()
    await later(torn)
    assert await status() is DeadLetterStatus.SUPERSEDED


async def test_a_retry_reads_a_record_of_its_own_kind(bare: World, tear: Tear) -> None:
    bare.kinds = frozenset({RecordKind.CHANGE})
    await registered(bare, "servicenow", tear)
    bare.servicenow.create({"short_description": "Patch"}, table="change_request")
    tear.titles["Patch"] = ILLEGIBLE
    await bare.sync()
    tear.titles.clear()
    # even when what it said is no longer kept
    bare.clock.move(days=8)
    await prune(bare.runtime)

    await retry(bare)

    assert [row["title"] for row in await rows("SELECT title FROM change")] == ["Patch"]
    assert await count("incident") == 0


async def test_a_row_without_an_id_cannot_be_fetched_again(world: World) -> None:
    servicenow = world.servicenow
    made = servicenow.create({"short_description": "Nameless"})
    servicenow.records.store.change("incident", made["sys_id"], {"sys_id": "no id"})
    for _ in range(2):
        await later(world)
    found = await letter()
    assert (found.external_id, found.message) == (None, "sys_id is missing or malformed")
    with pytest.raises(Invalid, match="entry-1 names no record"):
        await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=found.id))
    # nor does it keep the others from being retried with it
    await given.delivery(
        await IntegrationRow.get(), number=9, state=DeliveryState.DEAD, due_at=None
    )
    every = RetryDeadLetters(integration_id=world.integration_id)
    await retry_dead_letters(world.runtime, ADMIN, every)
    assert [one["state"] for one in await letters()] == ["DEAD", "READY"]


async def test_pulls_retries_and_workers_at_once_leave_one_dead_letter_a_record_or_none(
    torn: World, tear: Tear
) -> None:
    chance = Random(7)  # noqa: S311 — repeatable, protects nothing
    names = [f"Row {number}" for number in range(6)]
    for name in names:
        torn.servicenow.create({"short_description": name})
    every = RetryDeadLetters(integration_id=torn.integration_id)
    workers = [torn.runtime, torn.start("worker-2")]
    for _ in range(6):
        tear.titles = {name: ILLEGIBLE for name in names if chance.random() < 0.5}
        await torn.make_due()
        await asyncio.gather(
            retry_dead_letters(workers[0], ADMIN, every),
            *(pull_due(one) for one in workers),
            *(apply_due(one) for one in workers),
        )
        torn.clock.move(seconds=10)
        open_ = await rows(
            """
            SELECT external_id FROM inbound
            WHERE number IS NOT NULL AND state IN ('DEAD', 'READY') ORDER BY external_id
            """
        )
        assert len({row["external_id"] for row in open_}) == len(open_)

    # and once nothing is torn, none is left
    tear.titles = {}
    await later(torn)
    await apply_due(workers[0])
    assert {one["state"] for one in await letters()} <= {"DONE", "SUPERSEDED"}
    assert await count("faulty_record") == 0
