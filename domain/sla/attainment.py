"""How well promises were kept over time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_DAYS_OF_WEEK = 7


class SlaAttainmentPeriod(StrEnum):
    """How a span is cut."""

    DAY = "DAY"
    WEEK = "WEEK"


class SlaAttainmentGroup(StrEnum):
    """What clocks are told apart by, besides being of response or resolution."""

    POLICY = "POLICY"
    PRIORITY = "PRIORITY"
    SERVICE = "SERVICE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How many clocks ended within their targets, and how many beyond."""

    met: int = 0
    breached: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        """Return how many of both."""
        return Kept(met=self.met + other.met, breached=self.breached + other.breached)

    @property
    def percent(self) -> float | None:
        """How much of what ended was kept; None when nothing did."""
        ended = self.met + self.breached
        return None if not ended else 100 * self.met / ended


def cuts(
    start: datetime, end: datetime, period: SlaAttainmentPeriod, zone: ZoneInfo
) -> list[datetime]:
    """Return where a span is cut: its ends, and each midnight, or that of Mondays, in between.

    start, end: aware, ``start < end``. Days are those of the zone: 23, 24 or 25 hours.
    """
    inner = (
        datetime.combine(day, time(), zone)
        for day in _days_after(start.astimezone(zone).date(), period)
    )
    found = [start]
    for midnight in inner:
        if midnight >= end:
            break
        found.append(midnight)
    return [*found, end]


def _days_after(day: date, period: SlaAttainmentPeriod) -> Iterator[date]:
    step = 1 if period is SlaAttainmentPeriod.DAY else _DAYS_OF_WEEK
    days = 1 if period is SlaAttainmentPeriod.DAY else _DAYS_OF_WEEK - day.weekday()
    while True:
        yield day + timedelta(days=days)
        days += step
