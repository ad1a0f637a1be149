"""What an administrator of the instance, or a test, may set at any time."""

from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo

from simulators.limit import Limit


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
    limit: answered with 429 when exceeded; ``limit.busiest`` tells how often
        the busiest user asked.
    """

    skew: timedelta = timedelta(0)
    zone: tzinfo = timezone(timedelta(hours=-8))
    strict_queries: bool = False
    unreadable: set[str] = field(default_factory=set)
    closed_tables: set[str] = field(default_factory=set)
    read_only_tables: set[str] = field(default_factory=set)
    read_only_fields: set[str] = field(default_factory=set)
    limit: Limit | None = None
