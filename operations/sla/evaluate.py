"""Look at subjects: measure their clocks, raise what is due, and say when to look again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.events.entry import AlertEventKind, ClockEventKind, NewEntry, Topic
from domain.exchange import WriteState
from domain.records import TicketStatus
from domain.sla.alerts import Alert, Sight, alerts_due, cycle_of, escalation_level, next_look_ms
from domain.sla.clock import ACTIVE, Clock, clocks, worst
from domain.sla.forecast import forecast
from domain.sla.history import History
from domain.sla.policy import SlaPolicy
from domain.sla.terms import AlertLevel, SlaState, SlaSubjectKind
from models.coding import dumps, to_milliseconds
from models.reads.alerts import alerts_of
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sla.histories import histories
from operations.sla.policy_in_force import InForce
from operations.span import trace_here

Line = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A ticket or an incident that is to be looked at; ``state`` is what was told of it last."""

    id: str
    kind: SlaSubjectKind
    state: SlaState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What was seen of a subject; no history when it is gone."""

    subject: Subject
    history: History | None
    clocks: tuple[Clock, ...]
    due: tuple[Alert, ...]
    look_ms: int | None
    escalation_level: int


async def evaluate(
    runtime: Runtime, tx: Transaction, subjects: Sequence[Subject], in_force: InForce
) -> list[Alert]:
    """Look at subjects whose rows are locked; return the alerts that are raised.

    Everything that follows is written in the same transaction: clocks, alerts, the
    messages that are to be sent, and the word of it (rule S8).
    Cost: a dozen statements whatever the number of subjects, and 0.1 ms a subject.
    """
    ids = [subject.id for subject in subjects]
    known = await alerts_of(tx, ids)
    past: dict[str, History] = {}
    for kind in SlaSubjectKind:
        of_kind = [subject.id for subject in subjects if subject.kind is kind]
        past |= await histories(tx, kind, of_kind)
    now_ms = to_milliseconds(runtime.now())
    looks = [
        _look(subject, past.get(subject.id), known.get(subject.id, []), in_force, now_ms)
        for subject in subjects
    ]
    storing = _Storing(runtime=runtime, tx=tx, in_force=in_force, now_ms=now_ms)
    await storing.clocks(looks)
    await storing.subjects(looks)
    await storing.alerts(looks)
    storing.tell(looks)
    return [alert for look in looks for alert in look.due]


def _look(
    subject: Subject,
    history: History | None,
    known: Sequence[Alert],
    in_force: InForce,
    now_ms: int,
) -> _Look:
    policy = in_force.policy
    read = () if history is None else clocks(history, policy, now_ms)
    sight = Sight(
        subject_id=subject.id,
        clocks=read,
        known=known,
        now_ms=now_ms,
        in_force_ms=to_milliseconds(in_force.file.in_force_since),
    )
    due = alerts_due(sight, policy)
    after = replace(sight, known=(*known, *due))
    looks = [at_ms for one in read if (at_ms := next_look_ms(one, after)) is not None]
    return _Look(
        subject=subject,
        history=history,
        clocks=read,
        due=due,
        look_ms=min(looks, default=None),
        escalation_level=escalation_level(after.known, cycle=cycle_of(read)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Storing:
    """Writes what was seen."""

    runtime: Runtime
    tx: Transaction
    in_force: InForce
    now_ms: int

    async def clocks(self, looks: Sequence[_Look]) -> None:
        """Write the clocks; of one at rest only what has changed with its history (rule S11)."""
        found = await self.tx.rows(
            f"""
            SELECT subject_id, kind, phase, cycle, started_at, stopped_at FROM sla_clock
            WHERE {self.tx.one_of("subject_id", "$1")}
            """,  # noqa: S608 — names are ours
            dumps([look.subject.id for look in looks]),
        )
        stored = {(row["subject_id"], row["kind"]): row for row in found}
        lines = []
        for look in looks:
            measured = {} if look.history is None else self._measured_by(look.history)
            for one in look.clocks:
                before = stored.pop((look.subject.id, one.kind), None)
                if before is None or not _is_same_rest(one, before):
                    lines.append(self._clock_line(look.subject.id, one) | measured)
        await self.tx.upsert("sla_clock", lines, key=("subject_id", "kind"))
        await self._forget(looks, stored)

    async def _forget(self, looks: Sequence[_Look], left: Mapping[tuple[str, str], Line]) -> None:
        """Drop the clocks that are measured no more; at rest they stay, unless all is gone."""
        gone = {look.subject.id for look in looks if look.history is None}
        for (subject_id, kind), row in left.items():
            if subject_id in gone or row["phase"] in ACTIVE:
                await self.tx.rows(
                    "DELETE FROM sla_clock WHERE subject_id = $1 AND kind = $2 RETURNING id",
                    subject_id,
                    kind,
                )

    def _clock_line(self, subject_id: str, one: Clock) -> dict[str, object]:
        policy = self.in_force.policy
        reached = {crossed.threshold.level: crossed.at_ms for crossed in one.crossed}
        ahead = forecast(one, policy, self.now_ms)
        return {
            "subject_id": subject_id,
            "kind": one.kind,
            "phase": one.phase,
            "cycle": one.cycle,
            "target_ms": one.target_ms,
            "elapsed_ms": one.elapsed_ms,
            "started_at": one.started_ms,
            "stopped_at": one.stopped_ms,
            "alert_at": reached.get(AlertLevel.ALERT, ahead.alert_ms),
            "breach_at": reached.get(AlertLevel.BREACH, ahead.breach_ms),
            "calendar": one.calendar.name,
            "policy": self.in_force.file.version,
        }

    def _measured_by(self, history: History) -> dict[str, object]:
        step = history.step_at(self.now_ms)
        rule = self.in_force.policy.rule_for(history.subject, step.tier, step.priority)
        return {"rule": rule.name, "priority": step.priority}

    async def subjects(self, looks: Sequence[_Look]) -> None:
        """Write when each is to be looked at again."""
        lines: list[dict[str, object]] = [
            {
                "id": look.subject.id,
                "kind": look.subject.kind,
                "look_at": look.look_ms,
                "is_at_rest": _is_at_rest(look.history, self.in_force.policy),
                "state": worst(look.clocks),
                "escalation_level": look.escalation_level,
            }
            for look in looks
        ]
        await self.tx.upsert("sla_subject", lines, key=("id",))

    async def alerts(self, looks: Iterable[_Look]) -> None:
        """Write the alerts and the messages that are to tell of them."""
        lines: list[dict[str, object]] = []
        messages: list[dict[str, object]] = []
        for look in looks:
            for alert in look.due:
                alert_id = self.runtime.new_id()
                lines.append(_alert_line(alert_id, look.subject.id, alert))
                self._tell(Topic.ALERT, AlertEventKind.RAISED, alert_id, alert.level)
                if not alert.is_suppressed:
                    channels = self.in_force.policy.notify.get(alert.level, ())
                    messages += [self._message(alert_id, channel) for channel in channels]
        await self.tx.insert("alert", lines)
        await self.tx.insert("notification", messages)

    def _message(self, alert_id: str, channel: str) -> dict[str, object]:
        return {
            "id": self.runtime.new_id(),
            "alert_id": alert_id,
            "channel": channel,
            "state": WriteState.READY,
            "due_at": self.now_ms,
            "tries": "[]",
            "trace": trace_here(),
            "queued_at": self.now_ms,
        }

    def tell(self, looks: Iterable[_Look]) -> None:
        """Tell of each subject whose state is another than was told."""
        for look in looks:
            state = worst(look.clocks)
            if state != look.subject.state:
                self._tell(Topic.CLOCK, ClockEventKind.STATE_CHANGED, look.subject.id, state)

    def _tell(
        self, topic: Topic, kind: AlertEventKind | ClockEventKind, record_id: str, what: str | None
    ) -> None:
        entry = NewEntry(
            topic=topic,
            kind=kind,
            occurred_at=self.runtime.now(),
            record_id=record_id,
            message=what,
        )
        self.tx.tell(entry)


def _is_same_rest(one: Clock, before: Line) -> bool:
    """Say whether a clock rests as it did: then another policy does not change it."""
    return one.phase not in ACTIVE and (
        before["phase"],
        before["cycle"],
        before["started_at"],
        before["stopped_at"],
    ) == (one.phase, one.cycle, one.started_ms, one.stopped_ms)


def _is_at_rest(history: History | None, policy: SlaPolicy) -> bool:
    if history is None:
        return True
    status = history.steps[-1].status
    return status is TicketStatus.CANCELLED or status in policy.stop_on


def _alert_line(alert_id: str, subject_id: str, alert: Alert) -> dict[str, object]:
    return {
        "id": alert_id,
        "key": alert.key,
        "subject_id": subject_id,
        "clock": alert.kind,
        "cycle": alert.cycle,
        "target_ms": alert.target_ms,
        "level": alert.level,
        "percent": alert.percent,
        "crossed_at": alert.crossed_ms,
        "raised_at": alert.raised_ms,
        "escalation_level": alert.escalation_level,
        "is_suppressed": alert.is_suppressed,
    }
