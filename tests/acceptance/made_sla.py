"""The incidents of the log as the clock sees them, beside what their own vendor said of them.

The vendor counted to the closing, never paused, and went on counting when an incident was
reopened. ``made_sla`` is its verdict; it missed a target when more than it was used, so a
breach, at which all of it is used, comes a minute later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.records import Priority, TicketStatus
from domain.sla.calendar import MINUTE_MS, BusinessCalendar, Opening
from domain.sla.history import History, Step
from domain.sla.policy import Rule, SlaPolicy, Target
from domain.sla.terms import OnReopen, SlaSubjectKind
from tests.acceptance.incident_log import Row, incidents, moment

# The first so many are those of the demo.
OF_THE_DEMO: Final = 890
_STATUSES: Final = {
    "New": TicketStatus.NEW,
    "Awaiting User Info": TicketStatus.PENDING,
    "Awaiting Vendor": TicketStatus.ON_HOLD,
    "Awaiting Problem": TicketStatus.ON_HOLD,
    "Awaiting Evidence": TicketStatus.ON_HOLD,
    "Resolved": TicketStatus.RESOLVED,
    "Closed": TicketStatus.CLOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An incident, and whether its vendor says that it missed its target."""

    history: History
    is_missed: bool

    @property
    def closed_ms(self) -> int:
        """When it was closed for good."""
        return self.history.steps[-1].at_ms


def judged() -> list[Judged]:
    """Return all incidents of the log."""
    return [
        Judged(history=_history(versions), is_missed=versions[-1]["made_sla"] == "false")
        for versions in incidents()
    ]


def _history(versions: Sequence[Row]) -> History:
    steps: list[Step] = []
    for row in versions:
        at_ms = _instant(row["sys_updated_at"])
        if steps:
            # Of one minute there may be several versions: they stay apart, in their order.
            at_ms = max(at_ms, steps[-1].at_ms + 1)
        steps.append(
            Step(
                at_ms=at_ms,
                status=_STATUSES.get(row["incident_state"], TicketStatus.OPEN),
                priority=Priority(f"P{row['priority'][0]}"),
                tier="",
            )
        )
    opened_ms = _instant(versions[0]["opened_at"])
    return History(created_ms=opened_ms, steps=tuple(steps), subject=SlaSubjectKind.INCIDENT)


def _instant(text: str) -> int:
    return round(moment(text).timestamp()) * 1000


def hours(opens: int, closes: int) -> BusinessCalendar:
    """Return a calendar that is open from Monday to Friday, between two hours of UTC."""
    day = (Opening(opens=60 * opens, closes=60 * closes),)
    return BusinessCalendar(name=f"{opens}-{closes}", weekly=((day,) * 5 + ((), ())))


def promise(
    calendar: BusinessCalendar,
    used_up: Sequence[float],
    *,
    pause_on: frozenset[TicketStatus] = frozenset(),
) -> SlaPolicy:
    """Promise to close within so many hours of a calendar, by priority from P1 on."""
    rules = [
        Rule(
            name=priority,
            priorities=frozenset({priority}),
            resolution=Target(span_ms=(round(60 * target) + 1) * MINUTE_MS, calendar=calendar),
        )
        for priority, target in zip(Priority, used_up, strict=False)
    ]
    return SlaPolicy(
        rules=(*rules, Rule(name="unmeasured")),
        calendars=(calendar,),
        pause_on=pause_on,
        stop_on=frozenset({TicketStatus.CLOSED}),
        on_reopen=OnReopen.COUNT,
    )
