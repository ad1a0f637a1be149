"""How much a caller may ask for in a minute, counted in cost."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Final

from gql.declined import Code, declined
from gql.recent import Recent

# Callers remembered; one forgotten starts with a full bucket.
CALLERS: Final = 10_000
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """What was left in a bucket at an instant, in cost and seconds."""

    left: float
    at: float


class Buckets:
    """A bucket for each caller: it holds a minute's allowance and fills evenly."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        """Start with full buckets; ``monotonic`` is a clock in seconds."""
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._levels: Recent[str, _Level] = Recent(CALLERS)

    def charge(self, caller: str, cost: int) -> None:
        """Take the cost out of the caller's bucket.

        Raises Declined with status 429 and the wait when too little is left;
        nothing is taken then.
        """
        now = self._monotonic()
        level = self._levels.get(caller) or _Level(left=self._per_minute, at=now)
        rate = self._per_minute / _SECONDS
        left = min(level.left + (now - level.at) * rate, self._per_minute)
        if cost > left:
            wait = ceil((cost - left) / rate)
            raise declined(
                f"The allowance of {self._per_minute} a minute is spent: wait {wait} s.",
                Code.RATE_LIMITED,
                status=429,
                headers={"Retry-After": str(wait)},
            )
        self._levels.put(caller, _Level(left=left - cost, at=now))
