"""Questions about changes."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.records import ChangeRisk, ChangeStatus
from gql.arguments import After, First, GlobalId
from gql.changes.types import Change
from gql.context import Context
from gql.filtering import SEARCH, TimeRange, search_text, service_keys
from gql.keysets import keyset
from gql.nodes import own_key
from gql.paging import DEFAULT, Connection, connection, window
from models.reads import change as reads
from models.reads.page import count, page


@strawberry.input(description="What changes must all have; what is left out is not asked.")
class ChangeFilter:
    """Conditions, all of which must hold."""

    status: list[ChangeStatus] | None = strawberry.field(description="Any of these.", default=None)
    risk: list[ChangeRisk] | None = strawberry.field(description="Any of these.", default=None)
    service_ids: list[strawberry.ID] | None = strawberry.field(
        description="Concerning any of these services, at most 100.", default=None
    )
    window: TimeRange | None = strawberry.field(
        description="Under way at some time of this span; one without an end goes on.",
        default=None,
    )
    search: str | None = strawberry.field(description=SEARCH, default=None)

    def to_read(self) -> reads.ChangeFilter:
        """Return what the reads take. Raises Invalid."""
        span = self.window or TimeRange()
        return reads.ChangeFilter(
            statuses=self.status,
            risks=self.risk,
            service_ids=service_keys(self.service_ids),
            window_from=span.from_,
            window_to=span.to,
            search=search_text(self.search, "filter", "search"),
        )


@strawberry.type
class ChangeQueries:
    """Root fields."""

    @strawberry.field(description="One change; null when there is none that you may see.")
    async def change(self, info: Info[Context, Any], id: GlobalId) -> Change | None:
        """Read one change."""
        found = await info.context.loaders.changes.load(own_key(id, "Change"))
        return None if found is None else Change.of(found)

    @strawberry.field(description="The changes that are not deleted, the last changed first.")
    async def changes(
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        filter: Annotated[
            ChangeFilter | None, strawberry.argument(description="Only these.")
        ] = None,
    ) -> Connection[Change]:
        """Read a page of changes."""
        asked = window(order="UPDATED_AT", first=first, after=after)
        wanted = (filter or ChangeFilter()).to_read()
        scope, rows = info.context.loaders.scope, keyset(asked, is_descending=True)
        return connection(
            asked,
            await page(scope, reads.CHANGES, wanted, reads.BY_UPDATE, rows),
            key=lambda row: (row.updated_at, row.id),
            node=Change.of,
            count=lambda: count(scope, reads.CHANGES, wanted),
        )
