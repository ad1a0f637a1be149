"""How much goes on besides incidents: counts over the records that are not deleted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.records import ChangeStatus, EventSeverity, EventStatus, TicketStatus
from domain.sla.terms import SlaPhase
from models.coding import to_milliseconds
from models.reads.change import CHANGES
from models.reads.clock_filter import alert_at, breached_at
from models.reads.event import EVENTS
from models.reads.scope import Scope
from models.reads.statement import rows
from models.reads.ticket import TICKETS

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
_ENDED: Final = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED, TicketStatus.CANCELLED})
_OPEN: Final = [status for status in TicketStatus if status not in _ENDED]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCounts:
    """Counts at one moment."""

    in_progress: int
    next_day: int
    failed_last_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCounts:
    """Counts at one moment."""

    firing: int
    last_hour: int
    critical_last_hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCounts:
    """Counts of open tickets at one moment.

    ok, alert, breach: by the worse clock of those that have any. due_next_hour: those of
    which a clock will breach before an hour has passed.
    """

    open: int
    ok: int
    alert: int
    breach: int
    paused: int
    due_next_hour: int


async def change_counts(scope: Scope, now: datetime) -> ChangeCounts:
    """Count the changes that are done, are about to begin, or have just failed.

    Cost: one statement that reads an entry of an index for each.
    """
    conditions = CHANGES.visible(scope)
    end, day = conditions.put(to_milliseconds(now)), conditions.put(to_milliseconds(now - DAY))
    ahead = conditions.put(to_milliseconds(now + DAY))
    conditions.add("r.deleted_at IS NULL")
    of = f"SELECT count(*) FROM change r WHERE {conditions.where}"  # noqa: S608 — names and places
    scheduled, failed = conditions.put(ChangeStatus.SCHEDULED), conditions.put(ChangeStatus.FAILED)
    (row,) = await rows(
        f"""
        SELECT
            ({of} AND r.status = {conditions.put(ChangeStatus.IN_PROGRESS)}) AS in_progress,
            ({of} AND r.status = {scheduled} AND r.starts_at > {end} AND r.starts_at <= {ahead})
                AS next_day,
            ({of} AND r.status = {failed} AND r.ends_at > {day} AND r.ends_at <= {end})
                AS failed_last_day
        """,
        *conditions.values,
    )
    return ChangeCounts(**row)


async def event_counts(scope: Scope, now: datetime) -> EventCounts:
    """Count the events that fire, and those that came in the last hour.

    Cost: one statement that reads an entry of an index for each.
    """
    conditions = EVENTS.visible(scope)
    end, hour = conditions.put(to_milliseconds(now)), conditions.put(to_milliseconds(now - HOUR))
    conditions.add("r.deleted_at IS NULL")
    of = f"SELECT count(*) FROM event r WHERE {conditions.where}"  # noqa: S608 — names and places
    recent = f"r.occurred_at > {hour} AND r.occurred_at <= {end}"
    critical = conditions.put(EventSeverity.CRITICAL)
    (row,) = await rows(
        f"""
        SELECT
            ({of} AND r.status = {conditions.put(EventStatus.FIRING)}) AS firing,
            ({of} AND {recent}) AS last_hour,
            ({of} AND {recent} AND r.severity = {critical}) AS critical_last_hour
        """,
        *conditions.values,
    )
    return EventCounts(**row)


async def ticket_counts(scope: Scope, now: datetime) -> TicketCounts:
    """Count the open tickets, and how their clocks are, told without a look.

    Cost: one statement that reads each open ticket and its clocks.
    """
    conditions = TICKETS.visible(scope)
    at = conditions.put(to_milliseconds(now))
    hour = conditions.put(to_milliseconds(now + HOUR))
    conditions.add("r.deleted_at IS NULL")
    conditions.add(f"r.status IN ({conditions.put_all(_OPEN)})")
    (row,) = await rows(
        f"""
        SELECT count(*) AS open, count(CASE WHEN state = 1 THEN 1 END) AS ok,
            count(CASE WHEN state = 2 THEN 1 END) AS alert,
            count(CASE WHEN state = 3 THEN 1 END) AS breach,
            count(CASE WHEN paused = 1 THEN 1 END) AS paused,
            count(CASE WHEN due = 1 THEN 1 END) AS due_next_hour
        FROM (
            SELECT max(CASE WHEN {breached_at(at)} THEN 3 WHEN {alert_at(at)} THEN 2
                    WHEN c.id IS NOT NULL THEN 1 ELSE 0 END) AS state,
                max(CASE WHEN c.phase = '{SlaPhase.PAUSED}' THEN 1 ELSE 0 END) AS paused,
                max(CASE WHEN c.breach_at > {at} AND c.breach_at < {hour} THEN 1 ELSE 0 END) AS due
            FROM ticket r LEFT JOIN sla_clock c ON c.subject_id = r.id
            WHERE {conditions.where} GROUP BY r.id
        ) AS standing
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return TicketCounts(**row)
