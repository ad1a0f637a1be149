"""Events, one by one and in lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.records import EventSeverity, EventStatus, RecordKind
from models.coding import from_milliseconds, instant, milliseconds
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column
from models.reads.mirrored import Mirrored
from models.reads.page import Choice, Order, keep_services, keep_span

_COLUMNS: Final = """
    r.id, r.title, r.severity, r.status, r.source, r.dedup_key, r.occurred_at,
    r.created_at, r.updated_at, r.deleted_at
"""
BY_OCCURRENCE: Final = Order(key=(Column(name="occurred_at", type=datetime), ID), walks=("status",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event; repeats of its ``dedup_key`` are the same event."""

    id: str
    title: str
    severity: EventSeverity
    status: EventStatus
    source: str
    dedup_key: str | None
    occurred_at: datetime
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


def _event_of(row: Mapping[str, Any]) -> Event:
    return Event(
        id=row["id"],
        title=row["title"],
        severity=EventSeverity(row["severity"]),
        status=EventStatus(row["status"]),
        source=row["source"],
        dedup_key=row["dedup_key"],
        occurred_at=from_milliseconds(row["occurred_at"]),
        created_at=from_milliseconds(row["created_at"]),
        updated_at=from_milliseconds(row["updated_at"]),
        deleted_at=instant(row["deleted_at"]),
    )


EVENTS: Final = Mirrored(kind=RecordKind.EVENT, columns=_COLUMNS, record_of=_event_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """What events must all have; None asks nothing, an empty list matches none.

    occurred_from is inclusive, occurred_to is not.
    """

    severities: Collection[EventSeverity] | None = None
    statuses: Collection[EventStatus] | None = None
    service_ids: Collection[str] | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    search: str | None = None

    def choices(self) -> Sequence[Choice]:
        """Return what is asked of columns of closed sets."""
        return (
            Choice(column="status", wanted=self.statuses, every=EventStatus),
            Choice(column="severity", wanted=self.severities, every=EventSeverity),
        )

    def restrict(self, conditions: Conditions, order: Order | None) -> None:
        """Add all other conditions."""
        start, end = milliseconds(self.occurred_from), milliseconds(self.occurred_to)
        keep_span(conditions, "occurred_at", start, end, order)
        keep_services(conditions, "event", self.service_ids)
