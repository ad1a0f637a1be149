"""Services as the graph shows them."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry.types import Info

from domain.records import RecordKind, ServiceCriticality
from gql.arguments import After, First
from gql.belonging import member_page
from gql.changes import types as change_types
from gql.context import Context
from gql.events import types as event_types
from gql.incidents import types as incident_types
from gql.nodes import global_id
from gql.paging import DEFAULT, Connection
from gql.records.types import Record, Services
from gql.tickets import types as ticket_types
from models.reads import asset as reads
from models.reads.related import (
    CHANGES_OF_SERVICE,
    DEPENDENTS,
    DEPENDS_ON,
    EVENTS_OF_SERVICE,
    INCIDENTS_OF_SERVICE,
    SERVICES_OF,
    TICKETS_OF_SERVICE,
)

if TYPE_CHECKING:
    from gql.changes.types import Change
    from gql.events.types import Event
    from gql.incidents.types import Incident
    from gql.tickets.types import Ticket

Incidents = Connection[Annotated["Incident", strawberry.lazy("gql.incidents.types")]]
Changes = Connection[Annotated["Change", strawberry.lazy("gql.changes.types")]]
Events = Connection[Annotated["Event", strawberry.lazy("gql.events.types")]]
Tickets = Connection[Annotated["Ticket", strawberry.lazy("gql.tickets.types")]]


@strawberry.type(description="A service or configuration item that records affect.")
class Service(Record):
    """A service."""

    kind: ClassVar[RecordKind] = RecordKind.SERVICE

    name: str = strawberry.field(description="As its vendor names it; its title says the same.")
    criticality: ServiceCriticality = strawberry.field(description="How much depends on it.")
    is_configuration_item: bool = strawberry.field(
        description="Whether it is a technical component rather than a service that people use."
    )

    @classmethod
    def of(cls, record: reads.Service) -> "Service":
        """Show a record."""
        return cls(
            id=global_id("Service", record.id),
            key=record.id,
            title=record.name,
            name=record.name,
            criticality=record.criticality,
            is_configuration_item=record.is_configuration_item,
            created_at=record.created_at,
            updated_at=record.updated_at,
            deleted_at=record.deleted_at,
        )

    @strawberry.field(description="The service itself, so that any record can be asked for them.")
    async def services(self, info: Info[Context, Any]) -> Services:
        """Show it again."""
        return [self]

    @strawberry.field(description="The services that it does not work without, by name.")
    async def depends_on(self, info: Info[Context, Any]) -> Services:
        """Read them for all services of the request at once."""
        found = await info.context.loaders.members[DEPENDS_ON].load(self.key)
        return [Service.of(record) for record in found or ()]

    @strawberry.field(description="The services that do not work without it, by name.")
    async def dependents(self, info: Info[Context, Any]) -> Services:
        """Read them for all services of the request at once."""
        found = await info.context.loaders.members[DEPENDENTS].load(self.key)
        return [Service.of(record) for record in found or ()]

    @strawberry.field(description="The incidents that affect it, the last changed first.")
    async def incidents(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Incidents:
        """Read a page, for all services of the request at once."""
        return await member_page(
            info.context,
            INCIDENTS_OF_SERVICE,
            self.key,
            order="SERVICE_INCIDENTS",
            first=first,
            after=after,
            node=incident_types.Incident.of,
        )

    @strawberry.field(description="The changes that concern it, the last changed first.")
    async def changes(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Changes:
        """Read a page, for all services of the request at once."""
        return await member_page(
            info.context,
            CHANGES_OF_SERVICE,
            self.key,
            order="SERVICE_CHANGES",
            first=first,
            after=after,
            node=change_types.Change.of,
        )

    @strawberry.field(description="The events that concern it, the last to occur first.")
    async def events(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Events:
        """Read a page, for all services of the request at once."""
        return await member_page(
            info.context,
            EVENTS_OF_SERVICE,
            self.key,
            order="SERVICE_EVENTS",
            first=first,
            after=after,
            node=event_types.Event.of,
        )

    @strawberry.field(description="The tickets that concern it, the last changed first.")
    async def tickets(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Tickets:
        """Read a page, for all services of the request at once."""
        return await member_page(
            info.context,
            TICKETS_OF_SERVICE,
            self.key,
            order="SERVICE_TICKETS",
            first=first,
            after=after,
            node=ticket_types.Ticket.of,
        )


async def services_of(context: Context, kind: RecordKind, key: str) -> Services:
    """Return the services of a record, read for all records of the request at once."""
    found = await context.loaders.members[SERVICES_OF[kind]].load(key)
    return [Service.of(record) for record in found or ()]
