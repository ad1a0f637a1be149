"""A vendor's rule on how often it may be asked. Knows no vendor, and no clock."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What a limit says of one request.

    count: requests of this caller in the present window, this one included.
    resets_at: when the next window begins; wait: until then, more than zero.
    is_over: it is beyond what the window may hold, and has to be refused.
    """

    count: int
    resets_at: datetime
    wait: timedelta
    is_over: bool


@dataclass(slots=True, kw_only=True)
class Limit:
    """So many requests a window, for each caller; the windows lie end to end from the epoch.

    An hour's windows are therefore the hours of the clock.
    requests: how many a window may hold.
    per: length of a window.
    rule: what the vendor calls this rule, where it tells.
    is_told: answers say what the limit is and when to come back; some refuse
        without a word.
    busiest: the greatest number of requests that one caller has made within any
        span of ``per``, wherever that begins; the span is half open, and refused
        requests count.
    """

    requests: int
    per: timedelta
    rule: str = ""
    is_told: bool = True
    busiest: int = field(init=False, default=0)
    _window: datetime = field(init=False, repr=False, default=_EPOCH)
    _counts: dict[str, int] = field(init=False, repr=False, default_factory=dict)
    _recent: dict[str, deque[datetime]] = field(init=False, repr=False, default_factory=dict)

    def meet(self, caller: str, now: datetime) -> Met:
        """Count one request of a caller, and say whether it is one too many."""
        window = now - (now - _EPOCH) % self.per
        if window != self._window:
            self._window = window
            self._counts.clear()
        count = self._counts[caller] = self._counts.get(caller, 0) + 1
        recent = self._recent.setdefault(caller, deque())
        recent.append(now)
        while recent[0] <= now - self.per:
            recent.popleft()
        self.busiest = max(self.busiest, len(recent))
        resets_at = window + self.per
        return Met(
            count=count,
            resets_at=resets_at,
            wait=resets_at - now,
            is_over=count > self.requests,
        )
