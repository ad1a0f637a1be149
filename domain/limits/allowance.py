"""When a vendor may be asked next: evenly, and less often after it complained. Pure.

Requests are spaced, not counted: a vendor's own window may be a second, a minute
or an hour long and begin anywhere, and even spacing keeps them all. There is no
burst, for whatever it saves at first would be too much for some window.

Instants and spans are whole microseconds of one clock, that of Redis or that of
a process. ``workers/budget.py`` says the same in Lua; a test holds the two together.
"""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

MINUTE_US: Final = 60_000_000
# Pauses are this much longer than the limit asks for: what was sent evenly arrives less so.
MARGIN: Final = 1.1
# A vendor that said "too often" is asked half as often, an eighth at the least,
# and the pauses shrink to their usual length within so long.
MOST_STRETCH: Final = 8.0
RECOVERY_US: Final = 5 * MINUTE_US
# No wait is longer: neither one that a vendor asks for nor a pause at the slowest pace.
# One that seems to be shows that the clock was put back.
LONGEST_WAIT_US: Final = 15 * MINUTE_US
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is remembered of one integration.

    next_us: the earliest instant of the next request.
    stretch: how many times as long as usual the pauses are at ``stretched_us``.
    minute: the number of the clock's minute in which ``used`` requests were let go.
    """

    next_us: int = 0
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


def interval_us(per_minute: float) -> int:
    """Return the pause between two requests, a little longer than the limit asks for."""
    return math.ceil(MINUTE_US * MARGIN / per_minute)


def stretch_at(allowance: Allowance, now_us: int) -> float:
    """Return how many times as long as usual the pauses are now: 1 at the usual pace."""
    since = max(0, now_us - allowance.stretched_us)
    return 1 + (allowance.stretch - 1) * max(0.0, 1 - since / RECOVERY_US)


def wait_us(allowance: Allowance, *, now_us: int) -> int:
    """Return how long the next request has to wait, 0 when it may be sent now."""
    wait = allowance.next_us - now_us
    return wait if 0 < wait <= LONGEST_WAIT_US else 0


def sent(allowance: Allowance, *, interval_us: int, now_us: int) -> Allowance:
    """Return what is remembered when a request is sent now."""
    minute = now_us // MINUTE_US
    return replace(
        allowance,
        next_us=now_us + math.floor(interval_us * stretch_at(allowance, now_us)),
        minute=minute,
        used=1 + (allowance.used if minute == allowance.minute else 0),
    )


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


def _instant(epoch_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=epoch_us)
