"""Which conflicts a list or subscription shows."""

import strawberry

from domain.access.roles import Actor
from domain.exchange import ConflictKind, ConflictStatus
from gql.nodes import filter_key
from models.reads import conflicts as reads


@strawberry.input(description="What conflicts must all have; what is left out is not asked.")
class ConflictFilter:
    """Conditions, all of which must hold."""

    status: list[ConflictStatus] | None = strawberry.field(
        description="Any of these.", default=None
    )
    kind: list[ConflictKind] | None = strawberry.field(description="Any of these.", default=None)
    integration_id: strawberry.ID | None = strawberry.field(
        description="With this vendor's account.", default=None
    )
    incident_id: strawberry.ID | None = strawberry.field(
        description="Of this incident.", default=None
    )
    field: str | None = strawberry.field(description="Of this field.", default=None)
    assigned_to_me: bool | None = strawberry.field(
        description="True for those of incidents that you work on.", default=None
    )

    def to_read(self, actor: Actor) -> reads.ConflictFilter:
        """Return what the reads take. Raises Invalid."""
        return reads.ConflictFilter(
            statuses=None if self.status is None else frozenset(self.status),
            kinds=None if self.kind is None else frozenset(self.kind),
            integration_id=None
            if self.integration_id is None
            else filter_key(self.integration_id, "Integration", path=("filter", "integrationId")),
            incident_id=None
            if self.incident_id is None
            else filter_key(self.incident_id, "Incident", path=("filter", "incidentId")),
            field=self.field,
            assignee=actor.name if self.assigned_to_me else None,
        )
