"""Questions about events."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.records import EventSeverity, EventStatus
from gql.arguments import After, First, GlobalId
from gql.context import Context
from gql.events.types import Event
from gql.filtering import TimeRange, search_text, service_keys
from gql.keysets import keyset
from gql.nodes import own_key
from gql.paging import DEFAULT, Connection, connection, window
from models.reads import event as reads
from models.reads.page import count, page


@strawberry.input(description="What events must all have; what is left out is not asked.")
class EventFilter:
    """Conditions, all of which must hold."""

    severity: list[EventSeverity] | None = strawberry.field(
        description="Any of these.", default=None
    )
    status: list[EventStatus] | None = strawberry.field(description="Any of these.", default=None)
    service_ids: list[strawberry.ID] | None = strawberry.field(
        description="Concerning any of these services, at most 100.", default=None
    )
    occurred: TimeRange | None = strawberry.field(
        description="First seen within this span.", default=None
    )
    search: str | None = strawberry.field(
        description="With all of these words in its title or source, in any case; "
        "the last word may be a beginning. At most 200 characters.",
        default=None,
    )

    def to_read(self) -> reads.EventFilter:
        """Return what the reads take. Raises Invalid."""
        span = self.occurred or TimeRange()
        return reads.EventFilter(
            severities=self.severity,
            statuses=self.status,
            service_ids=service_keys(self.service_ids),
            occurred_from=span.from_,
            occurred_to=span.to,
            search=search_text(self.search, "filter", "search"),
        )


@strawberry.type
class EventQueries:
    """Root fields."""

    @strawberry.field(description="One event; null when there is none that you may see.")
    async def event(self, info: Info[Context, Any], id: GlobalId) -> Event | None:
        """Read one event."""
        found = await info.context.loaders.events.load(own_key(id, "Event"))
        return None if found is None else Event.of(found)

    @strawberry.field(description="The events that are not deleted, the last to occur first.")
    async def events(
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        filter: Annotated[
            EventFilter | None, strawberry.argument(description="Only these.")
        ] = None,
    ) -> Connection[Event]:
        """Read a page of events."""
        asked = window(order="OCCURRED_AT", first=first, after=after)
        wanted = (filter or EventFilter()).to_read()
        scope, rows = info.context.loaders.scope, keyset(asked, is_descending=True)
        return connection(
            asked,
            await page(scope, reads.EVENTS, wanted, reads.BY_OCCURRENCE, rows),
            key=lambda row: (row.occurred_at, row.id),
            node=Event.of,
            count=lambda: count(scope, reads.EVENTS, wanted),
        )
