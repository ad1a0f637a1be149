"""What vendors tell by themselves is merged once, in any order, and nothing is lost."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest

from models.coding import loads, to_milliseconds
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.sync.apply import apply_due
from operations.upkeep.prune import prune
from simulators.misfortune import Fault, Kind
from simulators.servicenow.query import Selection
from simulators.servicenow.tables import TABLES
from tests.mirror import mirror
from tests.operations.sync.mailed import Mailed, deliveries, figures, states
from tests.postbox import Letter
from tests.web.test_webhooks import sha256
from tests.world import ACCOUNT, ADMIN, PASSWORD, World

OPEN = {"short_description": "Mail is down"}


@pytest.fixture
async def mailed(world: World) -> Mailed:
    """One incident, INC0001 in spirit, mirrored; its vendor tells of what follows."""
    world.servicenow.create(OPEN)
    await world.sync()
    mailed = Mailed(world=world)
    await mailed.subscribe()
    world.clock.move(seconds=10)
    return mailed


def table(world: World, name: str = "incident") -> list[dict[str, str]]:
    """Return a table's rows, oldest first."""
    everything = Selection(where="1", order="r.rowid", parameters=())
    names = list(TABLES[name].fields)
    return world.servicenow.records.store.page(name, names, everything, limit=99, offset=0)


def number(mailed: Mailed) -> str:
    return table(mailed.world)[0]["number"]


def edit(mailed: Mailed, **fields: str) -> None:
    mailed.world.servicenow.edit(number(mailed), fields, by="beth.li")


async def title(mailed: Mailed) -> str:
    return str((await mailed.world.incident(number(mailed)))["title"])


async def edits_of(field: str) -> list[tuple[str, str, bool]]:
    found = await rows(
        "SELECT source, after, accepted FROM edit WHERE field = $1 ORDER BY at, sequence, id",
        field,
    )
    return [(row["source"], row["after"], bool(row["accepted"])) for row in found]


async def test_an_edit_that_is_told_is_here_without_asking_and_known_to_the_next_pull(
    mailed: Mailed,
) -> None:
    edit(mailed, short_description="Mail is slow")
    before = dict(mailed.world.servicenow.served)

    assert await mailed.deliver() == 1

    assert await title(mailed) == "Mail is slow"
    assert dict(mailed.world.servicenow.served) == before
    assert await states() == ["DONE"]
    assert await edits_of("title") == [("WEBHOOK", '"Mail is slow"', True)]
    assert {"events", "push"} <= set(mailed.world.hints)
    # the pull reads the record's history once more, and finds nothing new
    await mailed.world.sync()
    assert await edits_of("title") == [("WEBHOOK", '"Mail is slow"', True)]


async def test_a_record_that_nobody_knew_is_mirrored_when_it_is_told(mailed: Mailed) -> None:
    made = mailed.world.servicenow.create({"short_description": "Disk is full"})
    await mailed.deliver()
    assert (await mailed.world.incident(made["number"]))["title"] == "Disk is full"
    assert await states() == ["DONE"]


async def test_a_person_whom_nobody_knew_is_asked_for_by_name(mailed: Mailed) -> None:
    person = mailed.world.servicenow.records.person("carla.ruiz")
    edit(mailed, assigned_to=person)
    await mailed.deliver()
    assert (await mailed.world.incident(number(mailed)))["assignee"] == "Carla Ruiz"


async def test_a_deletion_is_believed_after_a_look(mailed: Mailed) -> None:
    name = number(mailed)
    mailed.world.servicenow.delete(name)
    await mailed.deliver()
    assert (await mailed.world.incident(name))["deleted_at"] is not None
    # a late word from before brings nothing back, for the record is looked for
    assert await states() == ["DONE"]


async def test_a_deletion_that_is_not_true_deletes_nothing(mailed: Mailed) -> None:
    edit(mailed, short_description="Mail is slow")
    (letter,) = await mailed.letters()
    body = letter.body.replace(b"incident.updated", b"incident.deleted")
    lie = replace(letter, body=body, headers={"x-watchpane-signature": sha256(body)})
    await mailed.deliver([lie])
    (row,) = await rows("SELECT deleted_at, title FROM incident")
    # and what the look for it has found is taken over
    assert (row["deleted_at"], row["title"]) == (None, "Mail is slow")


async def test_a_late_word_brings_no_deleted_record_back(mailed: Mailed) -> None:
    name = number(mailed)
    edit(mailed, short_description="Mail is slow")
    late = await mailed.letters()
    mailed.world.clock.move(seconds=10)
    mailed.world.servicenow.delete(name)
    await mailed.deliver()
    await mailed.deliver(late)
    assert (await mailed.world.incident(name))["deleted_at"] is not None
    assert await states() == ["DONE", "DONE"]


