"""When a vendor may be asked next: evenly, and less often after it complained. Pure.

Requests are spaced: a vendor's own window may be a second, a minute or an hour
long and begin anywhere, and there is no burst that would be too much for one of
them. What was sent evenly may arrive bunched, so they are counted too, each from
its sending until a while after its answer: in between it has arrived, at whatever
time. So no window at the vendor ever holds more than the limit.

Instants and spans are whole microseconds of one clock, that of Redis or that of
a process. ``workers/budget.py`` says the same in Lua; a test holds the two together.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

MINUTE_US: Final = 60_000_000
_SECOND_US: Final = 1_000_000
# The shortest window that holds so many requests is kept strictly, be it a second at least:
# one that held fewer would keep those waiting that run side by side.
_FEWEST: Final = 10
# A vendor that said "too often" is asked half as often, an eighth at the least,
# and the pauses shrink to their usual length within so long.
MOST_STRETCH: Final = 8.0
RECOVERY_US: Final = 5 * MINUTE_US
# No wait is longer: neither one that a vendor asks for nor a pause at the slowest pace.
# One that seems to be shows that the clock was put back.
LONGEST_WAIT_US: Final = 15 * MINUTE_US
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How often whoever keeps one allowance may ask.

    interval_us: the pause between two requests.
    most: how many may arrive within any ``span_us``.
    open_us: how long a request counts whose answer nobody tells of.
    """

    interval_us: int
    most: int
    span_us: int
    open_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is remembered of one integration.

    next_us: the earliest instant of the next request.
    counted: until when each request counts, by the instant at which it was let go.
    stretch: how many times as long as usual the pauses are at ``stretched_us``.
    minute: the number of the clock's minute in which ``used`` requests were let go.
    """

    next_us: int = 0
    counted: Mapping[int, int] = field(default_factory=dict)
    stretch: float = 1.0
    stretched_us: int = 0
    minute: int = 0
    used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What may still be asked.

    remaining: requests in the present minute; resets_at: when there are more.
    slowed_until: when the usual pace is reached again; None when it is kept.
    """

    remaining: int
    resets_at: datetime
    slowed_until: datetime | None


def limit_of(per_minute: int, *, deadline: timedelta, processes: int = 1) -> Limit:
    """Return the part of a limit that one of so many processes may use by itself.

    deadline: how long a request may take.
    Parts of an equal window add up to it, unless more processes than it holds share it.
    """
    span_us = max(_SECOND_US, math.ceil(_FEWEST * MINUTE_US / per_minute))
    return Limit(
        interval_us=math.ceil(processes * MINUTE_US / per_minute),
        most=max(1, per_minute * span_us // MINUTE_US // processes),
        span_us=span_us,
        open_us=deadline // timedelta(microseconds=1) + span_us,
    )


def stretch_at(allowance: Allowance, now_us: int) -> float:
    """Return how many times as long as usual the pauses are now: 1 at the usual pace."""
    since = max(0, now_us - allowance.stretched_us)
    return 1 + (allowance.stretch - 1) * max(0.0, 1 - since / RECOVERY_US)


def wait_us(allowance: Allowance, limit: Limit, *, now_us: int) -> int:
    """Return how long the next request has to wait at least, 0 when it may be sent now.

    A full window has room when the first of its requests ceases to count; one that
    is not answered yet counts for a whole span from its answer on.
    """
    pause = allowance.next_us - now_us
    wait = pause if 0 < pause <= LONGEST_WAIT_US else 0
    counted = _counted(allowance, limit, now_us)
    if len(counted) < limit.most:
        return wait
    return max(wait, min(min(counted.values()) - now_us, limit.span_us))


def sent(allowance: Allowance, limit: Limit, *, now_us: int) -> Allowance:
    """Return what is remembered when a request is sent now."""
    minute = now_us // MINUTE_US
    return replace(
        allowance,
        next_us=now_us + math.floor(limit.interval_us * stretch_at(allowance, now_us)),
        counted={**_counted(allowance, limit, now_us), now_us: now_us + limit.open_us},
        minute=minute,
        used=1 + (allowance.used if minute == allowance.minute else 0),
    )


def answered(allowance: Allowance, limit: Limit, *, sent_us: int, now_us: int) -> Allowance:
    """Return what is remembered when the request that was let go at ``sent_us`` is answered."""
    return replace(allowance, counted={**allowance.counted, sent_us: now_us + limit.span_us})


def throttled(allowance: Allowance, *, hold_us: int, slows_down: bool, now_us: int) -> Allowance:
    """Return what is remembered when the vendor has said "too often": nobody asks for a while.

    Several refusals of one burst double the pauses once: those after the first
    come while it is being waited out.
    """
    held = replace(allowance, next_us=max(allowance.next_us, now_us + hold_us))
    if not slows_down or now_us < allowance.stretched_us:
        return held
    stretch = min(MOST_STRETCH, 2 * stretch_at(allowance, now_us))
    return replace(held, stretch=stretch, stretched_us=now_us + hold_us)


def left(allowance: Allowance, *, per_minute: int, now_us: int) -> Left:
    """Return what may still be asked in this minute, by the clock of the Unix epoch."""
    minute = now_us // MINUTE_US
    ends_us = (minute + 1) * MINUTE_US
    used = allowance.used if minute == allowance.minute else 0
    is_held = allowance.next_us >= ends_us
    recovered_us = allowance.stretched_us + RECOVERY_US
    is_slowed = allowance.stretch > 1 and now_us < recovered_us
    return Left(
        remaining=0 if is_held else max(0, per_minute - used),
        resets_at=_instant(max(ends_us, allowance.next_us)),
        slowed_until=_instant(recovered_us) if is_slowed else None,
    )


def _counted(allowance: Allowance, limit: Limit, now_us: int) -> Mapping[int, int]:
    """Return the requests that count now; one that seems to for too long is of another clock."""
    return {
        sent_us: until_us
        for sent_us, until_us in allowance.counted.items()
        if now_us < until_us <= now_us + limit.open_us
    }


def _instant(epoch_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=epoch_us)
