"""Why a clock counts, waits or has ended, in a sentence."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.records import TicketStatus
from domain.sla.clock import Clock
from domain.sla.history import History
from domain.sla.policy import SlaPolicy
from domain.sla.terms import SlaPhase, SlaSubjectKind

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def because(clock: Clock, history: History, policy: SlaPolicy, now_ms: int) -> str:
    """Say why a clock that was read now is in its phase."""
    match clock.phase:
        case SlaPhase.RUNNING:
            return _counting(clock, now_ms)
        case SlaPhase.PAUSED:
            stands = _stands(history, now_ms)
            return f"{stands}, and the policy pauses the clock in {_named(policy.pause_on)}"
        case SlaPhase.STOPPED | SlaPhase.CANCELLED:
            return ended_because(history, clock.stopped_ms)


def ended_because(history: History, stopped_ms: int | None) -> str:
    """Say what ended a clock, however it was measured."""
    return _stands(history, history.created_ms if stopped_ms is None else stopped_ms)


def since_ms(history: History, statuses: Collection[TicketStatus], now_ms: int) -> int:
    """Return since when a subject has been, without a break, where it is now, in ``statuses``."""
    since_ms, was_there = history.created_ms, TicketStatus.NEW in statuses
    for step in history.steps:
        if step.at_ms <= now_ms:
            is_there = step.status in statuses
            if is_there and not was_there:
                since_ms = max(step.at_ms, history.created_ms)
            was_there = is_there
    return since_ms


def _counting(clock: Clock, now_ms: int) -> str:
    name, passed_ms = clock.calendar.name, clock.calendar.passed_at(now_ms, 1)
    if passed_ms is None:
        return f"nothing counts: the calendar {name} does not open any more"
    opens_ms = passed_ms - 1
    if opens_ms > now_ms:
        return f"nothing counts: the calendar {name} is closed until {_instant(opens_ms)}"
    return f"time counts: the calendar {name} is open"


def _stands(history: History, now_ms: int) -> str:
    is_ticket = history.subject is SlaSubjectKind.TICKET
    stands = "the ticket is" if is_ticket else "the incident counts as"
    status = history.step_at(now_ms).status
    return f"{stands} {status} since {_instant(since_ms(history, {status}, now_ms))}"


def _named(statuses: Iterable[TicketStatus]) -> str:
    return " and ".join(sorted(statuses))


def _instant(at_ms: int) -> str:
    return f"{_EPOCH + timedelta(milliseconds=at_ms):%Y-%m-%d %H:%M:%S} UTC"
