"""Tickets, one by one and in lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from domain.records import Priority, RecordKind, TicketStatus
from models.coding import from_milliseconds, instant
from models.reads.clock_filter import ClockFilter
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column
from models.reads.mirrored import Mirrored
from models.reads.page import Choice, Order, keep_services
from models.reads.scope import Scope

_COLUMNS: Final = """
    r.id, r.source_id, r.title, r.description, r.status, r.priority, r.tier, r.assignee,
    r.resolved_at, r.created_at, r.updated_at, r.deleted_at
"""
_UPDATED: Final = Column(name="updated_at", type=datetime)


class TicketOrderField(StrEnum):
    """What orders a list of tickets; the last change, then the id settle ties."""

    UPDATED_AT = "UPDATED_AT"
    PRIORITY = "PRIORITY"
    NEXT_TRANSITION_AT = "NEXT_TRANSITION_AT"
    BREACH_AT = "BREACH_AT"


BY_UPDATE: Final = Order(key=(_UPDATED, ID), walks=("status", "priority"))
ORDERS: Final = MappingProxyType(
    {
        TicketOrderField.UPDATED_AT: BY_UPDATE,
        TicketOrderField.PRIORITY: Order(key=(Column(name="priority", type=str), _UPDATED, ID)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket; ``source_id`` is the key by which its source calls it."""

    id: str
    source_id: str
    title: str
    description: str | None
    status: TicketStatus
    priority: Priority
    tier: str
    assignee: str | None
    resolved_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


def _ticket_of(row: Mapping[str, Any]) -> Ticket:
    return Ticket(
        id=row["id"],
        source_id=row["source_id"],
        title=row["title"],
        description=row["description"],
        status=TicketStatus(row["status"]),
        priority=Priority(row["priority"]),
        tier=row["tier"],
        assignee=row["assignee"],
        resolved_at=instant(row["resolved_at"]),
        created_at=from_milliseconds(row["created_at"]),
        updated_at=from_milliseconds(row["updated_at"]),
        deleted_at=instant(row["deleted_at"]),
    )


TICKETS: Final = Mirrored(kind=RecordKind.TICKET, columns=_COLUMNS, record_of=_ticket_of)


async def ticket_called(scope: Scope, source_id: str) -> Ticket | None:
    """Return the ticket of a key, its own or any link's; None when several share it.

    Cost: two index probes.
    """
    return await TICKETS.named(scope, "source_id", source_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """What tickets must all have; None asks nothing, an empty list matches none."""

    statuses: Collection[TicketStatus] | None = None
    priorities: Collection[Priority] | None = None
    tiers: Collection[str] | None = None
    service_ids: Collection[str] | None = None
    clocks: ClockFilter | None = None
    search: str | None = None

    def choices(self) -> Sequence[Choice]:
        """Return what is asked of columns of closed sets."""
        return (
            Choice(column="status", wanted=self.statuses, every=TicketStatus),
            Choice(column="priority", wanted=self.priorities, every=Priority),
        )

    def restrict(self, conditions: Conditions, order: Order | None) -> None:
        """Add all other conditions."""
        if self.tiers is not None:
            conditions.add(f"r.tier IN ({conditions.put_all(sorted(self.tiers))})")
        keep_services(conditions, "ticket", self.service_ids)
        if self.clocks is not None:
            self.clocks.restrict(conditions)
