"""What is told and cannot be merged at once: it waits, is tried again, or is a dead letter."""

from dataclasses import replace

from models.coding import loads, to_milliseconds
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.sync.apply import apply_due
from operations.upkeep.prune import prune
from simulators.misfortune import Fault, Kind
from tests.operations.sync.mailed import (
    Mailed,
    deliveries,
    edit,
    edits_of,
    figures,
    number,
    states,
    title,
)
from tests.web.proof import sha256
from tests.world import ACCOUNT, ADMIN, PASSWORD


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
