"""What an administrator of the account, or a test, may set at any time."""

from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from simulators.limit import Limit

_PACIFIC: Final = ZoneInfo("America/Los_Angeles")


def _ordinary() -> Limit:
    return Limit(requests=960, per=timedelta(minutes=1))


@dataclass(slots=True, kw_only=True)
class Switches:
    """Settings of an account.

    skew: how far the account's clock is ahead.
    zone: of the account; times without a zone that it is asked for are read in it.
    rate_limit: on the requests of each key; None lifts it. One that is not told
        sends no headers, and refuses without any.
    reopens: a resolved incident may be reopened; accounts from before
        September 2025 answer 400.
    priorities: the account uses them; without, their list is answered with 402.
    largest_page: no list gives more rows at once, whatever is asked for.
    """

    skew: timedelta = timedelta(0)
    zone: tzinfo = _PACIFIC
    rate_limit: Limit | None = field(default_factory=_ordinary)
    reopens: bool = True
    priorities: bool = True
    largest_page: int = 100
