"""One allowance for all who ask a vendor, with Redis and without it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import httpx
import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from adapters.contract import Access, Vendor
from adapters.exchange import Failed, Page, PageAsk
from adapters.servicenow.manifest import SERVICENOW
from domain.limits.allowance import Left
from domain.records import RecordKind
from im.processes.waiting import until
from simulators.limit import Limit
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from tests.workers.restartable import Restartable, restartable
from workers.budget import SharedBudget
from workers.queue import redis_at

TEN_A_SECOND = 600
DEADLINE = timedelta(seconds=12)


def ask(
    budget: SharedBudget, key: str = "one", *, per_minute: int = TEN_A_SECOND
) -> AbstractAsyncContextManager[None]:
    return budget.pace(key, per_minute=per_minute, deadline=DEADLINE)


async def look(budget: SharedBudget, *, per_minute: int = TEN_A_SECOND) -> Left:
    found = await budget.left("one", per_minute=per_minute)
    assert found is not None
    return found


def has_left(found: Left, remaining: int, *, since: Left) -> bool:
    """Say whether so much is left, or the minute of Redis, which nobody moves, has ended since."""
    return found.remaining == remaining or found.resets_at > since.resets_at


def _now() -> datetime:
    """Return real time, counted from some day in 1970."""
    return datetime.fromtimestamp(time.monotonic(), UTC)


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey_url) as client:
        await client.flushall()
        yield client


@dataclass(slots=True)
class Counting:
    """A server on a free port that notes when each request comes in; a request is a line.

    Requests are on their way for up to a fifth of a second, as the answers are.
    """

    chance: Random
    limit: Limit = field(default_factory=lambda: Limit(requests=10, per=timedelta(seconds=1)))
    met: int = 0
    port: int = 0

    async def run(self, ready: asyncio.Event) -> None:
        """Serve until cancelled."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await self._travel()
            self.limit.meet("all", _now())
            self.met += 1
            await self._travel()
            writer.write(b"\n")
        writer.close()

    async def _travel(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.chance.choice([0, 0.02, 0.2])):
                await asyncio.Event().wait()


async def _ask(url: str, port: int, *, requests: int) -> None:
    """Be a process that has three runs under way, each asking as fast as it may."""
    async with aclosing(SharedBudget(redis_at(url), processes=2)) as budget:

        async def run() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(requests):
                async with ask(budget):
                    writer.write(b"\n")
                    await reader.readline()
            writer.close()
            await writer.wait_closed()

        await asyncio.gather(run(), run(), run())


@pytest.mark.usefixtures("redis")
async def test_two_processes_with_three_runs_each_stay_within_ten_a_second(
    valkey_url: str,
) -> None:
    counting, ready = Counting(chance=Random(1)), asyncio.Event()  # noqa: S311 — repeatable, protects nothing
    serving = asyncio.create_task(counting.run(ready))
    await ready.wait()
    began = time.monotonic()
    await asyncio.gather(
        *(
            asyncio.to_thread(asyncio.run, _ask(valkey_url, counting.port, requests=6))
            for _ in range(2)
        )
    )
    serving.cancel()
    assert counting.met == 36
    assert counting.limit.busiest <= 10
    # Sharing costs little of what the limit allows, and the ways there and back some more.
    assert time.monotonic() - began < 36 / 10 * 2


@pytest.mark.usefixtures("redis")
async def test_a_vendor_that_refuses_the_eleventh_request_of_a_second_refuses_none(
    valkey_url: str,
) -> None:
    instance = ServiceNow(now=_now, account=Account(user="admin", password="p"))  # noqa: S106 — of a simulator
    limit = instance.switches.limit = Limit(requests=10, per=timedelta(seconds=1))
    async with AsyncExitStack() as stack:
        vendors = []
        for _ in range(2):
            budget = SharedBudget(redis_at(valkey_url), processes=2)
            await stack.enter_async_context(aclosing(budget))
            vendor = SERVICENOW.connect(
                Access(
                    base_url="http://127.0.0.1:9",
                    credentials={"user": "admin", "password": "p"},
                    now=_now,
                    deadline=timedelta(seconds=5),
                    pace=partial(ask, budget),
                    transport=httpx.ASGITransport(app=instance.app),
                )
            )
            stack.push_async_callback(vendor.close)
            vendors.append(vendor)

        async def read(vendor: Vendor) -> list[Page | Failed]:
            ask = PageAsk(kind=RecordKind.INCIDENT, since=None, position=None, size=1)
            return [await vendor.page(ask) for _ in range(12)]

        answers = await asyncio.gather(*map(read, vendors))
    assert [type(page) for pages in answers for page in pages] == [Page] * 24
    assert 5 <= limit.busiest <= 10


