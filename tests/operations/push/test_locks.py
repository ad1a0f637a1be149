"""In which order a delivery locks what others lock too. On SQLite one transaction locks all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from domain.exchange import WriteKind
from models.lanes import claim_lanes, leave_lane
from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.conflicts.withdraw import withdraw
from operations.sync.locks import lock_incident
from operations.sync.push import push_due
from operations.sync.queue import Write, queue
from tests.operations.push.pair import Pair
from tests.operations.push.slow import Slow

pytestmark = pytest.mark.parametrize("database_at", ["postgres"], indirect=True)
_WAITING = "SELECT 1 AS waits FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@asynccontextmanager
async def _waited_for(
    hold: Callable[[Transaction], Awaitable[object]],
    then: Callable[[Transaction], Awaitable[object]],
) -> AsyncIterator[None]:
    """Hold something while the block runs; once somebody waits for it, go on to ``then``."""
    is_held = asyncio.Event()

    async def work(tx: Transaction) -> None:
        await hold(tx)
        is_held.set()
        async with asyncio.timeout(10):
            while not await rows(_WAITING):
                continue
        await then(tx)

    held = asyncio.create_task(commit(work))
    await is_held.wait()
    yield
    await held


def _update(pair: Pair, incident_id: str) -> Callable[[Transaction], Awaitable[None]]:
    write = Write(
        integration_id=pair.world.integration_id,
        incident_id=incident_id,
        kind=WriteKind.UPDATE,
        by="ada",
        fields=("category",),
    )

    async def work(tx: Transaction) -> None:
        await queue(pair.world.runtime, tx, write)

    return work


async def test_what_became_of_a_write_waits_for_the_incident_before_it_takes_the_lane(
    pair: Pair,
) -> None:
    # given a vendor that is writing, and a change of the incident that begins meanwhile
    asked, release = asyncio.Event(), asyncio.Event()
    pair.world.stand_between(lambda vendor: Slow(vendor, asked, release))
    await pair.edit(title="p")
    incident = await pair.ours()
    delivery = asyncio.create_task(push_due(pair.world.runtime))
    await asked.wait()

    async def lock(tx: Transaction) -> None:
        await tx.rows("SELECT id FROM incident WHERE id = $1 FOR UPDATE", incident["id"])

    # when the vendor answers, and the change queues a write for it
    async with _waited_for(lock, _update(pair, incident["id"])):
        release.set()

    # then neither waits for the other for ever
    assert await delivery >= 1
    assert pair.theirs["short_description"] == "p"


async def test_what_is_withdrawn_holds_its_lane_so_that_no_worker_waits_in_it(pair: Pair) -> None:
    await pair.edit(title="p")
    incident = await pair.ours()

    async def take_out(tx: Transaction) -> None:
        await withdraw(
            pair.world.runtime,
            tx,
            integration_id=pair.world.integration_id,
            incident_id=incident["id"],
            field="title",
        )

    async with _waited_for(take_out, _update(pair, incident["id"])):
        await _hold(incident["id"])
    assert [write["fields"] for write in await pair.writes()] == [[], ["category"]]


async def _hold(incident_id: str) -> None:
    """Lock the lane and then its writes, as a worker does."""

    async def work(tx: Transaction) -> None:
        await tx.rows(
            "UPDATE lane SET fence = fence WHERE incident_id = $1 RETURNING id", incident_id
        )
        await tx.rows("UPDATE outbox SET starts = starts RETURNING id")

    await commit(work)


async def test_lanes_that_are_given_back_are_held_one_by_one(pair: Pair) -> None:
    # given a vendor that is writing to two incidents
    world = pair.world
    made = world.servicenow.create({"short_description": "b", "impact": "3", "urgency": "3"})
    world.clock.move(seconds=5)
    await world.sync()
    asked = asyncio.Event()
    world.stand_between(lambda vendor: Slow(vendor, asked, asyncio.Event()))
    for one in (pair, Pair(world=world, number=made["number"])):
        await one.edit(title="p")
    first, second = [
        lane["incident_id"] for lane in await rows("SELECT incident_id FROM lane ORDER BY id")
    ]
    delivery = asyncio.create_task(push_due(world.runtime))
    await asked.wait()

    # when the worker stops, and a page that holds the later lane comes to the earlier one
    async with _waited_for(_update(pair, second), _update(pair, first)):
        delivery.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivery

    # then it has given both back
    lanes = await rows("SELECT lease_until FROM lane")
    assert [lane["lease_until"] for lane in lanes] == [None, None]


async def test_a_lane_that_is_left_waits_for_nobody_who_holds_its_incident(pair: Pair) -> None:
    # given a worker that holds a lane, and a change that holds the incident
    await pair.edit(title="p")
    incident = await pair.ours()
    is_free = asyncio.Event()

    async def leave(tx: Transaction) -> None:
        await tx.rows("SET LOCAL lock_timeout = 2000")
        (lane,) = await claim_lanes(
            tx,
            now=pair.world.clock.now(),
            owner="worker",
            lease=timedelta(minutes=1),
            most=1,
        )
        await leave_lane(tx, lane, due_at=None)

    async def change(tx: Transaction) -> None:
        await lock_incident(tx, incident["id"])
        is_free.set()
        await left

    # then the lane is left before the change has ended
    left = asyncio.create_task(_after(is_free, leave))
    await commit(change)


async def _after(event: asyncio.Event, work: Callable[[Transaction], Awaitable[None]]) -> None:
    await event.wait()
    await commit(work)
