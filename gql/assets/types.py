"""Services as the graph shows them."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from domain.records import ServiceCriticality
from gql.arguments import After, First
from gql.context import Context
from gql.incidents import types as incident_types
from gql.keysets import keyset
from gql.nodes import Node, global_id
from gql.paging import DEFAULT, Connection, connection, window
from models.reads import asset as reads

if TYPE_CHECKING:
    from gql.incidents.types import Incident

Incidents = Connection[Annotated["Incident", strawberry.lazy("gql.incidents.types")]]


@strawberry.type(description="A service or configuration item that records affect.")
class Service(Node):
    """A service."""

    name: str = strawberry.field(description="As its vendor names it.")
    criticality: ServiceCriticality = strawberry.field(description="How much depends on it.")
    is_configuration_item: bool = strawberry.field(
        description="Whether it is a technical component rather than a service that people use."
    )
    key: strawberry.Private[str]

    @classmethod
    def of(cls, record: reads.Service) -> "Service":
        """Show a record."""
        return cls(
            id=global_id("Service", record.id),
            key=record.id,
            name=record.name,
            criticality=record.criticality,
            is_configuration_item=record.is_configuration_item,
        )

    @strawberry.field(description="The incidents that affect it, the last changed first.")
    async def incidents(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Incidents:
        """Read a page, for all services of the request at once."""
        asked = window(order="SERVICE_INCIDENTS", first=first, after=after)
        loaders = info.context.loaders
        rows = await loaders.incident_pages[keyset(asked, is_descending=True)].load(self.key)

        async def count() -> int:
            return await loaders.incident_counts.load(self.key) or 0

        return connection(
            asked,
            rows or [],
            key=lambda row: (row.updated_at, row.id),
            node=incident_types.Incident.of,
            count=count,
        )