def live(world: World, chance: Random) -> None:
    """Let somebody edit one of the records."""
    fields: tuple[Mapping[str, str], ...] = (
        {"short_description": f"Title {chance.randrange(5)}"},
        {"state": "2"},
        {"urgency": str(chance.randrange(1, 4))},
        {"work_notes": f"Note {chance.randrange(99)}"},
    )
    world.clock.move(seconds=chance.choice((0, 1, 30)))
    row = chance.choice(table(world))
    world.servicenow.edit(row["number"], chance.choice(fields), by="beth.li")


async def misdelivered(mailed: Mailed, *, edits: int) -> None:
    """Live, and deliver some letters not at all, some twice, all late and in any order."""
    chance, post = Random(7), Random(8)  # noqa: S311 — repeatable, protects nothing
    waiting: list[Letter] = []
    for _ in range(edits):
        live(mailed.world, chance)
        for letter in await mailed.letters():
            waiting += [letter] * post.choice((0, 1, 1, 2))
        post.shuffle(waiting)
        if post.random() < 0.5:
            await mailed.deliver(waiting[:3])
            del waiting[:3]
    await mailed.deliver(waiting)


async def test_doubled_reordered_lost_and_late_words_do_no_harm(mailed: Mailed) -> None:
    world = mailed.world
    for name in "ab":
        world.servicenow.create({"short_description": name})
    await misdelivered(mailed, edits=40)
    world.clock.move(seconds=60)
    await world.sync()

    # then what the vendor has is here, and each change was told once
    found = await mirror()
    for row in table(world):
        assert (await world.incident(row["number"]))["title"] == row["short_description"]
    told = [row["external_id"] for row in found["edit"] if row["external_id"] is not None]
    assert len(told) == len(set(told)) == len(found["edit"])
    assert set(await states()) == {"DONE"}
    notes = [row["value"] for row in table(world, "sys_journal_field")]
    assert sorted(row["body"] for row in found["note"]) == sorted(notes)
    # and reading all again changes nothing
    await world.sync()
    assert await mirror() == found


async def test_what_cannot_be_read_is_a_dead_letter_with_a_number_at_once(mailed: Mailed) -> None:
    edit(mailed, short_description="Mail is slow")
    (letter,) = await mailed.letters()
    torn = replace(letter, body=b"{", headers={"x-watchpane-signature": sha256(b"{")})
    await mailed.deliver([torn, letter])
    (dead, done) = await deliveries()
    assert (dead["state"], dead["number"], dead["code"]) == ("DEAD", 1, "BAD_ANSWER")
    assert done["state"] == "DONE"
    assert (await figures())["inbound_failed"] == 1
    (event,) = await rows("SELECT message FROM event_log WHERE kind = 'DEAD_LETTER_ADDED'")
    assert event["message"].startswith("entry-1: ")
    assert await mailed.again(seconds=10_000) == 0


async def test_a_vendor_that_fails_is_asked_again_by_the_delays_and_the_fifth_time_is_the_last(
    mailed: Mailed,
) -> None:
    mailed.world.servicenow.delete(number(mailed))
    mailed.world.servicenow.misfortunes.push(Fault(kind=Kind.ERROR, status=503, times=None))
    await mailed.deliver()
    for wait in (30, 120, 480, 1_800):
        assert await mailed.again(seconds=wait - 1) == 0
        assert await mailed.again(seconds=1) == 1
    (dead,) = await deliveries()
    assert (dead["state"], dead["attempt"], dead["code"]) == ("DEAD", 5, "VENDOR_ERROR")
    assert [attempt["status"] for attempt in loads(dead["tries"])] == [503] * 5


async def test_refused_credentials_park_the_integration_and_the_delivery_waits(
    mailed: Mailed,
) -> None:
    mailed.world.servicenow.delete(number(mailed))
    mailed.world.servicenow.login.revoke()
    await mailed.deliver()
    integration = await IntegrationRow.get()
    assert integration.state == "PARKED"
    reason = integration.state_reason
    assert await mailed.again(seconds=20) == 1
    assert (await IntegrationRow.get()).state_reason == reason
    assert (await deliveries())[0]["attempt"] == 0

    mailed.world.servicenow.login.restore()
    ask = SetCredentials(
        integration_id=mailed.world.integration_id,
        values={"user": ACCOUNT.user, "password": PASSWORD},
    )
    await set_credentials(mailed.world.runtime, ADMIN, ask)
    assert await mailed.again(seconds=20) == 1
    assert await states() == ["DONE"]


async def test_a_vendor_that_asks_to_wait_is_left_alone_as_long_and_no_attempt_is_spent(
    mailed: Mailed,
) -> None:
    mailed.world.servicenow.delete(number(mailed))
    mailed.world.servicenow.misfortunes.push(Fault(kind=Kind.THROTTLED, detail="90"))
    await mailed.deliver()
    assert (await IntegrationRow.get()).state == "RATE_LIMITED"
    assert await mailed.again(seconds=89) == 0
    assert await mailed.again(seconds=1) == 1
    assert await states() == ["DONE"]


