"""What is promised to whom, and in whose hours (rules S3, S4, S14)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final

from domain.records import Priority, TicketStatus
from domain.sla.calendar import MINUTE_MS, BusinessCalendar
from domain.sla.terms import AlertLevel, OnReopen, SlaClockKind, SlaSubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How much time of a calendar a clock may use."""

    span_ms: int
    calendar: BusinessCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Whom a pair of promises is made to; an empty set fits all, a target of None measures nothing.

    The file calls it a policy.
    """

    name: str
    subjects: frozenset[SlaSubjectKind] = frozenset()
    tiers: frozenset[str] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    response: Target | None = None
    resolution: Target | None = None

    def fits(self, subject: SlaSubjectKind, tier: str, priority: Priority | None) -> bool:
        """Say whether the rule is for such a subject."""
        return (
            (not self.subjects or subject in self.subjects)
            and (not self.tiers or tier in self.tiers)
            and (not self.priorities or priority in self.priorities)
        )

    def target(self, kind: SlaClockKind) -> Target | None:
        """Return what a clock of the rule has to keep to."""
        match kind:
            case SlaClockKind.RESPONSE:
                return self.response
            case SlaClockKind.RESOLUTION:
                return self.resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A level, the part of the target at which it is reached, and the time used by then."""

    level: AlertLevel
    part: Fraction
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaPolicy:
    """All that a policy file means.

    alert_at, escalate_at: parts of the target; the latter rise, and are above 1.
    notify: the channels that are told, by level.
    """

    rules: tuple[Rule, ...]
    calendars: tuple[BusinessCalendar, ...]
    alert_at: Fraction = Fraction(85, 100)
    escalate_at: tuple[Fraction, ...] = ()
    dedup_window_ms: int = 15 * MINUTE_MS
    pause_on: frozenset[TicketStatus] = frozenset({TicketStatus.PENDING, TicketStatus.ON_HOLD})
    stop_on: frozenset[TicketStatus] = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})
    on_reopen: OnReopen = OnReopen.RESUME
    notify: Mapping[AlertLevel, tuple[str, ...]] = field(default_factory=dict)

    @property
    def channels(self) -> list[str]:
        """All channels that it names."""
        return sorted({channel for of_level in self.notify.values() for channel in of_level})

    def rule_for(self, subject: SlaSubjectKind, tier: str, priority: Priority | None) -> Rule:
        """Return the first rule that fits; the last one fits all (rule S14)."""
        for rule in self.rules:
            if rule.fits(subject, tier, priority):
                return rule
        raise ValueError("the last rule of a policy fits everything")

    def target_for(
        self,
        kind: SlaClockKind,
        *,
        subject: SlaSubjectKind,
        tier: str,
        priority: Priority | None,
    ) -> Target | None:
        """Return what a subject's clock has to keep to, None where nothing is measured."""
        return self.rule_for(subject, tier, priority).target(kind)

    def thresholds(self, span_ms: int) -> tuple[Threshold, ...]:
        """Return the levels of a target, lowest first, to the millisecond (rule S4)."""
        parts = [
            (AlertLevel.ALERT, self.alert_at),
            (AlertLevel.BREACH, Fraction(1)),
            *((AlertLevel.ESCALATION, part) for part in self.escalate_at),
        ]
        return tuple(
            Threshold(
                level=level, part=part, at_ms=-(-span_ms * part.numerator // part.denominator)
            )
            for level, part in parts
        )

    def idle_calendars(self, now_ms: int) -> tuple[str, ...]:
        """Return the names of those calendars that do not open any more: worth a warning (S7)."""
        return tuple(
            calendar.name for calendar in self.calendars if calendar.passed_at(now_ms, 1) is None
        )


_CLOCKS: Final = tuple(SlaClockKind)


def version_of(policy: SlaPolicy) -> str:
    """Return the hash of what a policy means: equal for files that only look different (S11)."""
    return sha256(json.dumps(_content(policy), sort_keys=True).encode()).hexdigest()


def _content(policy: SlaPolicy) -> dict[str, Any]:
    return {
        "alert_at": str(policy.alert_at),
        "escalate_at": [str(part) for part in policy.escalate_at],
        "dedup_window": policy.dedup_window_ms,
        "pause_on": sorted(policy.pause_on),
        "stop_on": sorted(policy.stop_on),
        "on_reopen": policy.on_reopen,
        "calendars": {calendar.name: _hours(calendar) for calendar in policy.calendars},
        "policies": [_promise(rule) for rule in policy.rules],
        "notify": {level: list(names) for level, names in policy.notify.items() if names},
    }


def _hours(calendar: BusinessCalendar) -> dict[str, Any]:
    if calendar.is_always:
        return {"always": True}
    return {
        "timezone": calendar.timezone,
        "weekly": [[[one.opens, one.closes] for one in day] for day in calendar.weekly],
        "holidays": sorted(day.isoformat() for day in calendar.holidays),
    }


def _promise(rule: Rule) -> dict[str, Any]:
    promises: Sequence[tuple[SlaClockKind, Target | None]] = [
        (kind, rule.target(kind)) for kind in _CLOCKS
    ]
    return {
        "name": rule.name,
        "subject": sorted(rule.subjects),
        "tier": sorted(rule.tiers),
        "priority": sorted(rule.priorities),
        **{kind: [made.span_ms, made.calendar.name] for kind, made in promises if made is not None},
    }
