"""Which incidents a list or subscription shows, and in which order."""

from datetime import datetime

import strawberry

from domain.records import IncidentStatus, Severity
from domain.sla.terms import SlaClockKind, SlaState
from gql.filtering import SEARCH, TimeRange, search_text, service_keys
from gql.nodes import filter_key
from gql.ordering import SortDirection
from models.reads import incident_page as reads
from models.reads.clock_filter import ClockFilter
from models.reads.incident_page import IncidentOrderField
from models.reads.scope import Scope


@strawberry.input(description="What incidents must all have; what is left out is not asked.")
class IncidentFilter:
    """Conditions, all of which must hold."""

    status: list[IncidentStatus] | None = strawberry.field(
        description="Any of these.", default=None
    )
    severity: list[Severity] | None = strawberry.field(description="Any of these.", default=None)
    assignee: str | None = strawberry.field(description="Exactly this one.", default=None)
    unassigned: bool | None = strawberry.field(
        description="True for those that nobody works on, false for the others.", default=None
    )
    service_ids: list[strawberry.ID] | None = strawberry.field(
        description="Affecting any of these services, at most 100.", default=None
    )
    integration_id: strawberry.ID | None = strawberry.field(
        description="With a link to this integration.", default=None
    )
    updated: TimeRange | None = strawberry.field(
        description="Last changed within this span.", default=None
    )
    sla_state: list[SlaState] | None = strawberry.field(
        description="Any of these, at the moment of the question; a change counts once its clocks "
        "have been looked at, within a second or two.",
        default=None,
    )
    clock: SlaClockKind | None = strawberry.field(
        description="Only this clock counts for `slaState`, else the worse of both. Alone: "
        "measured by it.",
        default=None,
    )
    search: str | None = strawberry.field(description=SEARCH, default=None)
    has_open_conflict: bool | None = strawberry.field(
        description="True for those with a conflict that waits for a person, false for the others.",
        default=None,
    )

    def to_read(self, scope: Scope, at: datetime) -> reads.IncidentFilter:
        """Return what the reads take: conflicts count within the scope, clocks at a moment.

        Raises Invalid.
        """
        integration = self.integration_id
        is_by_clocks = self.sla_state is not None or self.clock is not None
        updated = self.updated or TimeRange()
        return reads.IncidentFilter(
            statuses=self.status,
            severities=self.severity,
            assignee=self.assignee,
            is_unassigned=self.unassigned,
            service_ids=service_keys(self.service_ids),
            integration_id=None
            if integration is None
            else filter_key(integration, "Integration", path=("filter", "integrationId")),
            updated_from=updated.from_,
            updated_to=updated.to,
            search=search_text(self.search, "filter", "search"),
            has_open_conflict=self.has_open_conflict,
            conflict_scope=scope,
            clocks=ClockFilter(at=at, kind=self.clock, states=self.sla_state)
            if is_by_clocks
            else None,
        )


@strawberry.input(description="What orders a list of incidents.")
class IncidentOrder:
    """A field and a direction."""

    field: IncidentOrderField = strawberry.field(description="What is compared.")
    direction: SortDirection = strawberry.field(
        description="Which end comes first.", default=SortDirection.DESC
    )

    @property
    def name(self) -> str:
        """The order's name in cursors."""
        return f"{self.field.value}_{self.direction.value}"
