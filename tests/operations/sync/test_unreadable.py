"""A row that cannot be read is a dead letter until it can be (rule W13)."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters.exchange import Failed, Page, PageAsk
from domain.errors import Invalid
from domain.exchange import DeadLetterStatus, FlowDirection
from domain.records import RecordKind
from models import bulk
from models.database import DatabaseAt
from models.reads.dead_letters import DeadLetter, dead_letters, oldest_dead
from models.reads.payloads import payloads
from models.reads.scope import Scope
from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.sync.apply import apply_due
from operations.sync.discard_dead_letter import DiscardDeadLetter, discard_dead_letter
from operations.sync.retry_dead_letter import RetryDeadLetter, retry_dead_letter
from operations.upkeep.prune import prune
from tests.clock import Clock
from tests.mirror import rows_of
from tests.operations.sync.mailed import Mailed, edit, figures, number, states, title
from tests.operations.sync.torn import Tear, Torn, added, letters, registered
from tests.web.proof import sha256
from tests.world import ADMIN, World, count, simulated

ALL = Scope(keys=None)
ILLEGIBLE = "the title is no text"
VENDORS = pytest.mark.parametrize("provider", ["servicenow", "jira", "pagerduty"])


@pytest.fixture
def bare(database: DatabaseAt, clock: Clock) -> World:
    """A world that knows no vendor yet."""
    return World(at=database, clock=clock, servicenow=simulated(clock))


@pytest.fixture
def tear() -> Tear:
    return Tear()


@pytest.fixture
def torn(world: World, tear: Tear) -> World:
    """A registered instance one of whose two incidents cannot be read."""
    for name in ("Torn", "Whole"):
        world.servicenow.create({"short_description": name})
    tear.titles["Torn"] = ILLEGIBLE
    world.stand_between(lambda vendor: Torn(vendor, tear))
    return world


async def letter() -> DeadLetter:
    """Return the only dead letter, whatever has become of it."""
    (row,) = await letters()
    return (await dead_letters(ALL, [row["id"]]))[row["id"]]


async def status() -> DeadLetterStatus:
    return (await letter()).status


async def later(world: World) -> dict[str, Any]:
    """Pull again a minute later, which reads the last rows once more."""
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


async def test_of_a_row_that_is_too_long_the_beginning_is_kept(torn: World, tear: Tear) -> None:
    tear.row = {"description": "x" * 100_000, "password": "s3cr3t"}
    await torn.sync()
    (kept,) = await rows_of("faulty_record")
    assert list(kept["payload"]) == ["row"]
    assert len(kept["payload"]["row"]) == 65_536
    assert "s3cr3t" not in kept["payload"]["row"]


async def test_what_no_database_takes_is_kept_as_text(torn: World, tear: Tear) -> None:
    tear.row = {"number": 10**30}
    await torn.sync()
    (kept,) = await rows_of("faulty_record")
    assert str(10**30) in str(kept["payload"])


async def test_a_page_that_is_undone_leaves_no_dead_letter(torn: World, tear: Tear) -> None:
    async def take_head(tx: Transaction, *, to: int) -> None:
        await tx.rows("UPDATE event_head SET id = $1 RETURNING id", to)

    class Headless(Torn):
        """Between a page's answer and its commit the log loses its head."""

        async def page(self, ask: PageAsk) -> Page | Failed:
            page = await super().page(ask)
            await commit(partial(take_head, to=2))
            return page

    torn.stand_between(lambda vendor: Headless(vendor, tear))
    with pytest.raises(ValueError, match="no head row"):
        await torn.sync()
    await commit(partial(take_head, to=1))
    assert await letters() == []
    assert await count("faulty_record") == 0


async def test_a_torn_record_that_a_webhook_tells_of_is_a_dead_letter(
    mailed: Mailed,
) -> None:
    # given a record that the vendor tells of with an unreadable count of its versions
    servicenow = mailed.world.servicenow
    edit(mailed, short_description="Mail is slow")
    told = await mailed.letters()
    record = servicenow.record(number(mailed))["sys_id"]
    servicenow.records.store.change("incident", record, {"sys_mod_count": "many"})
    body = told[0].body.replace(b'"sys_mod_count":"1"', b'"sys_mod_count":"many"')
    assert body != told[0].body
    torn = replace(told[0], body=body, headers={"x-watchpane-signature": sha256(body)})

    # when that is merged, the record is read, which fails as well
    await mailed.deliver([torn])

    found = await letter()
    assert (found.external_id, found.status) == (record, DeadLetterStatus.DEAD)
    assert "sys_mod_count" in found.message
    assert sorted(await states()) == ["DEAD", "DONE"]

    # then what is told of it later and can be read ends it
    servicenow.records.store.change("incident", record, {"sys_mod_count": "2"})
    mailed.world.clock.move(seconds=10)
    edit(mailed, short_description="Mail is back")
    await mailed.deliver()
    assert await title(mailed) == "Mail is back"
    assert await status() is DeadLetterStatus.SUPERSEDED


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements made so far, those of many rows as one."""
    made: list[str] = []

    def noted(run: Callable[..., Any]) -> Callable[..., Any]:
        async def note(connection: object, sql: str, values: object) -> Any:  # noqa: ANN401 — as it is
            made.append(sql)
            return await run(connection, sql, values)

        return note

    monkeypatch.setattr(bulk, "rows", noted(bulk.rows))
    monkeypatch.setattr(bulk, "_many", noted(bulk._many))
    return made


async def test_a_page_costs_nothing_for_it_without_such_rows_and_the_same_for_one_or_many(
    world: World, tear: Tear, statements: list[str]
) -> None:
    async def cost(**torn: str) -> int:
        """Count what a pull of four new records takes."""
        for name in "abcd":
            world.servicenow.create({"short_description": name})
        tear.titles = torn
        world.clock.move(hours=1)
        statements.clear()
        await world.sync()
        return len(statements)

    world.stand_between(lambda vendor: Torn(vendor, tear))
    # a first copy is no measure
    await cost()
    none = await cost()
    assert [sql for sql in statements if re.search("faulty_record|inbound", sql)] == [
        next(sql for sql in statements if "AS has_faulty" in sql)
    ]
    assert await cost(a=ILLEGIBLE) - none == 5
    two = await cost(a=ILLEGIBLE, b=ILLEGIBLE)
    assert await cost(a=ILLEGIBLE, b=ILLEGIBLE, c=ILLEGIBLE) == two
