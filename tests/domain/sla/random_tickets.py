"""Tickets about the days on which clocks change, and promises in four zones."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from hypothesis import strategies as st

from domain.records import Priority, TicketStatus
from domain.sla.calendar import DAY_MS, MINUTE_MS, BusinessCalendar, Opening
from domain.sla.history import History, Step
from domain.sla.policy import Rule, SlaPolicy, Target
from domain.sla.terms import OnReopen, SlaClockKind
from tests.domain.sla.minute_by_minute import DAY, EPOCH

# The days of 2026 on which these zones change their clocks; Kolkata never does.
CHANGES: Final = {
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "Asia/Kolkata": [date(2026, 3, 8), date(2026, 10, 25)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
}
DAYS_BEFORE: Final = 3
DAYS_AFTER: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A ticket, what is promised of it, and when it is looked at, in minutes since 1970."""

    kind: SlaClockKind
    history: History
    policy: SlaPolicy
    now: int
    first: date
    last: date


@st.composite
def calendars(draw: st.DrawFn, zone: str, holiday: date) -> BusinessCalendar:
    """Draw some hours for each kind of day; half hours, so that they meet the changes."""
    days = []
    for _ in range(2):
        edges = sorted(draw(st.sets(st.integers(0, 48), max_size=6)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        days.append(tuple(Opening(opens=30 * one, closes=30 * other) for one, other in pairs))
    is_holiday = draw(st.integers(0, 5)) == 0
    return BusinessCalendar(
        name="hours",
        timezone=zone,
        weekly=(days[0],) * 5 + (days[1],) * 2,
        holidays=frozenset({holiday} if is_holiday else ()),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = draw(st.sampled_from(CHANGES[zone]))
    first, last = change - DAYS_BEFORE * DAY, change + DAYS_AFTER * DAY
    hours = draw(calendars(zone, change))
    always = BusinessCalendar(name="always", is_always=True)
    noon = (change - EPOCH.date()) // DAY * DAY_MS // MINUTE_MS
    created = noon + draw(st.integers(-1500, 1000))
    history = draw(histories(created))
    return Case(
        kind=draw(st.sampled_from(SlaClockKind)),
        history=history,
        policy=draw(policies(hours, always)),
        now=draw(st.integers(created, created + 2400)),
        first=first,
        last=last,
    )


@st.composite
def histories(draw: st.DrawFn, created: int) -> History:
    at, steps = created, []
    for gap in draw(st.lists(st.integers(1, 700), min_size=1, max_size=6)):
        at += gap
        steps.append(
            Step(
                at_ms=at * MINUTE_MS,
                status=draw(st.sampled_from(TicketStatus)),
                priority=draw(st.sampled_from([Priority.P1, Priority.P2])),
                tier="PREMIUM",
            )
        )
    return History(created_ms=created * MINUTE_MS, steps=tuple(steps))


@st.composite
def policies(draw: st.DrawFn, *hours: BusinessCalendar) -> SlaPolicy:
    """Draw targets of whole minutes whose 85 % are whole minutes too."""
    targets = [
        Target(
            span_ms=20 * draw(st.integers(1, 60)) * MINUTE_MS,
            calendar=draw(st.sampled_from(hours)),
        )
        for _ in range(2)
    ]
    first, second = (Rule(name=str(n), response=t, resolution=t) for n, t in enumerate(targets))
    urgent = Rule(
        name="urgent",
        priorities=frozenset({Priority.P1}),
        response=first.response,
        resolution=first.resolution,
    )
    return SlaPolicy(
        rules=(urgent, second), calendars=hours, on_reopen=draw(st.sampled_from(OnReopen))
    )
