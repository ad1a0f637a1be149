"""What Redis decides is what the domain says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from redis.asyncio import Redis

from domain.limits.allowance import (
    Allowance,
    answered,
    left,
    limit_of,
    sent,
    throttled,
    wait_us,
)
from workers.budget import ANSWERED, ASK, COUNTED, KEY, LOOK, SERVER_TIME, THROTTLE

DEADLINE = timedelta(seconds=12)


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey_url) as client:
        await client.flushall()
        yield client


async def test_redis_decides_as_the_domain_says(redis: Redis) -> None:
    """The script and ``domain/limits/allowance.py`` agree in random steps."""
    moved = "local now = tonumber(redis.call('GET', 'the-time'))"
    ask, answer, throttle, look = (
        redis.register_script(text.replace(SERVER_TIME, moved))
        for text in (ASK, ANSWERED, THROTTLE, LOOK)
    )
    keys = [KEY + "x", COUNTED + "x"]
    chance = Random(7)  # noqa: S311 — repeatable, protects nothing
    known, now, fullest = Allowance(), 1_772_445_600_000_000, 0
    moves, weights = [0, 1, 90_000, 2_000_000, 70_000_000, -3_600_000_000], [2, 2, 40, 2, 1, 1]
    for step in range(2_000):
        now += chance.choices(moves, weights)[0]
        await redis.set("the-time", now)
        if step > 1_000 and chance.random() < 0.1:
            hold, slows_down = chance.randrange(90_000_000), chance.random() < 0.7
            await throttle(keys, [hold, int(slows_down)])
            known = throttled(known, hold_us=hold, slows_down=slows_down, now_us=now)
        else:
            limit = limit_of(chance.choice([60, 600, 960]), deadline=DEADLINE)
            waited, at_us = await ask(
                keys, [limit.interval_us, limit.most, limit.span_us, limit.open_us]
            )
            assert (waited, at_us) == (wait_us(known, limit, now_us=now), now)
            if not waited:
                known = sent(known, limit, now_us=now)
            if known.counted and chance.random() < 0.5:
                sent_us = chance.choice(list(known.counted))
                await answer(keys, [sent_us, limit.span_us])
                known = answered(known, limit, sent_us=sent_us, now_us=now)
            fullest = max(fullest, len(known.counted))
        told = await look(keys)
        assert [float(one) for one in told] == [
            now,
            known.next_us,
            known.stretch,
            known.stretched_us,
            known.minute,
            known.used,
        ]
    assert fullest > 9


def test_left_is_told_by_the_same_clock_as_the_allowance() -> None:
    now = datetime(2026, 3, 2, 10, 0, 30, tzinfo=UTC)
    now_us = int(now.timestamp() * 1_000_000)
    one = sent(Allowance(), limit_of(60, deadline=DEADLINE), now_us=now_us)
    found = left(one, per_minute=60, now_us=now_us)
    assert found.remaining == 59
    assert found.resets_at == datetime(2026, 3, 2, 10, 1, tzinfo=UTC)
