"""What follows a failure: try again, and when, or wait for a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """What went wrong between us and a vendor."""

    UNAUTHORISED = "UNAUTHORISED"
    THROTTLED = "RATE_LIMITED"
    REJECTED = "REJECTED"
    UNREACHABLE = "UNREACHABLE"
    TIMED_OUT = "TIMED_OUT"
    VENDOR_ERROR = "VENDOR_ERROR"
    BAD_ANSWER = "BAD_ANSWER"
    # A census that misses too many records to be believed (rule W10).
    SUSPECT = "CENSUS_SUSPECT"
    # Of writes only.
    GONE = "RECORD_GONE"
    TRANSITION_REFUSED = "TRANSITION_REFUSED"


# After these a write may have been made all the same.
UNANSWERED: Final = frozenset(
    {Fault.UNREACHABLE, Fault.TIMED_OUT, Fault.VENDOR_ERROR, Fault.BAD_ANSWER}
)
# Waits after the first, second, … failure in a row (brief, "Automatic Retry").
DELAYS: Final = (
    timedelta(0),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=8),
    timedelta(minutes=30),
)
# A throttled vendor that names no time (rule X5).
UNTOLD: Final = timedelta(seconds=60)
SHORTEST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(minutes=15)
# Waits are made up to so much shorter or longer, so that sources do not move in step.
SPREAD: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PullAgain:
    """Pull again at ``at``; ``failures`` have happened in a row by now."""

    at: datetime
    failures: int
    is_throttled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """Wait until a person mends the credentials."""


def throttled_wait(retry_after: timedelta | None) -> timedelta:
    """Return how long a throttled vendor is left alone: as it says, 1 s to 15 min (rule X5)."""
    told = UNTOLD if retry_after is None else retry_after
    return min(max(told, SHORTEST_WAIT), LONGEST_WAIT)


def after_pull_failure(
    fault: Fault,
    *,
    failures: int,
    now: datetime,
    jitter: float,
    retry_after: timedelta | None = None,
) -> PullAgain | Park:
    """Decide when a source is pulled again after a run that has just failed.

    ``failures`` counts the failures in a row before this one. A throttled
    vendor was well, we were too fast: it spends no attempt. A pull never gives
    up: from the fifth failure on it waits 30 min each time.
    ``jitter`` in [0, 1) spreads the wait by 20 % to both sides, but never to
    before what the vendor told.
    """
    told = timedelta(0) if retry_after is None else throttled_wait(retry_after)
    match fault:
        case Fault.UNAUTHORISED:
            return Park()
        case Fault.THROTTLED:
            wait = max(told, _spread(throttled_wait(retry_after), jitter))
            return PullAgain(at=now + wait, failures=failures, is_throttled=True)
        case (
            Fault.REJECTED
            | Fault.UNREACHABLE
            | Fault.TIMED_OUT
            | Fault.VENDOR_ERROR
            | Fault.BAD_ANSWER
            | Fault.SUSPECT
            | Fault.GONE
            | Fault.TRANSITION_REFUSED
        ):
            spent = failures + 1
            wait = max(told, _spread(DELAYS[min(spent, len(DELAYS) - 1)], jitter))
            return PullAgain(at=now + wait, failures=spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAgain:
    """Send again at ``at``; ``failures`` attempts have failed by now."""

    at: datetime
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Leave the whole integration alone until ``until``; no attempt is spent."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bury:
    """Make it a dead letter: trying again cannot help, or has been tried enough."""


# A fifth failure is the last (brief, "Automatic Retry").
MOST_FAILURES: Final = 5


def after_send_failure(
    fault: Fault, *, failures: int, now: datetime, retry_after: timedelta | None = None
) -> SendAgain | Throttle | Park | Bury:
    """Decide what follows a write, or a delivery, that has just failed (rules X4, X5).

    ``failures`` counts those before this one. The first failure is tried again
    after 30 s, then 2, 8 and 30 min; the fifth is the last.
    """
    match fault:
        case Fault.UNAUTHORISED:
            return Park()
        case Fault.THROTTLED:
            return Throttle(until=now + throttled_wait(retry_after))
        case Fault.REJECTED | Fault.GONE | Fault.TRANSITION_REFUSED | Fault.SUSPECT:
            return Bury()
        case Fault.UNREACHABLE | Fault.TIMED_OUT | Fault.VENDOR_ERROR | Fault.BAD_ANSWER:
            spent = failures + 1
            if spent >= MOST_FAILURES:
                return Bury()
            told = timedelta(0) if retry_after is None else throttled_wait(retry_after)
            return SendAgain(at=now + max(DELAYS[spent], told), failures=spent)


def _spread(wait: timedelta, jitter: float) -> timedelta:
    return wait * (1 - SPREAD + 2 * SPREAD * jitter)
