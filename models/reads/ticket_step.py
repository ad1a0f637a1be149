"""How tickets stood, from when on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.records import Priority, TicketStatus
from models.coding import dumps, from_milliseconds
from models.reads.conditions import Conditions
from models.reads.keyset import Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

# A ticket has one step an instant.
KEY: Final = (Column(name="at", type=datetime),)
_COLUMNS: Final = "s.ticket_id, s.at, s.status, s.priority, s.tier, s.by"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketStep:
    """How a ticket stood from ``at`` until its next step; ``by`` is empty where nobody is known."""

    at: datetime
    status: TicketStatus
    priority: Priority
    tier: str
    by: str


def _step_of(row: Mapping[str, Any]) -> TicketStep:
    return TicketStep(
        at=from_milliseconds(row["at"]),
        status=TicketStatus(row["status"]),
        priority=Priority(row["priority"]),
        tier=row["tier"],
        by=row["by"],
    )


async def step_pages(
    scope: Scope, ticket_ids: Collection[str], keyset: Keyset
) -> dict[str, list[TicketStep]]:
    """Return a page of steps for each ticket, in the direction of reading.

    Cost: one statement; it reads the steps of these tickets past the position.
    """
    conditions = _of_tickets(scope, ticket_ids)
    keyset.restrict(conditions, KEY, "s")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {_COLUMNS}, row_number() OVER (
                PARTITION BY s.ticket_id ORDER BY {keyset.order_by(KEY, "s")}
            ) AS place
            FROM ticket_step s WHERE {conditions.where}
        ) AS ranked WHERE place <= {conditions.put(keyset.limit)} ORDER BY ticket_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[TicketStep]] = {ticket_id: [] for ticket_id in ticket_ids}
    for row in found:
        pages[row["ticket_id"]].append(_step_of(row))
    return pages


async def step_counts(scope: Scope, ticket_ids: Collection[str]) -> dict[str, int]:
    """Count the steps of each ticket. Cost: reads an index entry of each."""
    conditions = _of_tickets(scope, ticket_ids)
    found = await rows(
        f"""
        SELECT s.ticket_id, count(*) AS n FROM ticket_step s WHERE {conditions.where}
        GROUP BY s.ticket_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["ticket_id"]: int(row["n"]) for row in found}


def _of_tickets(scope: Scope, ticket_ids: Collection[str]) -> Conditions:
    conditions = Conditions()
    conditions.add(one_of("s.ticket_id", conditions.put(dumps(sorted(ticket_ids)))))
    conditions.see_records(scope, "ticket", "s.ticket_id")
    return conditions
