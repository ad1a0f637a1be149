"""Tickets as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry.types import Info

from domain.records import Priority, RecordKind, TicketStatus
from gql.arguments import After, First
from gql.assets import types as service_types
from gql.context import Context
from gql.incidents import types as incident_types
from gql.keysets import keyset
from gql.nodes import global_id
from gql.paging import DEFAULT, Connection, connection, window
from gql.records.types import Record, Services
from gql.sla.subjects import SlaSubject
from models.reads import ticket as reads
from models.reads import ticket_step as step_reads
from models.reads.related import INCIDENT_OF_TICKET

if TYPE_CHECKING:
    from gql.incidents.types import Incident

OneIncident = Annotated["Incident", strawberry.lazy("gql.incidents.types")]


@strawberry.type(description="How a ticket stood from an instant until its next step.")
class TicketStep:
    """A step."""

    at: datetime = strawberry.field(description="Since when, by the clock of the side that told.")
    status: TicketStatus = strawberry.field(description="Where it stood.")
    priority: Priority = strawberry.field(description="How soon work on it was due.")
    tier: str = strawberry.field(description="Which promises held for it, by their name.")
    by: str | None = strawberry.field(
        description="Who sent it, or the vendor's author; null for nobody known."
    )

    @classmethod
    def of(cls, record: step_reads.TicketStep) -> "TicketStep":
        """Show a record."""
        return cls(
            at=record.at,
            status=record.status,
            priority=record.priority,
            tier=record.tier,
            by=record.by or None,
        )


@strawberry.type(description="A request or complaint with promised times.")
class Ticket(Record, SlaSubject):
    """A ticket."""

    kind: ClassVar[RecordKind] = RecordKind.TICKET

    source_id: str = strawberry.field(description="What its source calls it.")
    description: str | None = strawberry.field(description="What is asked for, at length.")
    status: TicketStatus = strawberry.field(description="Where it stands.")
    priority: Priority = strawberry.field(description="How soon work on it is due.")
    tier: str = strawberry.field(description="Which promises hold for it, by their name.")
    assignee: str | None = strawberry.field(description="Who works on it; null for nobody.")
    resolved_at: datetime | None = strawberry.field(
        description="When it was resolved; null while it is not."
    )

    @classmethod
    def of(cls, record: reads.Ticket) -> "Ticket":
        """Show a record."""
        return cls(
            id=global_id("Ticket", record.id),
            key=record.id,
            source_id=record.source_id,
            title=record.title,
            description=record.description,
            status=record.status,
            priority=record.priority,
            tier=record.tier,
            assignee=record.assignee,
            resolved_at=record.resolved_at,
            created_at=record.created_at,
            updated_at=record.updated_at,
            deleted_at=record.deleted_at,
        )

    @strawberry.field(description="The services that it concerns, by name.")
    async def services(self, info: Info[Context, Any]) -> Services:
        """Read them for all tickets of the request at once."""
        return await service_types.services_of(info.context, self.kind, self.key)

    @strawberry.field(description="The incident that it is part of; null without one.")
    async def incident(self, info: Info[Context, Any]) -> OneIncident | None:
        """Read it for all tickets of the request at once."""
        return await incident_types.incident_of(info.context, INCIDENT_OF_TICKET, self.key)

    @strawberry.field(
        description="What it went through, the latest first, late events in their place. "
        "Before its first step it was NEW, since `createdAt`."
    )
    async def history(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Connection[TicketStep]:
        """Read a page for all tickets of the request at once."""
        asked = window(order="TICKET_HISTORY", first=first, after=after)
        histories = info.context.loaders.histories
        rows = await histories.step_pages[keyset(asked, is_descending=True)].load(self.key)

        async def count() -> int:
            return await histories.step_counts.load(self.key) or 0

        def key(row: step_reads.TicketStep) -> tuple[datetime]:
            return (row.at,)

        return connection(asked, rows or [], key=key, node=TicketStep.of, count=count)
