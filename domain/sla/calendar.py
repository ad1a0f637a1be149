"""Business time: how much of it lies between two instants, and when so much has passed.

Instants are whole milliseconds since 1970 in UTC, spans whole milliseconds. A day of a
calendar is a day of its own zone: one on which the clocks change has 23 or 25 hours.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
DAY_MINUTES: Final = 24 * 60
# A calendar that does not open for so long never will (rule S7).
LONGEST_IDLE_MS: Final = 730 * DAY_MS
# Nobody plans further; it ends the search of a calendar that opens a minute a week.
_HORIZON_MS: Final = 20 * 366 * DAY_MS
# Openings are worked out for so long at a time, and kept.
_BLOCK_DAYS: Final = 100
_BLOCK_MS: Final = _BLOCK_DAYS * DAY_MS
# No zone's day is further from that of UTC.
_MARGIN_DAYS: Final = 2
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1)
_MS: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """From when to when a day is open, in minutes of its clock; 1,440 is the day's end."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """The openings within one stretch of time, in order and apart from each other.

    before: how much is open before each of them; total: in all.
    """

    opens: Sequence[int]
    closes: Sequence[int]
    before: Sequence[int]
    total: int

    def open_until(self, at_ms: int) -> int:
        """Return how much of the block is open before an instant, be it outside of it."""
        place = bisect_right(self.opens, at_ms) - 1
        if place < 0:
            return 0
        return self.before[place] + min(at_ms, self.closes[place]) - self.opens[place]

    def reached(self, open_ms: int) -> int:
        """Return the first instant before which so much is open: more than 0, at most all."""
        place = bisect_left(self.before, open_ms) - 1
        return self.opens[place] + open_ms - self.before[place]

    def next_open(self, at_ms: int) -> int | None:
        """Return when it is open next, from an instant on; None when it is not again."""
        place = bisect_right(self.closes, at_ms)
        return max(at_ms, self.opens[place]) if place < len(self.opens) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """When work is done (rule S7).

    weekly: the openings of each weekday, Monday first, in order, not overlapping.
    holidays: local dates that are not open at all.
    is_always: open without end; the rest does not matter then.
    """

    name: str
    timezone: str = "UTC"
    weekly: tuple[tuple[Opening, ...], ...] = ((),) * 7
    holidays: frozenset[date] = frozenset()
    is_always: bool = False
    # What has been worked out; it follows from the rest.
    _blocks: dict[int, _Block] = field(default_factory=dict, init=False, repr=False, compare=False)

    def open_between(self, start_ms: int, end_ms: int) -> int:
        """Return how much is open between two instants; 0 when the second is not later.

        Cost: 2 µs for each 100 days, and 1 ms when they are first asked for.
        """
        if end_ms <= start_ms:
            return 0
        if self.is_always:
            return end_ms - start_ms
        open_ms = 0
        for number in range(start_ms // _BLOCK_MS, end_ms // _BLOCK_MS + 1):
            block = self._block(number)
            open_ms += block.open_until(end_ms) - block.open_until(start_ms)
        return open_ms

    def passed_at(self, start_ms: int, open_ms: int) -> int | None:
        """Return the first instant at which so much has been open since another.

        None when it does not open for 730 days on the way there, or it takes 20 years.
        """
        if open_ms <= 0:
            return start_ms
        if self.is_always:
            return start_ms + open_ms
        missing_ms, idle_since_ms = open_ms, start_ms
        for number in range(start_ms // _BLOCK_MS, (start_ms + _HORIZON_MS) // _BLOCK_MS + 1):
            block = self._block(number)
            opens_ms = block.next_open(start_ms)
            idle_until_ms = (number + 1) * _BLOCK_MS if opens_ms is None else opens_ms
            if idle_until_ms - idle_since_ms > LONGEST_IDLE_MS:
                return None
            if opens_ms is None:
                continue
            passed_ms = block.open_until(start_ms)
            if missing_ms <= block.total - passed_ms:
                return block.reached(passed_ms + missing_ms)
            missing_ms -= block.total - passed_ms
            idle_since_ms = block.closes[-1]
        return None

    def _block(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self._expanded(number)
        return block

    def _expanded(self, number: int) -> _Block:
        """Work out the openings of a block; what two of them share counts once."""
        start_ms, zone = number * _BLOCK_MS, ZoneInfo(self.timezone)
        opens: list[int] = []
        closes: list[int] = []
        for place in range(-_MARGIN_DAYS, _BLOCK_DAYS + _MARGIN_DAYS):
            day = _FIRST_DAY + timedelta(days=number * _BLOCK_DAYS + place)
            for opening in () if day in self.holidays else self.weekly[day.weekday()]:
                first = max(start_ms, _shown(day, opening.opens, zone)[0])
                last = min(start_ms + _BLOCK_MS, _shown(day, opening.closes, zone)[1])
                if closes and first <= closes[-1]:
                    closes[-1] = max(closes[-1], last)
                elif first < last:
                    opens.append(first)
                    closes.append(last)
        lengths = [last - first for first, last in zip(opens, closes, strict=True)]
        before = list(accumulate(lengths, initial=0))
        return _Block(opens=opens, closes=closes, before=before[:-1], total=before[-1])


def _shown(day: date, minute: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return the instants at which a zone's clocks show a time first and last (rule S7).

    They differ where the time comes twice. A time that is left out is the end of its gap.
    """
    wall = datetime.combine(day, time(tzinfo=zone)) + timedelta(minutes=minute)
    first = (wall - _EPOCH) // _MS
    last = (wall.replace(fold=1) - _EPOCH) // _MS
    if first <= last:
        return first, last
    # Left out: the clocks show more than it as soon as they have jumped.
    naive = wall.replace(tzinfo=None)
    gap = range(last, first)
    end = gap.start + bisect_left(gap, naive, key=lambda at_ms: _wall(at_ms, zone))
    return end, end


def _wall(at_ms: int, zone: ZoneInfo) -> datetime:
    """Return what a zone's clocks show at an instant."""
    return (_EPOCH + at_ms * _MS).astimezone(zone).replace(tzinfo=None)
