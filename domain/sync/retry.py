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
    # Of writes only.
    GONE = "RECORD_GONE"
    TRANSITION_REFUSED = "TRANSITION_REFUSED"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PullAgain:
    """Pull again at ``at``; ``failures`` have happened in a row by now."""

    at: datetime
    failures: int
    is_throttled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """Wait until a person mends the credentials."""


def after_pull_failure(
    fault: Fault,
    *,
    failures: int,
    now: datetime,
    retry_after: timedelta | None = None,
) -> PullAgain | Park:
    """Decide when a source is pulled again after a run that has just failed.

    ``failures`` counts the failures in a row before this one. A throttled
    vendor was well, we were too fast: it spends no attempt and is asked again
    when it says, between 1 s and 15 min. A pull never gives up: from the fifth
    failure on it waits 30 min each time.
    """
    match fault:
        case Fault.UNAUTHORISED:
            return Park()
        case Fault.THROTTLED:
            told = UNTOLD if retry_after is None else retry_after
            wait = min(max(told, SHORTEST_WAIT), LONGEST_WAIT)
            return PullAgain(at=now + wait, failures=failures, is_throttled=True)
        case (
            Fault.REJECTED
            | Fault.UNREACHABLE
            | Fault.TIMED_OUT
            | Fault.VENDOR_ERROR
            | Fault.BAD_ANSWER
            | Fault.GONE
            | Fault.TRANSITION_REFUSED
        ):
            spent = failures + 1
            return PullAgain(at=now + DELAYS[min(spent, len(DELAYS) - 1)], failures=spent)
