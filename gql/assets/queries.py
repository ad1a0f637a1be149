"""Questions about services."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql.arguments import After, First, GlobalId
from gql.assets.types import Service
from gql.context import Context
from gql.filtering import search_text
from gql.keysets import keyset
from gql.nodes import own_key
from gql.paging import DEFAULT, Connection, connection, window
from models.reads import asset as reads
from models.reads.page import count, page


@strawberry.type
class ServiceQueries:
    """Root fields."""

    @strawberry.field(description="One service; null when there is none that you may see.")
    async def service(self, info: Info[Context, Any], id: GlobalId) -> Service | None:
        """Read one service."""
        found = await info.context.loaders.services.load(own_key(id, "Service"))
        return None if found is None else Service.of(found)

    @strawberry.field(description="The services that are not deleted, by name.")
    async def services(
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="With all of these words in its name, in any case; "
                "the last word may be a beginning. At most 200 characters."
            ),
        ] = None,
    ) -> Connection[Service]:
        """Read a page of services."""
        asked = window(order="NAME", first=first, after=after)
        wanted = reads.ServiceFilter(search=search_text(search, "search"))
        scope, rows = info.context.loaders.scope, keyset(asked, is_descending=False)
        return connection(
            asked,
            await page(scope, reads.SERVICES, wanted, reads.BY_NAME, rows),
            key=lambda row: (row.name, row.id),
            node=Service.of,
            count=lambda: count(scope, reads.SERVICES, wanted),
        )
