"""Which tickets a list shows, and in which order."""

import strawberry

from domain.records import Priority, TicketStatus
from gql.filtering import SEARCH, search_text, service_keys
from gql.ordering import SortDirection
from models.reads import ticket as reads
from models.reads.ticket import TicketOrderField


@strawberry.input(one_of=True, description="A ticket by one of its names.")
class TicketBy:
    """Exactly one field is given."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The global id.")
    source_id: strawberry.Maybe[str] = strawberry.field(
        description="What its source calls it, or the key of any of its links."
    )


@strawberry.input(description="What tickets must all have; what is left out is not asked.")
class TicketFilter:
    """Conditions, all of which must hold."""

    status: list[TicketStatus] | None = strawberry.field(description="Any of these.", default=None)
    priority: list[Priority] | None = strawberry.field(description="Any of these.", default=None)
    tier: list[str] | None = strawberry.field(description="Any of these.", default=None)
    service_ids: list[strawberry.ID] | None = strawberry.field(
        description="Concerning any of these services, at most 100.", default=None
    )
    search: str | None = strawberry.field(description=SEARCH, default=None)

    def to_read(self) -> reads.TicketFilter:
        """Return what the reads take. Raises Invalid."""
        return reads.TicketFilter(
            statuses=self.status,
            priorities=self.priority,
            tiers=self.tier,
            service_ids=service_keys(self.service_ids),
            search=search_text(self.search, "filter", "search"),
        )


@strawberry.input(description="What orders a list of tickets.")
class TicketOrder:
    """A field and a direction."""

    field: TicketOrderField = strawberry.field(description="What is compared.")
    direction: SortDirection = strawberry.field(
        description="Which end comes first.", default=SortDirection.ASC
    )

    @property
    def name(self) -> str:
        """The order's name in cursors."""
        return f"{self.field.value}_{self.direction.value}"
