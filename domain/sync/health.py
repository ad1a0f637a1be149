"""How fresh a mirror is."""

from datetime import datetime, timedelta
from enum import StrEnum


class Freshness(StrEnum):
    """How far behind its vendor a mirror may be."""

    NEVER = "NEVER"
    FRESH = "FRESH"
    LAGGING = "LAGGING"
    STALE = "STALE"


def freshness(as_of: datetime | None, *, now: datetime, poll_interval: timedelta) -> Freshness:
    """Judge a mirror by when the last run that read to the end began (rule W12).

    FRESH up to twice the poll interval, LAGGING up to six times, then STALE.
    """
    if as_of is None:
        return Freshness.NEVER
    lag = now - as_of
    if lag <= 2 * poll_interval:
        return Freshness.FRESH
    return Freshness.LAGGING if lag <= 6 * poll_interval else Freshness.STALE
