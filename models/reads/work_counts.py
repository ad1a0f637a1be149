"""How much goes on besides incidents: counts over the records that are not deleted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.records import ChangeStatus, EventSeverity, EventStatus, TicketStatus
from models.coding import to_milliseconds
from models.reads.change import CHANGES
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
    """Counts at one moment."""

    open: int


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


async def ticket_counts(scope: Scope) -> TicketCounts:
    """Count the open tickets. Cost: one statement that reads an entry of an index for each."""
    conditions = TICKETS.visible(scope)
    conditions.add("r.deleted_at IS NULL")
    conditions.add(f"r.status IN ({conditions.put_all(_OPEN)})")
    (row,) = await rows(
        f"SELECT count(*) AS open FROM ticket r WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return TicketCounts(**row)
