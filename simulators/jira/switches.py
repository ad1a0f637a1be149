"""What an administrator of the site, or a test, may set at any time."""

import random
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from simulators.limit import Limit


@dataclass(slots=True, kw_only=True)
class Switches:
    """Settings of a site, all off by default.

    skew: how far the site's clock is ahead.
    zone: of the account; it reads times in queries and shows all others.
    lag_seconds: search does not see a write for up to so many seconds.
    short_pages: the share of search pages that hold fewer issues than asked,
        half of them none at all, and go on.
    off_screen: fields that no screen has; setting one is refused.
    closed_transitions: ids that conditions hide from everybody.
    anonymous_reads: a wrong login is nobody, who sees no issue, instead of 401.
    hides_emails: people show no e-mail address, as their privacy settings allow.
    webhooks_lost, webhooks_doubled, webhooks_swapped: the share of deliveries
        that are never sent, sent twice, or sent before an earlier one.
    webhook_lag_seconds: deliveries are up to so many seconds late.
    limit: on the requests of an account; its ``rule`` is the reason told.
    writes_per_issue: on the writes to one issue.
    chances: gives lags and page sizes; reseed it for another run.
    """

    skew: timedelta = timedelta(0)
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    lag_seconds: float = 0
    short_pages: float = 0
    off_screen: set[str] = field(default_factory=set)
    closed_transitions: set[str] = field(default_factory=set)
    anonymous_reads: bool = False
    hides_emails: bool = False
    webhooks_lost: float = 0
    webhooks_doubled: float = 0
    webhooks_swapped: float = 0
    webhook_lag_seconds: float = 0
    limit: Limit | None = None
    writes_per_issue: Limit | None = None
    chances: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 — chance, not secrecy

    def lag(self) -> int:
        """Return how many milliseconds search takes to see the next write."""
        return int(self.chances.uniform(0, self.lag_seconds) * 1000) if self.lag_seconds else 0

    def page(self, asked: int) -> int:
        """Return how many issues the next page may hold."""
        if not self.short_pages or self.chances.random() >= self.short_pages:
            return asked
        return 0 if self.chances.random() < 0.5 else self.chances.randint(1, asked)  # noqa: PLR2004 — half
