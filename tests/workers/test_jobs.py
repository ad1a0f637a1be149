"""Jobs run through Redis, and without it."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest
from arq.connections import create_pool

from domain.records import RecordKind
from im.processes.waiting import until
from models.database import DatabaseAt
from operations.runtime import Runtime
from operations.sync.start import StartSync, start_sync
from tests.clock import Clock
from tests.mirror import rows_of
from tests.workers.restartable import Restartable, restartable
from tests.world import ADMIN, World, count, simulated
from workers.beat import poll
from workers.queue import QUEUE, redis_at, run_worker
from workers.wake import Waker

_ALL = StartSync(integration_id=None, kinds=[RecordKind.INCIDENT])


@pytest.fixture
async def redis() -> AsyncIterator[Restartable]:
    async with restartable() as server:
        yield server


@asynccontextmanager
async def running(*jobs: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run some tasks beside a test."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def mirrored(world: World) -> None:
    """Wait until all runs have succeeded and the vendor's incidents are there."""

    async def is_done() -> bool:
        runs = await rows_of("sync_run")
        expected = world.servicenow.records.store.count("incident")
        return {run["status"] for run in runs} == {"SUCCEEDED"} and (
            await count("incident") == expected
        )

    await until(is_done, seconds=10)


async def polled(runtime: Runtime) -> None:
    """Poll without end."""
    await poll(runtime, fallback_seconds=0.05, stop=asyncio.Event())


async def test_a_sync_that_is_asked_for_runs_within_a_second(
    world: World, redis: Restartable
) -> None:
    waker = Waker(redis_at(redis.url))
    runtime = replace(world.runtime, wake=waker.wake)
    async with running(waker.run(), run_worker(runtime, redis_at(redis.url))):
        await mirrored(world)
        world.clock.move(seconds=1)
        world.servicenow.create({"short_description": "New"})
        began = time.monotonic()
        await start_sync(runtime, ADMIN, _ALL)
        await mirrored(world)
        assert time.monotonic() - began < 1


async def hinted(redis: Restartable) -> set[str]:
    """Return the names of the jobs that wait in Redis for a worker."""
    pool = await create_pool(
        redis_at(redis.url), default_queue_name=QUEUE, job_deserializer=orjson.loads
    )
    async with aclosing(pool):
        return {job.function for job in await pool.queued_jobs()}


async def test_a_sync_that_is_asked_for_leaves_a_hint_for_a_worker(
    world: World, redis: Restartable
) -> None:
    waker = Waker(redis_at(redis.url))
    runtime = replace(world.runtime, wake=waker.wake)
    async with running(waker.run()):
        await start_sync(runtime, ADMIN, _ALL)

        async def is_told() -> bool:
            return await hinted(redis) == {"pull_due"}

        await until(is_told, seconds=10)
        async with running(run_worker(runtime, redis_at(redis.url))):
            await mirrored(world)


async def test_without_redis_the_poll_runs_what_is_due_and_stops_when_told(world: World) -> None:
    stop = asyncio.Event()
    polling = asyncio.create_task(poll(world.runtime, fallback_seconds=0.05, stop=stop))
    await mirrored(world)
    stop.set()
    async with asyncio.timeout(5):
        await polling
    assert polling.done()


async def test_redis_may_go_and_come_back_and_nothing_is_lost(
    world: World, redis: Restartable
) -> None:
    waker = Waker(redis_at(redis.url))
    runtime = replace(world.runtime, wake=waker.wake)
    async with running(waker.run(), run_worker(runtime, redis_at(redis.url))):
        await mirrored(world)

        # when Redis is away, the poll does the work
        redis.stop()
        world.servicenow.create({"short_description": "While it is away"})
        await start_sync(runtime, ADMIN, _ALL)
        async with running(polled(runtime)):
            await mirrored(world)

        # when it is back, arq does it again by itself
        await redis.start()
        world.clock.move(minutes=2)
        world.servicenow.create({"short_description": "When it is back"})
        await mirrored(world)


async def test_two_workers_share_the_runs_and_never_one_run(
    database: DatabaseAt, clock: Clock, redis: Restartable
) -> None:
    # given six integrations, and two workers
    world = World(at=database, clock=clock, servicenow=simulated(clock, rows=60))
    for number in range(6):
        await world.register(key=f"snow-{number}")
    first, second = world.start("first"), world.start("second")
    async with running(
        *(run_worker(runtime, redis_at(redis.url)) for runtime in (first, second)),
        polled(first),
        polled(second),
    ):

        async def is_done() -> bool:
            runs = await rows_of("sync_run")
            return [run["status"] for run in runs] == ["SUCCEEDED"] * 6

        await until(is_done, seconds=20)

    runs = await rows_of("sync_run")
    assert {run["fence"] for run in runs} == {1}
    incidents = world.servicenow.records.store.count("incident")
    assert await count("incident_link") == 6 * incidents
