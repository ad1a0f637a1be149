"""Incidents as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from domain.records import IncidentStatus, Priority, Severity
from gql.arguments import After, First
from gql.assets import types as service_types
from gql.context import Context
from gql.incidents.parts import Edit, ExternalLink, FieldState, field_states
from gql.keysets import keyset
from gql.nodes import Node, global_id
from gql.paging import DEFAULT, Connection, connection, window
from models.reads import edit as edit_reads
from models.reads import incident as reads

if TYPE_CHECKING:
    from gql.assets.types import Service

Services = list[Annotated["Service", strawberry.lazy("gql.assets.types")]]


@strawberry.interface(
    description=(
        "A row mirrored from a vendor or created here. "
        "Deleted rows stay readable by id; lists leave them out."
    )
)
class Record(Node):
    """A mirrored record."""

    title: str = strawberry.field(description="What it is about, in a line.")
    created_at: datetime = strawberry.field(description="When the record was made.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    deleted_at: datetime | None = strawberry.field(
        description="When it was deleted; null while it is there."
    )

    @strawberry.field(description="The services that it affects, by name.")
    async def services(self, info: Info[Context, Any]) -> Services:
        """Each kind of record reads its own."""
        raise NotImplementedError

    @strawberry.field(description="Where it lives at vendors, the oldest link first.")
    async def links(self, info: Info[Context, Any]) -> list[ExternalLink]:
        """Each kind of record reads its own."""
        raise NotImplementedError


@strawberry.type(description="Something is broken or about to break, and people work on it.")
class Incident(Record):
    """An incident."""

    number: str = strawberry.field(
        description="What people call it: the key of its oldest link, `WP-<n>` before it has one."
    )
    description: str | None = strawberry.field(description="What is known of it, at length.")
    status: IncidentStatus = strawberry.field(description="Where it stands.")
    severity: Severity = strawberry.field(description="How bad it is.")
    priority: Priority | None = strawberry.field(description="How soon work on it is due.")
    assignee: str | None = strawberry.field(description="Who works on it; null for nobody.")
    escalation_policy: str | None = strawberry.field(
        description="The group or policy that is asked when nobody works on it."
    )
    labels: list[str] = strawberry.field(description="Words that people put on it.")
    started_at: datetime = strawberry.field(description="When the trouble began.")
    resolved_at: datetime | None = strawberry.field(
        description="When the trouble was over; null while it is not."
    )
    version: int = strawberry.field(
        description="Grows with every accepted edit; send it back as `expectedVersion`."
    )
    record: strawberry.Private[reads.Incident]

    @classmethod
    def of(cls, record: reads.Incident) -> "Incident":
        """Show a record."""
        return cls(
            id=global_id("Incident", record.id),
            record=record,
            number=record.number,
            title=record.title,
            description=record.description,
            status=record.status,
            severity=record.severity,
            priority=record.priority,
            assignee=record.assignee,
            escalation_policy=record.escalation_policy,
            labels=record.labels,
            started_at=record.started_at,
            resolved_at=record.resolved_at,
            created_at=record.created_at,
            updated_at=record.updated_at,
            deleted_at=record.deleted_at,
            version=record.version,
        )

    @strawberry.field(description="The services that it affects, by name.")
    async def services(self, info: Info[Context, Any]) -> Services:
        """Read them for all incidents of the request at once."""
        found = await info.context.loaders.services_of_incidents.load(self.record.id)
        return [service_types.Service.of(record) for record in found or ()]

    @strawberry.field(description="Where it lives at vendors, the oldest link first.")
    async def links(self, info: Info[Context, Any]) -> list[ExternalLink]:
        """Read them for all incidents of the request at once."""
        found = await info.context.loaders.links.load(self.record.id)
        return [ExternalLink.of(record) for record in found or ()]

    @strawberry.field(
        description="Every mirrored field; those without a name of ours under the vendor's."
    )
    async def fields(self, info: Info[Context, Any]) -> list[FieldState]:
        """Read the last edits for all incidents of the request at once."""
        last = await info.context.loaders.last_edits.load(self.record.id)
        return field_states(self.record, last or {})

    @strawberry.field(description="What happened to its fields, the latest first.")
    async def history(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Connection[Edit]:
        """Read a page for all incidents of the request at once."""
        asked = window(order="HISTORY", first=first, after=after)
        loaders = info.context.loaders
        rows = await loaders.edit_pages[keyset(asked, is_descending=True)].load(self.record.id)

        async def count() -> int:
            return await loaders.edit_counts.load(self.record.id) or 0

        def key(row: edit_reads.Edit) -> tuple[datetime, int, str]:
            return row.at, row.sequence, row.id

        return connection(asked, rows or [], key=key, node=Edit.of, count=count)
