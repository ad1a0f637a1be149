"""Which tickets a list shows, and in which order."""

from datetime import datetime

import strawberry

from domain.records import Priority, TicketStatus
from domain.sla.terms import SlaClockKind, SlaState
from gql.filtering import SEARCH, TimeRange, search_text, service_keys
from gql.ordering import SortDirection
from models.reads import ticket as reads
from models.reads.clock_filter import ClockFilter
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
    sla_state: list[SlaState] | None = strawberry.field(
        description="Any of these, at the moment of the question; a change counts once its clocks "
        "have been looked at, within a second or two.",
        default=None,
    )
    clock: SlaClockKind | None = strawberry.field(
        description="Only this clock counts for `slaState`, `paused`, `breaching` and the order; "
        "without it the worse or first of both. Alone: measured by it.",
        default=None,
    )
    paused: bool | None = strawberry.field(
        description="True for those with a clock that is paused, false for the others.",
        default=None,
    )
    breaching: TimeRange | None = strawberry.field(
        description="With a clock that will breach within this span if it runs on.", default=None
    )
    service_ids: list[strawberry.ID] | None = strawberry.field(
        description="Concerning any of these services, at most 100.", default=None
    )
    search: str | None = strawberry.field(description=SEARCH, default=None)

    def to_read(self, at: datetime) -> reads.TicketFilter:
        """Return what the reads take, clocks being judged at a moment. Raises Invalid."""
        return reads.TicketFilter(
            statuses=self.status,
            priorities=self.priority,
            tiers=self.tier,
            service_ids=service_keys(self.service_ids),
            clocks=self._clocks(at),
            search=search_text(self.search, "filter", "search"),
        )

    def _clocks(self, at: datetime) -> ClockFilter | None:
        if (self.sla_state, self.clock, self.paused, self.breaching) == (None,) * 4:
            return None
        breaching = self.breaching or TimeRange()
        return ClockFilter(
            at=at,
            kind=self.clock,
            states=self.sla_state,
            is_paused=self.paused,
            breach_from=breaching.from_,
            breach_to=breaching.to,
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
