"""Hints over Redis: "there is work", without saying what. All may be lost."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import orjson
import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

from workers.queue import QUEUE

log = structlog.get_logger()

CHANNEL: Final = "watchpane:wake"
# Topics that are jobs of a worker; the others are told to whoever listens.
JOBS: Final[Mapping[str, str]] = {
    "apply": "apply_due",
    "notify": "notify_due",
    "pull": "pull_due",
    "push": "push_due",
    "reconcile": "reconcile_due",
}
_MOST_WAITING: Final = 1_000
_SEND_SECONDS: Final = 0.5
_REST_SECONDS: Final = 5.0


class Waker:
    """Sends hints in the background; nobody ever waits for Redis."""

    def __init__(self, redis: RedisSettings) -> None:
        """Take where Redis is; nothing is opened yet."""
        self._redis = redis
        self._waiting: asyncio.Queue[str] = asyncio.Queue(_MOST_WAITING)
        self._is_lost = False

    async def fault(self) -> str | None:
        """Return what is wrong with Redis as far as is known, or None."""
        return "Redis does not answer; work is found by polling" if self._is_lost else None

    async def wake(self, topic: str) -> None:
        """Put a hint in the queue; a full queue drops it."""
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(topic)

    async def run(self) -> None:
        """Send hints until cancelled; after an error rest for 5 s."""
        while True:
            try:
                await self._send_all()
            except (RedisError, OSError, TimeoutError) as error:
                self._is_lost = True
                log.warning("redis_lost", operation="wake", detail=type(error).__name__)
                await _rest(_REST_SECONDS)

    async def _send_all(self) -> None:
        pool = await create_pool(self._redis, default_queue_name=QUEUE, job_serializer=orjson.dumps)
        try:
            self._is_lost = False
            while True:
                topic = await self._waiting.get()
                async with asyncio.timeout(_SEND_SECONDS):
                    await _send(pool, topic)
        finally:
            await pool.aclose()


async def _send(pool: ArqRedis, topic: str) -> None:
    if topic in JOBS:
        # One job of an id waits at a time; the cron makes good what this drops.
        await pool.enqueue_job(JOBS[topic], _job_id=f"wake:{JOBS[topic]}")
    else:
        await pool.publish(CHANNEL, topic)


async def listen(redis: RedisSettings, on_hint: Callable[[str], None]) -> None:
    """Call ``on_hint`` with each topic that another process tells, until cancelled."""
    while True:
        try:
            pool = await create_pool(redis)
            try:
                async with pool.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            on_hint(message["data"].decode())
            finally:
                await pool.aclose()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("redis_lost", operation="listen", detail=type(error).__name__)
            await _rest(_REST_SECONDS)


async def _rest(seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()
