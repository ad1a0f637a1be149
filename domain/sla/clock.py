"""How far a subject's clocks are: a pure function of its history, the policy and now.

Rule numbers are those of ``docs/explanation/service-levels.md``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.sla.calendar import BusinessCalendar
from domain.sla.course import Course, course
from domain.sla.history import History
from domain.sla.policy import SlaPolicy, Threshold
from domain.sla.terms import AlertLevel, SlaClockKind, SlaPhase, SlaState

# Phases in which a clock can still alert: the work is not done.
ACTIVE: Final = frozenset({SlaPhase.RUNNING, SlaPhase.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """A threshold that has been reached, and when.

    Not before the target was what it is: a subject that was raised to a shorter one
    reached it then, however long ago it had used so much time.
    """

    threshold: Threshold
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock at one instant.

    calendar: that of the priority and tier now, which time counts in from here on.
    next_transition_ms: when it is to be looked at next: it reaches a threshold if it keeps
        running, or a step that is dated later begins. None when time alone changes nothing.
    breach_ms: when it breaches if it keeps running; None when it has, or does not run.
    crossed: the thresholds that have been reached, lowest first.
    """

    kind: SlaClockKind
    phase: SlaPhase
    state: SlaState
    cycle: int
    target_ms: int
    elapsed_ms: int
    started_ms: int
    stopped_ms: int | None
    next_transition_ms: int | None
    breach_ms: int | None
    crossed: tuple[Crossed, ...]
    calendar: BusinessCalendar

    @property
    def remaining_ms(self) -> int:
        """How much of the target is left; below zero, how much too much was used."""
        return self.target_ms - self.elapsed_ms

    @property
    def percent(self) -> float:
        """How much of the target is used."""
        return 100 * self.elapsed_ms / self.target_ms


def clock(kind: SlaClockKind, history: History, policy: SlaPolicy, now_ms: int) -> Clock | None:
    """Read a clock at an instant (rules S2 to S6); None when the policy measures nothing.

    Cost: 40 µs, and 5 µs for each step of the history.
    """
    run = course(kind, history, policy, now_ms)
    if run is None:
        return None
    elapsed_ms = sum(counted.open_ms for counted in run.counted)
    thresholds = policy.thresholds(run.target.span_ms)
    reached = [threshold for threshold in thresholds if threshold.at_ms <= elapsed_ms]
    next_ms = breach_ms = None
    if run.phase is SlaPhase.RUNNING:
        since_ms, calendar = max(now_ms, run.started_ms), run.target.calendar
        if len(reached) < len(thresholds):
            missing_ms = thresholds[len(reached)].at_ms - elapsed_ms
            next_ms = calendar.passed_at(since_ms, missing_ms)
        if elapsed_ms < run.target.span_ms:
            breach_ms = calendar.passed_at(since_ms, run.target.span_ms - elapsed_ms)
    return Clock(
        kind=kind,
        phase=run.phase,
        state=_state(run.phase, reached),
        cycle=run.cycle,
        target_ms=run.target.span_ms,
        elapsed_ms=elapsed_ms,
        started_ms=run.started_ms,
        stopped_ms=run.stopped_ms,
        next_transition_ms=_sooner(next_ms, history.next_ms(now_ms)),
        breach_ms=breach_ms,
        crossed=tuple(_crossed(run, threshold) for threshold in reached),
        calendar=run.target.calendar,
    )


def clocks(history: History, policy: SlaPolicy, now_ms: int) -> tuple[Clock, ...]:
    """Return those of a subject's two clocks that are measured, RESPONSE first."""
    read = (clock(kind, history, policy, now_ms) for kind in SlaClockKind)
    return tuple(one for one in read if one is not None)


def worst(states: Iterable[SlaState]) -> SlaState | None:
    """Return the state of a subject, that of its worse clock; None without any (rule S4)."""
    return max(states, key=tuple(SlaState).index, default=None)


def _state(phase: SlaPhase, reached: Sequence[Threshold]) -> SlaState:
    """Name the highest state reached (rule S4).

    A clock at rest has breached or it has not; of what was cancelled nothing is owed.
    """
    levels = {threshold.level for threshold in reached}
    if AlertLevel.BREACH in levels and phase is not SlaPhase.CANCELLED:
        return SlaState.BREACH
    return SlaState.ALERT if levels and phase in ACTIVE else SlaState.OK


def _crossed(run: Course, threshold: Threshold) -> Crossed:
    """Find when a threshold was reached that has been."""
    missing_ms = threshold.at_ms
    for counted in run.counted:
        open_ms = counted.open_ms
        if open_ms < missing_ms:
            missing_ms -= open_ms
            continue
        at_ms = counted.calendar.passed_at(counted.start_ms, missing_ms)
        if at_ms is not None:
            return Crossed(threshold=threshold, at_ms=max(at_ms, run.since_ms))
    raise ValueError("the threshold has not been reached")


def _sooner(one: int | None, other: int | None) -> int | None:
    return min((at_ms for at_ms in (one, other) if at_ms is not None), default=None)
