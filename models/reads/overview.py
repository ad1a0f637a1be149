"""How much work is open: counts over the incidents that are not deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain.records import ENDED, IncidentStatus, Severity
from models.coding import MILLISECOND, to_milliseconds
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import rows

DAY: Final = timedelta(days=1)
# Mean times are taken over the incidents resolved in this span.
MEAN_OVER: Final = timedelta(days=7)
_OPEN: Final = [status for status in IncidentStatus if status not in ENDED]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCounts:
    """Counts at one moment; every open status and every severity has one."""

    open: int
    unassigned: int
    by_severity: Mapping[Severity, int]
    by_status: Mapping[IncidentStatus, int]
    opened_last_day: int
    resolved_last_day: int
    mean_time_to_resolve: timedelta | None


async def incident_counts(scope: Scope, now: datetime) -> IncidentCounts:
    """Count the open incidents, and what came and went before ``now``.

    Cost: two statements that read index entries only, one for each open
    incident and one for each that began or ended in the span.
    """
    by_status = dict.fromkeys(_OPEN, 0)
    by_severity = dict.fromkeys(Severity, 0)
    unassigned = 0
    for row in await _open(scope):
        by_status[IncidentStatus(row["status"])] += row["n"]
        by_severity[Severity(row["severity"])] += row["n"]
        unassigned += row["unassigned"]
    recent = await _recent(scope, now)
    mean = recent["mean"]
    return IncidentCounts(
        open=sum(by_status.values()),
        unassigned=unassigned,
        by_severity=by_severity,
        by_status=by_status,
        opened_last_day=recent["opened"],
        resolved_last_day=recent["resolved"],
        mean_time_to_resolve=None if mean is None else round(mean) * MILLISECOND,
    )


async def _open(scope: Scope) -> list[dict[str, Any]]:
    conditions = Conditions()
    conditions.add("i.deleted_at IS NULL")
    conditions.add(f"i.status IN ({conditions.put_all(_OPEN)})")
    conditions.see_records(scope, "incident", "i.id")
    return await rows(
        f"""
        SELECT i.status, i.severity, count(*) AS n, count(*) - count(i.assignee) AS unassigned
        FROM incident i WHERE {conditions.where} GROUP BY i.status, i.severity
        """,  # noqa: S608 — names and places
        *conditions.values,
    )


async def _recent(scope: Scope, now: datetime) -> dict[str, Any]:
    conditions = Conditions()
    end = conditions.put(to_milliseconds(now))
    day = conditions.put(to_milliseconds(now - DAY))
    span = conditions.put(to_milliseconds(now - MEAN_OVER))
    conditions.empty("i.deleted_at")
    conditions.see_records(scope, "incident", "i.id")
    opened = f"i.started_at > {day} AND i.started_at <= {end}"
    resolved = f"i.resolved_at > {day} AND i.resolved_at <= {end}"
    measured = f"i.resolved_at > {span} AND i.resolved_at <= {end}"
    (row,) = await rows(
        f"""
        SELECT
            (SELECT count(*) FROM incident i WHERE {opened} AND {conditions.where}) AS opened,
            (SELECT count(*) FROM incident i WHERE {resolved} AND {conditions.where}) AS resolved,
            (SELECT avg(i.resolved_at - i.started_at) FROM incident i
                WHERE {measured} AND {conditions.where}) AS mean
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return row
