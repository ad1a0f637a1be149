"""Which alerts a subject's clocks raise, given those that they have raised (rules S8 to S10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.sla.clock import ACTIVE, Clock, Crossed
from domain.sla.policy import SlaPolicy, Threshold
from domain.sla.terms import AlertLevel, SlaClockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A threshold of a clock that was reached, as it is stored and told.

    key: its identity, which a database keeps unique.
    crossed_ms: when it was reached; raised_ms: when we looked.
    percent: how much of the target was used when we looked.
    escalation_level: the subject's, with this alert counted.
    is_suppressed: stored only, for the like was told shortly before.
    """

    key: str
    kind: SlaClockKind
    cycle: int
    target_ms: int
    level: AlertLevel
    percent: float
    crossed_ms: int
    raised_ms: int
    escalation_level: int
    is_suppressed: bool = False
    acknowledged_ms: int | None = None
    snoozed_until_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A subject as it is looked at.

    known: the alerts that it has raised before.
    in_force_ms: since when the policy is; nothing was reached by it before.
    """

    subject_id: str
    clocks: Sequence[Clock]
    known: Sequence[Alert]
    now_ms: int
    in_force_ms: int = 0


def alerts_due(sight: Sight, policy: SlaPolicy) -> tuple[Alert, ...]:
    """Return the alerts to store, of each clock the highest that is new.

    Looking again, or late, or with several workers, raises nothing twice: the key of what
    was raised is known. A clock at rest raises nothing: nobody can do anything about it.
    """
    due: list[Alert] = []
    level = escalation_level(sight.known, cycle=cycle_of(sight.clocks))
    for clock in sight.clocks:
        highest = _highest(clock, sight)
        if highest is None or _is_raised(clock, highest.threshold, sight, policy):
            continue
        is_suppressed = _is_recent(clock.kind, highest.threshold.level, sight, policy)
        level += not is_suppressed
        due.append(
            Alert(
                key=identity(sight.subject_id, clock, highest.threshold),
                kind=clock.kind,
                cycle=clock.cycle,
                target_ms=clock.target_ms,
                level=highest.threshold.level,
                percent=clock.percent,
                crossed_ms=max(highest.at_ms, sight.in_force_ms),
                raised_ms=sight.now_ms,
                escalation_level=level,
                is_suppressed=is_suppressed,
            )
        )
    return tuple(due)


def identity(subject_id: str, clock: Clock, threshold: Threshold) -> str:
    """Return what makes an alert one: subject, clock, cycle, target, level (rule S8).

    Escalations are told apart by their part of the target.
    """
    level: str = threshold.level
    if threshold.level is AlertLevel.ESCALATION:
        level = f"{level}@{_decimal(threshold.part)}"
    return f"{subject_id}/{clock.kind}/{clock.cycle}/{clock.target_ms}/{level}"


def escalation_level(alerts: Iterable[Alert], *, cycle: int) -> int:
    """Count the alerts of a cycle that were told (rule S10)."""
    return sum(alert.cycle == cycle and not alert.is_suppressed for alert in alerts)


def cycle_of(clocks: Sequence[Clock]) -> int:
    """Return the subject's cycle: that of its RESOLUTION, which alone restarts (rule S6)."""
    return max((clock.cycle for clock in clocks), default=1)


def next_look_ms(clock: Clock, sight: Sight) -> int | None:
    """Return when a clock is to be looked at next: at its transition, or when a snooze ends.

    None when time alone changes nothing.
    """
    looks = [] if clock.next_transition_ms is None else [clock.next_transition_ms]
    is_waiting = any(one.threshold.level is AlertLevel.ESCALATION for one in clock.crossed)
    if clock.phase in ACTIVE and is_waiting and not _is_acknowledged(clock, sight):
        snoozed = [alert.snoozed_until_ms or 0 for alert in _of_cycle(clock, sight)]
        looks += [until_ms for until_ms in snoozed if until_ms > sight.now_ms]
    return min(looks, default=None)


def _highest(clock: Clock, sight: Sight) -> Crossed | None:
    """Return the highest level that was reached and may be raised (rules S8, S10).

    A person who has taken a clock on hears of its alert and its breach, not of what is above.
    """
    if clock.phase not in ACTIVE:
        return None
    is_held = _is_acknowledged(clock, sight) or _is_snoozed(clock, sight)
    for crossed in reversed(clock.crossed):
        if not (is_held and crossed.threshold.level is AlertLevel.ESCALATION):
            return crossed
    return None


def _is_raised(clock: Clock, threshold: Threshold, sight: Sight, policy: SlaPolicy) -> bool:
    """Say whether a level, or one above it, was raised of the target (rule S8).

    A clock can have come back below what it had reached: by an update that was told late,
    or when our own clock was set back.
    """
    as_high = {
        identity(sight.subject_id, clock, one)
        for one in policy.thresholds(clock.target_ms)
        if one.part >= threshold.part
    }
    return any(alert.key in as_high for alert in sight.known)


def _of_cycle(clock: Clock, sight: Sight) -> list[Alert]:
    return [
        alert for alert in sight.known if (alert.kind, alert.cycle) == (clock.kind, clock.cycle)
    ]


def _is_acknowledged(clock: Clock, sight: Sight) -> bool:
    return any(alert.acknowledged_ms is not None for alert in _of_cycle(clock, sight))


def _is_snoozed(clock: Clock, sight: Sight) -> bool:
    return any((alert.snoozed_until_ms or 0) > sight.now_ms for alert in _of_cycle(clock, sight))


def _is_recent(kind: SlaClockKind, level: AlertLevel, sight: Sight, policy: SlaPolicy) -> bool:
    """Say whether the like was told less than the window ago (rule S9).

    Nor less than the window ahead, by a clock that was set back since.
    """
    return any(
        (alert.kind, alert.level) == (kind, level)
        and not alert.is_suppressed
        and abs(sight.now_ms - alert.raised_ms) < policy.dedup_window_ms
        for alert in sight.known
    )


def _decimal(part: Fraction) -> str:
    """Write a part as the file does, without zeros that say nothing."""
    return f"{float(part):.9g}"
