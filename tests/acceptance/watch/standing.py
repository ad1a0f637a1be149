"""What should be stored of a ticket, by the pure functions of the domain alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from domain.records import TicketStatus
from domain.sla.alerts import Alert, Sight, alerts_due, next_look_ms
from domain.sla.clock import Clock, clocks
from domain.sla.forecast import forecast
from domain.sla.history import History
from domain.sla.policy import SlaPolicy
from domain.sla.terms import AlertLevel, SlaClockKind, SlaPhase, SlaState
from models.reads.statement import rows
from tests.acceptance.watch.laws import Force

AT_ONCE: Final = 0
_CLOCK: Final = (
    *("phase", "cycle", "target_ms", "elapsed_ms", "started_at", "stopped_at"),
    *("alert_at", "breach_at", "policy"),
)
_RESTS: Final = (SlaPhase.STOPPED, SlaPhase.CANCELLED)
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A subject's clocks by their kinds, its alerts by their keys, and when it is looked at."""

    clocks: Mapping[str, Line] = field(default_factory=dict)
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    state: SlaState | None = None
    level: int = 0
    look_ms: int | None = AT_ONCE
    is_at_rest: bool = False

    @property
    def marked(self) -> "Standing":
        """The same after a change, which is to be looked at at once."""
        return replace(self, look_ms=AT_ONCE)


def looked(
    before: Standing, ticket_id: str, history: History | None, force: Force, now_ms: int
) -> Standing:
    """Return what a look makes of a subject; there is no history of one that is deleted."""
    policy = force.policy
    read = () if history is None else clocks(history, policy, now_ms)
    sight = Sight(
        subject_id=ticket_id,
        clocks=read,
        known=tuple(before.alerts.values()),
        now_ms=now_ms,
        in_force_ms=force.since_ms,
    )
    due = alerts_due(sight, policy)
    alerts = {**before.alerts, **{alert.key: alert for alert in due}}
    seen = replace(sight, known=tuple(alerts.values()))
    looks = [next_look_ms(one, seen) for one in read]
    later = [] if history is None else [s.at_ms for s in history.steps if s.at_ms > now_ms]
    stored = _stored(before, read, force, now_ms, is_gone=history is None)
    cycle = max((one.cycle for one in read), default=1)
    return Standing(
        clocks=stored,
        alerts=alerts,
        state=_worst([_state(line, now_ms) for line in stored.values()]),
        level=sum(one.cycle == cycle and not one.is_suppressed for one in alerts.values()),
        look_ms=min((at for at in (*looks, *later) if at is not None), default=None),
        is_at_rest=history is None or (not later and _is_done(history, policy)),
    )


def _stored(
    before: Standing, read: Sequence[Clock], force: Force, now_ms: int, *, is_gone: bool
) -> dict[str, Line]:
    """Keep what rests as it is stored, whatever the policy says now (rule S11)."""
    if is_gone:
        return {}
    kept = {kind: line for kind, line in before.clocks.items() if line["phase"] in _RESTS}
    for one in read:
        line = _line(one, force, now_ms)
        rest = kept.get(one.kind)
        names = ("phase", "cycle", "started_at", "stopped_at")
        if rest is None or any(rest[name] != line[name] for name in names):
            kept[one.kind] = line
    return kept


def _line(one: Clock, force: Force, now_ms: int) -> Line:
    ahead = forecast(one, force.policy, now_ms)
    reached = {crossed.threshold.level: crossed.at_ms for crossed in one.crossed}
    return {
        "phase": one.phase,
        "cycle": one.cycle,
        "target_ms": one.target_ms,
        "elapsed_ms": one.elapsed_ms,
        "started_at": one.started_ms,
        "stopped_at": one.stopped_ms,
        "alert_at": reached.get(AlertLevel.ALERT, ahead.alert_ms),
        "breach_at": reached.get(AlertLevel.BREACH, ahead.breach_ms),
        "policy": force.version,
    }


def _state(line: Line, now_ms: int) -> SlaState:
    """Read a state out of a stored clock, as lists do that are filtered by it."""
    if line["phase"] == SlaPhase.STOPPED:
        return SlaState.OK if line["breach_at"] is None else SlaState.BREACH
    if line["phase"] == SlaPhase.CANCELLED:
        return SlaState.OK
    for name, state in (("breach_at", SlaState.BREACH), ("alert_at", SlaState.ALERT)):
        if line[name] is not None and line[name] <= now_ms:
            return state
    return SlaState.OK


def _worst(states: Sequence[SlaState]) -> SlaState | None:
    for state in reversed(SlaState):
        if state in states:
            return state
    return None


def _is_done(history: History, policy: SlaPolicy) -> bool:
    status = history.steps[-1].status
    return status is TicketStatus.CANCELLED or status in policy.stop_on


async def stored() -> dict[str, Standing]:
    """Return what is stored of all tickets, by their ids."""
    subjects = await rows("SELECT * FROM sla_subject")
    clock_rows = await rows("SELECT * FROM sla_clock")
    alert_rows = await rows("SELECT * FROM alert")
    return {
        one["id"]: Standing(
            clocks={
                SlaClockKind(row["kind"]): {name: row[name] for name in _CLOCK}
                for row in clock_rows
                if row["subject_id"] == one["id"]
            },
            alerts={
                row["key"]: _alert(row) for row in alert_rows if row["subject_id"] == one["id"]
            },
            state=one["state"] and SlaState(one["state"]),
            level=one["escalation_level"],
            look_ms=one["look_at"],
            is_at_rest=bool(one["is_at_rest"]),
        )
        for one in subjects
    }


def _alert(row: Line) -> Alert:
    return Alert(
        key=row["key"],
        kind=SlaClockKind(row["clock"]),
        cycle=row["cycle"],
        target_ms=row["target_ms"],
        level=AlertLevel(row["level"]),
        percent=row["percent"],
        crossed_ms=row["crossed_at"],
        raised_ms=row["raised_at"],
        escalation_level=row["escalation_level"],
        is_suppressed=bool(row["is_suppressed"]),
        acknowledged_ms=row["acknowledged_at"],
        snoozed_until_ms=row["snoozed_until"],
    )
