"""Which time counts for a clock, and by whose hours (rules S2, S3, S6)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from domain.records import TicketStatus
from domain.sla.calendar import BusinessCalendar
from domain.sla.history import History, Step
from domain.sla.policy import SlaPolicy, Target
from domain.sla.terms import OnReopen, SlaClockKind, SlaPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A time that counts, in the calendar that was in force."""

    start_ms: int
    end_ms: int
    calendar: BusinessCalendar

    @property
    def open_ms(self) -> int:
        """How much of it was open."""
        return self.calendar.open_between(self.start_ms, self.end_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a clock has run so far.

    started_ms: when its cycle began; stopped_ms: when it came to rest, if it has.
    target: that of the priority and tier now; they have asked for so much since ``since_ms``.
    counted: the times that count for the cycle, in order.
    """

    phase: SlaPhase
    cycle: int
    started_ms: int
    stopped_ms: int | None
    target: Target
    since_ms: int
    counted: tuple[Counted, ...]


def course(kind: SlaClockKind, history: History, policy: SlaPolicy, now_ms: int) -> Course | None:
    """Follow a clock through a history up to now; None when nothing is measured now.

    What comes after now is not known yet.
    """
    walk = _Walk(started_ms=history.created_ms)
    target: Target | None = None
    since_ms = history.created_ms
    for stay in _stays(history, now_ms):
        former, step = target, stay.step
        target = policy.target_for(
            kind, subject=history.subject, tier=step.tier, priority=step.priority
        )
        if former is None or target is None or former.span_ms != target.span_ms:
            since_ms = stay.start_ms
        if kind is SlaClockKind.RESPONSE:
            walk.respond(stay, target)
        else:
            walk.resolve(stay, target, policy)
    if target is None:
        return None
    return Course(
        phase=walk.phase,
        cycle=walk.cycle,
        started_ms=walk.started_ms,
        stopped_ms=walk.stopped_ms,
        target=target,
        since_ms=since_ms,
        counted=tuple(walk.counted),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stay:
    """A time through which a subject stood as one step says."""

    step: Step
    start_ms: int
    end_ms: int

    def count_in(self, counted: list[Counted], target: Target | None) -> None:
        """Add the time to those that count, where something is measured."""
        if target is None or self.start_ms == self.end_ms:
            return
        start_ms, calendar = self.start_ms, target.calendar
        if counted and counted[-1].end_ms == start_ms and counted[-1].calendar is calendar:
            start_ms = counted.pop().start_ms
        counted.append(Counted(start_ms=start_ms, end_ms=self.end_ms, calendar=calendar))


def _stays(history: History, now_ms: int) -> Iterator[_Stay]:
    """Cut the time from the creation to now by the steps; none counts before the creation."""
    created_ms = history.created_ms
    unheard = replace(history.steps[0], at_ms=created_ms, status=TicketStatus.NEW)
    known = [unheard, *(step for step in history.steps if step.at_ms <= now_ms)]
    for step, following in zip_longest(known, known[1:]):
        start_ms = max(created_ms, step.at_ms)
        until_ms = now_ms if following is None else following.at_ms
        yield _Stay(step=step, start_ms=start_ms, end_ms=max(start_ms, until_ms))


@dataclass(slots=True, kw_only=True)
class _Walk:
    """What has been seen of a clock on the way.

    rested: the times since it stopped, which ``count`` adds when the subject is reopened.
    """

    started_ms: int
    phase: SlaPhase = SlaPhase.RUNNING
    cycle: int = 1
    stopped_ms: int | None = None
    counted: list[Counted] = field(default_factory=list)
    rested: list[Counted] = field(default_factory=list)

    def respond(self, stay: _Stay, target: Target | None) -> None:
        """Count up to the first status other than NEW; it never restarts (rules S2, S6)."""
        if self.stopped_ms is not None:
            return
        if stay.step.status is TicketStatus.NEW:
            stay.count_in(self.counted, target)
        else:
            self._stop(stay)

    def resolve(self, stay: _Stay, target: Target | None, policy: SlaPolicy) -> None:
        """Count while it is worked on (rule S2), and on when it is reopened (rule S6)."""
        status = stay.step.status
        if status is TicketStatus.CANCELLED or status in policy.stop_on:
            self._stop(stay)
            stay.count_in(self.rested, target)
            return
        if self.stopped_ms is not None:
            self._reopen(stay, policy.on_reopen)
        self.phase = SlaPhase.PAUSED if status in policy.pause_on else SlaPhase.RUNNING
        if self.phase is SlaPhase.RUNNING:
            stay.count_in(self.counted, target)

    def _stop(self, stay: _Stay) -> None:
        is_cancelled = stay.step.status is TicketStatus.CANCELLED
        self.phase = SlaPhase.CANCELLED if is_cancelled else SlaPhase.STOPPED
        if self.stopped_ms is None:
            self.stopped_ms = stay.start_ms

    def _reopen(self, stay: _Stay, on_reopen: OnReopen) -> None:
        match on_reopen:
            case OnReopen.RESUME:
                pass
            case OnReopen.COUNT:
                self.counted += self.rested
            case OnReopen.RESTART:
                self.cycle += 1
                self.started_ms = stay.start_ms
                self.counted.clear()
        self.rested.clear()
        self.stopped_ms = None
