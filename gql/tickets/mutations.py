"""What programs do with tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from domain.records import Priority, TicketStatus
from domain.sla.terms import IngestOutcome
from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError, WarningCode
from gql.nodes import own_key
from gql.scalars import instant_of
from gql.tickets.types import Ticket
from operations.tickets.event import TicketEvent
from operations.tickets.ingest import Ingested, IngestTickets, ingest_tickets


@strawberry.input(description="How a ticket stands since an instant.")
class TicketEventInput:
    """An event."""

    id: str = strawberry.field(
        description="What you call the ticket, in at most 100 characters: its `sourceId`."
    )
    priority: Priority = strawberry.field(description="How soon work on it is due.")
    tier: str = strawberry.field(
        description="Which promises hold for it, as `sla_config.yaml` names them; one that it "
        "does not name gets the policy that fits all. At most 80 characters."
    )
    status: TicketStatus = strawberry.field(description="Where it stands.")
    created_at: str = strawberry.field(
        description="When the ticket was made: RFC 3339 with a zone, as a `DateTime`. "
        "What is none is rejected alone. Of several, the earliest counts."
    )
    updated_at: str = strawberry.field(
        description="Since when it has stood so, in the same form; with `id` the event's key."
    )
    title: str | None = strawberry.field(
        default=None, description="What it is about, in a line; null says nothing of it."
    )
    service_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="All services that it concerns, at most 100; null says nothing of them.",
    )
    incident_id: strawberry.ID | None = strawberry.field(
        default=None, description="The incident that it is part of; null says nothing of it."
    )

    def to_event(self) -> TicketEvent:
        """Return what the operation takes; it judges what is no instant or no id."""
        services = self.service_ids
        return TicketEvent(
            id=self.id,
            priority=self.priority,
            tier=self.tier,
            status=self.status,
            created_at=_instant(self.created_at),
            updated_at=_instant(self.updated_at),
            title=self.title,
            service_ids=None if services is None else [own_key(one, "Service") for one in services],
            incident_id=None if self.incident_id is None else own_key(self.incident_id, "Incident"),
        )


@strawberry.input(description="What has happened to tickets.")
class IngestTicketsInput:
    """Events."""

    events: list[TicketEventInput] = strawberry.field(
        description="At most 1,000, of any age and in any order."
    )

    def to_request(self) -> IngestTickets:
        """Return what the operation takes."""
        return IngestTickets(events=[event.to_event() for event in self.events])


@strawberry.type(description="What became of one event.")
class IngestResult:
    """A result."""

    id: str = strawberry.field(description="The `id` of the event.")
    updated_at: datetime | None = strawberry.field(
        description="The `updatedAt` of the event; null when it is no instant."
    )
    outcome: IngestOutcome = strawberry.field(description="What became of it.")
    ticket_key: strawberry.Private[str | None]

    @classmethod
    def of(cls, done: Ingested) -> "IngestResult":
        """Show what became of an event."""
        return cls(
            id=done.event.id,
            updated_at=done.event.updated_at,
            outcome=done.outcome,
            ticket_key=done.ticket_id,
        )

    @strawberry.field(description="The ticket, after all events; null when the event was rejected.")
    async def ticket(self, info: Info[Context, Any]) -> Ticket | None:
        """Read it together with the others."""
        if self.ticket_key is None:
            return None
        found = await info.context.loaders.tickets.load(self.ticket_key)
        return None if found is None else Ticket.of(found)


@strawberry.type(description="What became of the events.")
class IngestTicketsPayload:
    """An answer."""

    results: list[IngestResult] = strawberry.field(
        description="One for each event, in their order; none when all were refused together."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why events were rejected; `path` names which."
    )
    warnings: list[errors.Warning] = strawberry.field(
        description="Which came late, or said something else than before; `path` names which."
    )


Input = strawberry.argument(description="What is asked for.")


@strawberry.type
class TicketMutations:
    """Root fields."""

    @strawberry.mutation(
        description=(
            "Send what has happened to tickets. Each event takes its place in its ticket's history;"
            " the same event again changes nothing, and a wrong one is rejected alone."
        )
    )
    async def ingest_tickets(
        self, info: Info[Context, Any], input: Annotated[IngestTicketsInput, Input]
    ) -> IngestTicketsPayload:
        """Ask ``operations`` and show the answer."""
        done, refusals = await attempt(info.context, ingest_tickets, input.to_request)
        return IngestTicketsPayload(
            results=[IngestResult.of(one) for one in done or ()],
            user_errors=[*refusals, *_rejections(done or ())],
            warnings=_warnings(done or ()),
        )


def _instant(text: str) -> datetime | None:
    try:
        return instant_of(text)
    except GraphQLError:
        return None


def _rejections(done: Sequence[Ingested]) -> list[UserError]:
    """Show why events were rejected, from the events on."""
    return [
        UserError(message=error.message, code=error.code, path=["events", str(place), *error.path])
        for place, one in enumerate(done)
        if one.refused is not None
        for error in errors.user_errors(one.refused)
    ]


def _warnings(done: Sequence[Ingested]) -> list[errors.Warning]:
    shown: list[errors.Warning] = []
    for place, one in enumerate(done):
        path = ["events", str(place)]
        if one.payload_differs:
            message = "an event of this ticket and instant is known and said something else"
            shown.append(
                errors.Warning(message=message, code=WarningCode.PAYLOAD_DIFFERS, path=path)
            )
        if one.outcome is IngestOutcome.LATE:
            message = "it is older than what is known, and took its place in the history"
            shown.append(errors.Warning(message=message, code=WarningCode.LATE_EVENT, path=path))
    return shown
