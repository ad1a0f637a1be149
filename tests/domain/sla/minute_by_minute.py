"""The clock again, slow and plain: it looks at every minute, and shares nothing with ours.

It knows whole minutes only. Instants are minutes since 1970.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from domain.records import TicketStatus
from domain.sla.calendar import BusinessCalendar
from domain.sla.history import History, Step
from domain.sla.policy import SlaPolicy, Target
from domain.sla.terms import OnReopen, SlaClockKind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def minute_of(moment: datetime) -> int:
    return (moment - EPOCH) // MINUTE


@cache
def shown(zone: str, first: date, last: date) -> dict[datetime, list[int]]:
    """Look at a zone's clocks each minute: when do they show what?"""
    found = defaultdict(list)
    start = minute_of(datetime.combine(first - 2 * DAY, time(), UTC))
    end = minute_of(datetime.combine(last + 3 * DAY, time(), UTC))
    for minute in range(start, end):
        wall = (EPOCH + minute * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        found[wall].append(minute)
    return dict(found)


def open_minutes(calendar: BusinessCalendar, first: date, last: date) -> set[int]:
    """Collect the minutes in which a calendar is open on some local days."""
    clocks = shown(calendar.timezone, first, last)
    found: set[int] = set()
    for day in days(first, last):
        for opening in () if day in calendar.holidays else calendar.weekly[day.weekday()]:
            midnight = datetime.combine(day, time())
            # opens the first time that the clocks show it, closes the last time
            opens = seen(clocks, midnight + opening.opens * MINUTE)[0]
            closes = seen(clocks, midnight + opening.closes * MINUTE)[-1]
            found.update(range(opens, closes))
    return found


def seen(clocks: dict[datetime, list[int]], wall: datetime) -> list[int]:
    """Return when the clocks show a time; one that they leave out is the end of the gap."""
    if wall in clocks:
        return clocks[wall]
    while wall not in clocks:
        wall += MINUTE
    return clocks[wall][:1]


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


@dataclass(slots=True, kw_only=True)
class Slow:
    """What the slow clock reads."""

    used: int = 0
    rested: int = 0
    cycle: int = 1
    is_at_rest: bool = False
    counts: bool = False


class MinuteByMinute:
    """A clock that is read by looking at each minute between two local days."""

    def __init__(self, kind: SlaClockKind, history: History, policy: SlaPolicy) -> None:
        self.kind, self.history, self.policy = kind, history, policy
        self.open: dict[str, set[int]] = {}
        first = replace(history.steps[0], at_ms=0, status=TicketStatus.NEW)
        self.steps = [(step.at_ms // 60_000, step) for step in (first, *history.steps)]
        self.targets = {step.priority: self.target(step) for _, step in self.steps}

    def prepare(self, first: date, last: date) -> None:
        for calendar in self.policy.calendars:
            if not calendar.is_always:
                self.open[calendar.name] = open_minutes(calendar, first, last)

    def target(self, step: Step) -> Target:
        target = self.policy.target_for(
            self.kind, subject=self.history.subject, tier=step.tier, priority=step.priority
        )
        assert target is not None
        return target

    def standing(self, minute: int) -> Step:
        """Return how the subject stands in a minute."""
        return [step for begins, step in self.steps if begins <= minute][-1]

    def is_open(self, minute: int, step: Step) -> bool:
        calendar = self.targets[step.priority].calendar
        return calendar.is_always or minute in self.open[calendar.name]

    def read(self, now: int) -> Slow:
        """Look at each minute from the creation up to now; of now itself, only how it stands."""
        slow = Slow()
        for minute in range(self.history.created_ms // 60_000, now + 1):
            step = self.standing(minute)
            counted = minute < now and self.is_open(minute, step)
            if self.kind is SlaClockKind.RESPONSE:
                slow.is_at_rest |= step.status is not TicketStatus.NEW
                slow.counts = not slow.is_at_rest
            else:
                self._resolve(slow, step.status)
            slow.used += counted and slow.counts
            slow.rested += counted and slow.is_at_rest
        return slow

    def _resolve(self, slow: Slow, status: TicketStatus) -> None:
        ends = status in self.policy.stop_on or status is TicketStatus.CANCELLED
        if slow.is_at_rest and not ends:
            if self.policy.on_reopen is OnReopen.RESTART:
                slow.used, slow.cycle = 0, slow.cycle + 1
            if self.policy.on_reopen is OnReopen.COUNT:
                slow.used += slow.rested
            slow.rested = 0
        slow.is_at_rest = ends
        slow.counts = not ends and status not in self.policy.pause_on

    def used_up_at(self, now: int, missing: int, last: int) -> int | None:
        """Return the first minute, from now to the last, before which so much more is open."""
        step = self.standing(now)
        for minute in range(now, last):
            if missing == 0:
                return minute
            missing -= self.is_open(minute, step)
        return None
