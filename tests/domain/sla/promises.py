"""The calendars and promises of the vectors, and histories in few words."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Final

from domain.records import Priority, TicketStatus
from domain.sla.calendar import MINUTE_MS, BusinessCalendar, Opening
from domain.sla.history import History, Step
from domain.sla.policy import Rule, SlaPolicy, Target
from domain.sla.terms import OnReopen

_NINE_TO_FIVE: Final = (Opening(opens=9 * 60, closes=17 * 60),)
WEEKDAYS: Final = (_NINE_TO_FIVE,) * 5 + ((), ())

ALWAYS: Final = BusinessCalendar(name="always", is_always=True)
BERLIN: Final = BusinessCalendar(name="berlin", timezone="Europe/Berlin", weekly=WEEKDAYS)
NEW_YORK: Final = BusinessCalendar(
    name="newyork",
    timezone="America/New_York",
    weekly=WEEKDAYS,
    holidays=frozenset({date(2026, 11, 26)}),
)


def minutes(span: int, calendar: BusinessCalendar = ALWAYS) -> Target:
    return Target(span_ms=span * MINUTE_MS, calendar=calendar)


# What rule S12 promises, by priority: response, resolution.
P1: Final = (minutes(15), minutes(240))
P2: Final = (minutes(60, BERLIN), minutes(480, BERLIN))
P2_ALWAYS: Final = (minutes(60), minutes(480))
P3: Final = (minutes(240, NEW_YORK), minutes(1440, NEW_YORK))


def policy(
    *,
    p1: tuple[Target, Target] = P1,
    p2: tuple[Target, Target] = P2,
    p3: tuple[Target, Target] = P3,
    on_reopen: OnReopen = OnReopen.RESUME,
    escalate_at: tuple[Fraction, ...] = (),
) -> SlaPolicy:
    """Make the policy of the vectors; P4 and P5 are not measured."""
    promises = {Priority.P1: p1, Priority.P2: p2, Priority.P3: p3}
    rules = [
        Rule(
            name=f"premium-{priority}",
            tiers=frozenset({"PREMIUM"}),
            priorities=frozenset({priority}),
            response=response,
            resolution=resolution,
        )
        for priority, (response, resolution) in promises.items()
    ]
    return SlaPolicy(
        rules=(*rules, Rule(name="unmeasured")),
        calendars=(ALWAYS, BERLIN, NEW_YORK),
        on_reopen=on_reopen,
        escalate_at=escalate_at,
    )


def promise(response: Target, resolution: Target | None = None) -> SlaPolicy:
    """Make a policy that promises the same to everyone."""
    rule = Rule(name="everyone", response=response, resolution=resolution or response)
    return SlaPolicy(rules=(rule,), calendars=(response.calendar,))


def instant(text: str) -> int:
    """Read ``03-02 10:00`` and ``10:00:00.000``, the latter on 2 March; the year is 2026."""
    day, _, clock = text.rpartition(" ")
    moment = datetime.fromisoformat(f"2026-{day or '03-02'}T{clock}").replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def span(text: str) -> int:
    """Read ``240`` minutes and ``14:59.5``, minutes and seconds."""
    whole, _, seconds = text.partition(":")
    return int(whole) * MINUTE_MS + round(float(seconds or 0) * 1000)


def history(*steps: str) -> History:
    """Read steps as ``NEW P1 03-02 10:00``; a subject is created with its first one."""
    read = []
    for step in steps:
        status, priority, at = step.split(" ", 2)
        read.append(
            Step(
                at_ms=instant(at),
                status=TicketStatus(status),
                priority=Priority(priority),
                tier="PREMIUM",
            )
        )
    return History(created_ms=read[0].at_ms, steps=tuple(read))
