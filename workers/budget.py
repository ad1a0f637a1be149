"""How often each vendor is asked: one allowance an integration, shared by all processes.

It lies in Redis, by whose clock a script decides. While Redis is away, each
process keeps to its part of the limit; the database, not this, says what is due.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

from domain.limits.allowance import (
    LONGEST_WAIT_US,
    MINUTE_US,
    MOST_STRETCH,
    RECOVERY_US,
    Allowance,
    Left,
    Limit,
    answered,
    left,
    limit_of,
    sent,
    throttled,
    wait_us,
)
from domain.sync.retry import throttled_wait

log = structlog.get_logger()

KEY: Final = "watchpane:allowance:"
# The requests that count, by the instants until which they do.
COUNTED: Final = "watchpane:counted:"
_ANSWER_SECONDS: Final = 0.5
_SHORTEST_SECONDS: Final = 0.001
_MICROSECOND: Final = timedelta(microseconds=1)

# The functions of domain/limits/allowance.py; `now` and what is remembered come first.
SERVER_TIME: Final = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
"""
_REMEMBERED: Final = f"""{SERVER_TIME}
local kept = redis.call('HMGET', KEYS[1], 'next', 'stretch', 'stretched', 'minute', 'used')
for place = 1, 5 do kept[place] = tonumber(kept[place] or 0) end
local next, stretch, stretched, minute, used = unpack(kept)
stretch = math.max(1, stretch)
local function stretch_now()
    return 1 + (stretch - 1) * math.max(0, 1 - math.max(0, now - stretched) / {RECOVERY_US})
end
local function keep(...)
    redis.call('HSET', KEYS[1], ...)
    redis.call('EXPIRE', KEYS[1], 3600)
end
local function whole(number) return string.format('%.0f', number) end
"""
# Lets a request go now, or not before a wait; gives both in microseconds.
ASK: Final = f"""{_REMEMBERED}
local interval, most, span, open = unpack(ARGV)
local past, latest = whole(now), whole(now + open)
local first = '(' .. past
local wait = 0
if next > now and next - now <= {LONGEST_WAIT_US} then wait = next - now end
if redis.call('ZCOUNT', KEYS[2], first, latest) >= tonumber(most) then
    local found = redis.call('ZRANGEBYSCORE', KEYS[2], first, latest, 'WITHSCORES', 'LIMIT', 0, 1)
    wait = math.max(wait, math.min(found[2] - now, span))
end
if wait > 0 then return {{wait, now}} end
local this_minute = math.floor(now / {MINUTE_US})
if this_minute ~= minute then used = 0 end
keep('next', whole(now + math.floor(interval * stretch_now())),
    'minute', whole(this_minute), 'used', whole(used + 1))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', past)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '(' .. latest, '+inf')
redis.call('ZADD', KEYS[2], latest, past)
redis.call('EXPIRE', KEYS[2], 3600)
return {{0, now}}
"""
ANSWERED: Final = f"""{SERVER_TIME}
redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('EXPIRE', KEYS[2], 3600)
return 0
"""
THROTTLE: Final = f"""{_REMEMBERED}
local hold, slows_down = tonumber(ARGV[1]), ARGV[2] == '1'
keep('next', whole(math.max(next, now + hold)))
if slows_down and now >= stretched then
    keep('stretch', string.format('%.17g', math.min({MOST_STRETCH}, 2 * stretch_now())),
        'stretched', whole(now + hold))
end
return 0
"""
LOOK: Final = f"""{_REMEMBERED}
return {{whole(now), whole(next), string.format('%.17g', stretch), whole(stretched),
    whole(minute), whole(used)}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """How far a request's turn is away: 0 µs when it has been let go, at these instants.

    shared_us: by the clock of Redis, None while that is away; alone_us: by that of this process.
    """

    wait_us: int
    shared_us: int | None
    alone_us: int


class SharedBudget:
    """Lets requests go one by one, in the order in which a process asks for them."""

    def __init__(
        self, redis: RedisSettings | None, *, processes: int, rest_seconds: float = 5
    ) -> None:
        """Take where Redis is, None for nowhere, and how many processes may ask vendors.

        rest_seconds: how long a lost Redis is left alone before it is tried again.
        """
        self._redis = redis
        self._processes = processes
        self._rest_seconds = rest_seconds
        self._pool: ArqRedis | None = None
        self._opening = asyncio.Lock()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._alone: defaultdict[str, Allowance] = defaultdict(Allowance)
        self._is_lost = False
        self._silent_until = 0.0

    @asynccontextmanager
    async def pace(
        self, integration_id: str, *, per_minute: int, deadline: timedelta
    ) -> AsyncIterator[None]:
        """Enter when the next request may be sent; leave when it has ended.

        deadline: how long a request may take; one that is never left counts for
        no longer than that and its window.
        Whoever waits asks again at the end of the wait, so that it notices what
        the vendor told others meanwhile. One of a process does so at a time.
        """
        whole = limit_of(per_minute, deadline=deadline)
        part = limit_of(per_minute, deadline=deadline, processes=self._processes)
        async with self._turns[integration_id]:
            while (turn := await self._ask(integration_id, whole, part)).wait_us:
                await _rest(turn.wait_us * _MICROSECOND)
        try:
            yield
        finally:
            await self._leave(integration_id, turn, whole)

    async def throttled(
        self, integration_id: str, retry_after: timedelta | None, *, slows_down: bool
    ) -> None:
        """Let nobody ask until the vendor's time has come, and then less often for a while."""
        hold_us = throttled_wait(retry_after) // _MICROSECOND
        self._alone[integration_id] = throttled(
            self._alone[integration_id], hold_us=hold_us, slows_down=slows_down, now_us=_now_us()
        )
        await self._run(THROTTLE, integration_id, hold_us, int(slows_down))

    async def left(self, integration_id: str, *, per_minute: int) -> Left | None:
        """Return what may still be asked in this minute; None while Redis is away."""
        found = await self._run(LOOK, integration_id)
        if found is None:
            return None
        now_us, next_us, stretch, stretched_us, minute, used = found
        allowance = Allowance(
            next_us=int(next_us),
            stretch=float(stretch),
            stretched_us=int(stretched_us),
            minute=int(minute),
            used=int(used),
        )
        return left(allowance, per_minute=per_minute, now_us=int(now_us))

    async def aclose(self) -> None:
        """Let go of Redis."""
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None

    async def _ask(self, integration_id: str, whole: Limit, part: Limit) -> _Turn:
        """Take the next request's turn, or return how far it is away."""
        found = await self._run(
            ASK, integration_id, whole.interval_us, whole.most, whole.span_us, whole.open_us
        )
        alone, now_us = self._alone[integration_id], _now_us()
        wait, shared_us = found or (wait_us(alone, part, now_us=now_us), None)
        if not wait:
            # Noted beside Redis too: whoever loses it goes on with a pause.
            self._alone[integration_id] = sent(alone, part, now_us=now_us)
        return _Turn(wait_us=wait, shared_us=shared_us, alone_us=now_us)

    async def _leave(self, integration_id: str, turn: _Turn, limit: Limit) -> None:
        """Let a request count for one window more, from its end on."""
        alone, now_us = self._alone[integration_id], _now_us()
        self._alone[integration_id] = answered(alone, limit, sent_us=turn.alone_us, now_us=now_us)
        if turn.shared_us is not None:
            await self._run(ANSWERED, integration_id, turn.shared_us, limit.span_us)

    async def _run(self, script: str, integration_id: str, *values: int) -> Any:  # noqa: ANN401 — what a script returns
        """Return what a script does in Redis; None while Redis is away."""
        now = asyncio.get_running_loop().time()
        if self._redis is None or now < self._silent_until:
            return None
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                pool = await self._opened(self._redis)
                keys = [KEY + integration_id, COUNTED + integration_id]
                found = await pool.register_script(script)(keys, values)
        except (RedisError, OSError, TimeoutError) as error:
            self._silent_until = now + self._rest_seconds
            if not self._is_lost:
                log.warning("redis_lost", operation="budget", detail=type(error).__name__)
            self._is_lost = True
            return None
        self._is_lost = False
        return found

    async def _opened(self, redis: RedisSettings) -> ArqRedis:
        async with self._opening:
            if self._pool is None:
                self._pool = await create_pool(redis)
            return self._pool


def _now_us() -> int:
    return int(asyncio.get_running_loop().time() * 1_000_000)


async def _rest(span: timedelta) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(max(span.total_seconds(), _SHORTEST_SECONDS)):
            await asyncio.Event().wait()
