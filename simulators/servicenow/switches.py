"""What an administrator of the instance, or a test, may set at any time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A rule on requests an hour; the hours are those of the instance's clock."""

    limit: int
    rule: str = "Table API"


@dataclass(slots=True, kw_only=True)
class Switches:
    """Settings of an instance, all off by default.

    skew: how far the instance's clock is ahead.
    zone: of the account; display values and ``gs.dateGenerate`` use it.
    strict_queries: a query on an unknown field finds no rows, instead of
        ignoring the condition.
    unreadable: sys_ids that access rules hide. They still count, and still
        take their place in a page.
    closed_tables: answered with 403.
    read_only_tables: writes are answered with 403.
    read_only_fields: writes are dropped, and the request succeeds.
    rate_limit: answered with 429 when exceeded.
    """

    skew: timedelta = timedelta(0)
    zone: tzinfo = timezone(timedelta(hours=-8))
    strict_queries: bool = False
    unreadable: set[str] = field(default_factory=set)
    closed_tables: set[str] = field(default_factory=set)
    read_only_tables: set[str] = field(default_factory=set)
    read_only_fields: set[str] = field(default_factory=set)
    rate_limit: RateLimit | None = None


class Meter:
    """Counts the requests of each user in the present hour."""

    def __init__(self) -> None:
        """Start at none."""
        self._hour: datetime | None = None
        self._counts: dict[str, int] = {}

    def count(self, user: str, now: datetime) -> tuple[int, datetime]:
        """Count one more, and return the requests in this hour and its end."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour = hour
            self._counts.clear()
        self._counts[user] = self._counts.get(user, 0) + 1
        return self._counts[user], hour + timedelta(hours=1)
