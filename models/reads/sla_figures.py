"""Figures of service levels: how the watch runs, and what it has found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.sla.terms import AlertLevel, NotificationState, SlaClockKind, SlaPhase, SlaState
from models.coding import MILLISECOND, from_milliseconds, to_milliseconds
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.sla_subject import see_subjects
from models.reads.statement import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """How the watch over all clocks runs.

    took, late: of the last round; how long it took, and how long before it the earliest of
    its subjects had been due. next_at: when the next one is planned.
    """

    count: int
    took: timedelta
    late: timedelta
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaFigures:
    """How many there are, in scope.

    clocks: those that are not at rest. alerts, notifications: since the beginning; those
    that are suppressed count as alerts. set_aside: subjects whose last look failed.
    """

    clocks: Mapping[tuple[SlaClockKind, SlaPhase, SlaState], int]
    alerts: Mapping[tuple[SlaClockKind, AlertLevel], int]
    notifications: Mapping[tuple[str, NotificationState], int]
    set_aside: int


async def rounds() -> Rounds | None:
    """Return how the watch runs; None before its first round. Cost: one row by its key."""
    found = await rows("SELECT * FROM schedule WHERE name = 'sla' AND rounds > 0")
    if not found:
        return None
    (row,) = found
    return Rounds(
        count=row["rounds"],
        took=row["took_ms"] * MILLISECOND,
        late=row["late_ms"] * MILLISECOND,
        next_at=from_milliseconds(row["next_at"]),
    )


async def sla_figures(scope: Scope, at: datetime) -> SlaFigures:
    """Count what there is. Cost: four statements that read an entry of each."""
    return SlaFigures(
        clocks=await _clocks(scope, to_milliseconds(at)),
        alerts=await _alerts(scope),
        notifications=await _notifications(scope),
        set_aside=await _of_fault(scope),
    )


async def _clocks(scope: Scope, now_ms: int) -> dict[tuple[SlaClockKind, SlaPhase, SlaState], int]:
    conditions, subjects = _of_subjects(scope, "c.subject_id")
    now = conditions.put(now_ms)
    found = await rows(
        f"""
        SELECT c.kind, c.phase,
            CASE WHEN c.breach_at <= {now} THEN 'BREACH' WHEN c.alert_at <= {now} THEN 'ALERT'
                ELSE 'OK' END AS state,
            count(*) AS n
        FROM sla_clock c {subjects}
        WHERE c.phase IN ('RUNNING', 'PAUSED') AND {conditions.where} GROUP BY 1, 2, 3
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {
        (SlaClockKind(row["kind"]), SlaPhase(row["phase"]), SlaState(row["state"])): int(row["n"])
        for row in found
    }


async def _alerts(scope: Scope) -> dict[tuple[SlaClockKind, AlertLevel], int]:
    conditions, subjects = _of_subjects(scope, "a.subject_id")
    found = await rows(
        f"""
        SELECT a.clock, a.level, count(*) AS n FROM alert a {subjects}
        WHERE {conditions.where} GROUP BY a.clock, a.level
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {(SlaClockKind(row["clock"]), AlertLevel(row["level"])): int(row["n"]) for row in found}


async def _notifications(scope: Scope) -> dict[tuple[str, NotificationState], int]:
    conditions, subjects = _of_subjects(scope, "a.subject_id")
    alerts = f"JOIN alert a ON a.id = n.alert_id {subjects}" if subjects else ""
    found = await rows(
        f"""
        SELECT n.channel, n.state, count(*) AS n FROM notification n {alerts}
        WHERE {conditions.where} GROUP BY n.channel, n.state
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {(row["channel"], NotificationState(row["state"])): int(row["n"]) for row in found}


async def _of_fault(scope: Scope) -> int:
    conditions, subjects = _of_subjects(scope, "f.subject_id")
    found = await rows(
        f"SELECT count(*) AS n FROM sla_fault f {subjects} WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return int(found[0]["n"])


def _of_subjects(scope: Scope, column: str) -> tuple[Conditions, str]:
    """Return the conditions of being in scope, and what is joined for them; nothing for all."""
    conditions = Conditions()
    if scope.keys is None:
        return conditions, ""
    see_subjects(conditions, scope)
    return (
        conditions,
        f"LEFT JOIN ticket t ON t.id = {column} LEFT JOIN incident i ON i.id = {column}",
    )