@pytest.mark.usefixtures("redis")
async def test_requests_under_way_leave_no_room_for_more_in_another_process(
    valkey_url: str,
) -> None:
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(
                aclosing(SharedBudget(redis_at(valkey_url), processes=2))
            )
            for _ in range(2)
        ]
        # given a window of a hundred requests, none of which is answered
        async with AsyncExitStack() as under_way:
            for _ in range(100):
                await under_way.enter_async_context(ask(first, per_minute=6_000))
            # when another process asks, it is not its turn
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1.2), ask(second, per_minute=6_000):
                    pass
            answered_at = time.monotonic()
        # then it is so a window after the answers
        async with ask(second, per_minute=6_000):
            assert 0.95 < time.monotonic() - answered_at < 1.5


@pytest.mark.usefixtures("redis")
async def test_what_one_process_is_told_to_wait_the_others_wait_too(valkey_url: str) -> None:
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(
                aclosing(SharedBudget(redis_at(valkey_url), processes=2))
            )
            for _ in range(2)
        ]
        before = await look(first, per_minute=6_000)
        async with ask(first, per_minute=6_000):
            pass
        # given a run under way that is about to wait
        await first.throttled("one", timedelta(seconds=1), slows_down=True)
        began = time.monotonic()
        async with ask(second, per_minute=6_000):
            pass
        assert 0.95 < time.monotonic() - began < 1.5

        found = await look(first, per_minute=6_000)
        assert has_left(found, 6_000 - 2, since=before)
        assert found.slowed_until is not None


@pytest.mark.usefixtures("redis")
async def test_what_one_integration_is_told_to_wait_holds_back_no_other(valkey_url: str) -> None:
    async with aclosing(SharedBudget(redis_at(valkey_url), processes=1)) as budget:
        await budget.throttled("one", timedelta(minutes=5), slows_down=True)
        async with asyncio.timeout(DEADLINE.total_seconds()), ask(budget, "two"):
            pass
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), ask(budget, "one"):
                pass


@pytest.mark.usefixtures("redis")
async def test_requests_go_in_their_order_and_one_that_is_cancelled_takes_no_turn(
    valkey_url: str,
) -> None:
    gone: list[int] = []
    async with aclosing(SharedBudget(redis_at(valkey_url), processes=1)) as budget:
        before = await look(budget)

        async def go(number: int) -> None:
            async with ask(budget):
                gone.append(number)

        tasks = [asyncio.create_task(go(number)) for number in range(5)]
        await asyncio.wait(tasks[:1])
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        found = await look(budget)
    assert gone == [0, 1, 3, 4]
    assert has_left(found, TEN_A_SECOND - 4, since=before)


async def test_without_redis_each_process_keeps_to_its_part() -> None:
    budget = SharedBudget(None, processes=4)
    began = time.monotonic()
    for _ in range(3):
        async with ask(budget, per_minute=2_400):
            pass
    assert time.monotonic() - began >= 2 * 0.1
    assert await budget.left("one", per_minute=2_400) is None


async def test_redis_may_go_and_come_back_and_the_pace_is_kept() -> None:
    async with restartable() as server:
        await _goes_and_comes_back(server)


async def _goes_and_comes_back(server: Restartable) -> None:
    budget = SharedBudget(redis_at(server.url), processes=2, rest_seconds=0.05)
    async with aclosing(budget):
        async with ask(budget, per_minute=1_200):
            pass
        assert await budget.left("one", per_minute=1_200) is not None
        with capture_logs() as logged:
            server.stop()
            began = time.monotonic()
            for _ in range(4):
                async with ask(budget, per_minute=1_200):
                    pass
            # Half of twenty a second, from the first request on.
            assert time.monotonic() - began >= 0.4
        assert [entry["event"] for entry in logged] == ["redis_lost"]
        await server.start()

        async def is_back() -> bool:
            return await budget.left("one", per_minute=1_200) is not None

        await until(is_back, seconds=5)
        async with ask(budget, per_minute=1_200):
            pass
