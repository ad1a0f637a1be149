"""Questions about services."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql.arguments import After, First, GlobalId
from gql.assets.types import Service
from gql.context import Context
from gql.keysets import keyset
from gql.nodes import own_key
from gql.paging import DEFAULT, Connection, connection, window
from models.reads.asset import service_count, service_page


@strawberry.type
class ServiceQueries:
    """Root fields."""

    @strawberry.field(description="One service; null when there is none that you may see.")
    async def service(self, info: Info[Context, Any], id: GlobalId) -> Service | None:
        """Read one service."""
        found = await info.context.loaders.services.load(own_key(id, "Service"))
        return None if found is None else Service.of(found)

    @strawberry.field(description="The services by name.")
    async def services(
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        search: Annotated[
            str | None, strawberry.argument(description="A part of the name, in any case.")
        ] = None,
    ) -> Connection[Service]:
        """Read a page of services."""
        asked = window(order="NAME", first=first, after=after)
        scope = info.context.loaders.scope
        return connection(
            asked,
            await service_page(scope, search, keyset(asked, is_descending=False)),
            key=lambda row: (row.name, row.id),
            node=Service.of,
            count=lambda: service_count(scope, search),
        )