async def write_lane(mailed: Mailed, *, lease_seconds: float) -> None:
    """Let a worker write to the incident for a while."""
    (incident,) = await rows("SELECT id FROM incident")
    now = to_milliseconds(mailed.world.clock.now())

    async def lease(tx: Transaction) -> None:
        line: dict[str, object] = {
            "id": mailed.world.runtime.new_id(),
            "integration_id": mailed.world.integration_id,
            "incident_id": incident["id"],
            "last_seq": 1,
            "due_at": now,
            "lease_until": now + int(lease_seconds * 1_000),
        }
        await tx.upsert("lane", [line], key=("incident_id", "integration_id"))

    await commit(lease)


async def test_what_is_told_of_a_record_that_is_written_to_waits_for_the_outcome(
    mailed: Mailed,
) -> None:
    await write_lane(mailed, lease_seconds=2.5)
    edit(mailed, short_description="Mail is slow")
    await mailed.deliver()
    assert await title(mailed) == "Mail is down"
    for _ in range(2):
        assert await mailed.again(seconds=1) == 1
    assert await states() == ["READY"]
    assert await mailed.again(seconds=1) == 1
    assert await title(mailed) == "Mail is slow"


async def test_it_waits_no_longer_than_fifteen_seconds(mailed: Mailed) -> None:
    await write_lane(mailed, lease_seconds=60)
    edit(mailed, short_description="Mail is slow")
    await mailed.deliver()
    await mailed.again(seconds=14)
    assert await states() == ["READY"]
    await mailed.again(seconds=1)
    assert await states() == ["DONE"]


async def test_what_is_pulled_of_such_a_record_is_read_again_a_second_later(
    mailed: Mailed,
) -> None:
    await write_lane(mailed, lease_seconds=2.5)
    edit(mailed, short_description="Mail is slow")
    await mailed.letters()
    for _ in range(2):
        await mailed.world.sync()
    assert await title(mailed) == "Mail is down"
    (note,) = await deliveries()
    assert (note["body"], note["state"]) == (None, "READY")
    assert await apply_due(mailed.world.runtime) == 0
    for _ in range(3):
        assert await mailed.again(seconds=1) == 1
    assert await title(mailed) == "Mail is slow"
    assert await edits_of("title") == [("PULL", '"Mail is slow"', True)]


async def test_a_delivery_that_ends_its_workers_is_dead_after_twenty_and_takes_no_other_along(
    mailed: Mailed,
) -> None:
    edit(mailed, short_description="Mail is slow")
    await mailed.knock(await mailed.letters())
    await rows_changed("UPDATE inbound SET starts = 20 WHERE state = 'READY' RETURNING id")
    mailed.world.clock.move(seconds=1)
    edit(mailed, short_description="Mail is fine")
    await mailed.deliver()
    assert await states() == ["DEAD", "DONE"]
    assert await title(mailed) == "Mail is fine"


async def rows_changed(sql: str) -> None:
    async def write(tx: Transaction) -> None:
        await tx.rows(sql)

    await commit(write)


async def test_a_switched_off_integration_keeps_its_deliveries_until_it_is_on(
    mailed: Mailed,
) -> None:
    edit(mailed, short_description="Mail is slow")
    await mailed.knock(await mailed.letters())
    await IntegrationRow.all().update(is_enabled=False)
    assert await mailed.again(seconds=60) == 0
    await IntegrationRow.all().update(is_enabled=True)
    assert await mailed.again() == 1
    assert await title(mailed) == "Mail is slow"


async def test_figures_count_each_delivery_once(mailed: Mailed) -> None:
    before = (await figures())["inbound_success"]
    for name in ("one", "two", "three"):
        mailed.world.clock.move(seconds=1)
        edit(mailed, short_description=name)
    await mailed.deliver()
    assert (await figures())["inbound_success"] == before + 3


async def test_what_was_merged_is_forgotten_after_a_week_and_what_dead_ones_said(
    mailed: Mailed,
) -> None:
    edit(mailed, short_description="Mail is slow")
    (letter,) = await mailed.letters()
    torn = replace(letter, body=b"{", headers={"x-watchpane-signature": sha256(b"{")})
    await mailed.deliver([letter, torn])
    mailed.world.clock.move(days=7)
    await prune(mailed.world.runtime)
    assert [row["body"] is None for row in await deliveries()] == [False, False]
    mailed.world.clock.move(seconds=1)
    await prune(mailed.world.runtime)
    assert [(row["state"], row["body"]) for row in await deliveries()] == [("DEAD", None)]
