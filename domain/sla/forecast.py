"""What becomes of clocks if nothing changes: when each alerts and breaches, and how many when."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.sla.calendar import HOUR_MS
from domain.sla.clock import Clock
from domain.sla.policy import SlaPolicy
from domain.sla.terms import AlertLevel, SlaPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When a clock reaches what it has not reached yet; None for what it has, or will not.

    if_resumed_ms: when a paused clock would breach if it ran on from now.
    """

    clock: Clock
    alert_ms: int | None
    breach_ms: int | None
    if_resumed_ms: int | None


def forecast(clock: Clock, policy: SlaPolicy, now_ms: int) -> Forecast:
    """Say what becomes of a clock that was read now."""
    alert, breach = (
        _reached_at(clock, threshold.at_ms, now_ms)
        for threshold in policy.thresholds(clock.target_ms)
        if threshold.level is not AlertLevel.ESCALATION
    )
    is_running, is_paused = clock.phase is SlaPhase.RUNNING, clock.phase is SlaPhase.PAUSED
    return Forecast(
        clock=clock,
        alert_ms=alert if is_running else None,
        breach_ms=breach if is_running else None,
        if_resumed_ms=breach if is_paused else None,
    )


def _reached_at(clock: Clock, at_ms: int, now_ms: int) -> int | None:
    """Return when a clock that runs from now on will have used so much."""
    if at_ms <= clock.elapsed_ms:
        return None
    return clock.calendar.passed_at(max(now_ms, clock.started_ms), at_ms - clock.elapsed_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourLoad:
    """How many clocks alert and breach within the hour that begins at ``start_ms``."""

    start_ms: int
    alerts: int
    breaches: int


def load(due: Iterable[HourLoad], *, start_ms: int, hours: int) -> tuple[HourLoad, ...]:
    """Return every hour of UTC from that of ``start_ms`` on, those too in which nothing is due."""
    known = {one.start_ms: one for one in due}
    first_ms = start_ms // HOUR_MS * HOUR_MS
    starts = range(first_ms, first_ms + hours * HOUR_MS, HOUR_MS)
    return tuple(known.get(at, HourLoad(start_ms=at, alerts=0, breaches=0)) for at in starts)
