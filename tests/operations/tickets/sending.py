"""Events of tickets, and what the database holds after they were sent."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from domain.records import Priority, TicketStatus
from models.reads.statement import rows
from operations.runtime import Runtime
from operations.tickets.event import TicketEvent
from operations.tickets.ingest import IngestTickets, ingest_tickets
from tests import given
from tests.gql.asking import ADA

MADE: Final = given.NOW - timedelta(days=1)


def event(minute: int = 0, **said: Any) -> TicketEvent:  # noqa: ANN401 — fields of an event
    """An event of the ticket T-1, so many minutes after it was made."""
    plain = TicketEvent(
        id="T-1",
        priority=Priority.P3,
        tier="standard",
        status=TicketStatus.NEW,
        created_at=MADE,
        updated_at=at(minute),
    )
    return replace(plain, **said)


def at(minute: int) -> datetime:
    """Return the instant so many minutes after tickets are made."""
    return MADE + timedelta(minutes=minute)


async def sent(runtime: Runtime, *events: TicketEvent) -> list[str]:
    """Send events; return what became of each."""
    done = await ingest_tickets(runtime, ADA, IngestTickets(events=events))
    return [one.outcome.value for one in done]


async def held() -> list[tuple[Any, ...]]:
    """Return all that is held of tickets, apart from ids of ours."""
    tickets = await rows("SELECT * FROM ticket ORDER BY source_id")
    steps = await rows(
        """
        SELECT t.source_id, s.at, s.status, s.priority, s.tier, s.content, s.by
        FROM ticket_step s JOIN ticket t ON t.id = s.ticket_id ORDER BY t.source_id, s.at
        """
    )
    services = await rows(
        """
        SELECT t.source_id, a.asset_id
        FROM ticket_asset a JOIN ticket t ON t.id = a.ticket_id ORDER BY t.source_id, a.asset_id
        """
    )
    return [
        *(tuple(value for name, value in row.items() if name != "id") for row in tickets),
        *(tuple(row.values()) for row in (*steps, *services)),
    ]
