"""Incidents as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry.types import Info

from domain.records import IncidentStatus, Priority, RecordKind, Severity
from domain.sync.ownership import canonical
from gql.arguments import After, First
from gql.assets import types as service_types
from gql.belonging import member_page
from gql.changes import related
from gql.conflicts import types as conflict_types
from gql.conflicts.filters import ConflictFilter
from gql.context import Context
from gql.events import types as event_types
from gql.explain.types import Explanation, explanation
from gql.incidents.parts import Edit, FieldState, Note, field_states
from gql.keysets import keyset
from gql.nodes import global_id
from gql.paging import DEFAULT, Connection, connection, window
from gql.records.types import Record, Services
from gql.sla.subjects import SlaSubject
from gql.tickets import types as ticket_types
from models.reads import edit as edit_reads
from models.reads import incident as reads
from models.reads import note as note_reads
from models.reads.belonging import Members
from models.reads.related import EVENTS_OF_INCIDENT, TICKETS_OF_INCIDENT

if TYPE_CHECKING:
    from gql.changes.related import RelatedChangeConnection
    from gql.conflicts.types import Conflict
    from gql.events.types import Event
    from gql.tickets.types import Ticket

Changes = Annotated["RelatedChangeConnection", strawberry.lazy("gql.changes.related")]
Events = Connection[Annotated["Event", strawberry.lazy("gql.events.types")]]
Conflicts = Connection[Annotated["Conflict", strawberry.lazy("gql.conflicts.types")]]
Tickets = Connection[Annotated["Ticket", strawberry.lazy("gql.tickets.types")]]


@strawberry.type(description="Something is broken or about to break, and people work on it.")
class Incident(Record, SlaSubject):
    """An incident."""

    kind: ClassVar[RecordKind] = RecordKind.INCIDENT

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
            key=record.id,
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
        return await service_types.services_of(info.context, self.kind, self.key)

    @strawberry.field(
        description="The changes that may have to do with it, the surest first: those that "
        "vendors name, and those around its beginning on its services or on what these depend on."
    )
    async def changes(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Changes:
        """Read them for all incidents of the request at once."""
        asked = window(order=related.ORDER, first=first, after=after)
        return await related.related_changes(info.context, self.record, asked)

    @strawberry.field(description="The events that are part of it, the last to occur first.")
    async def events(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Events:
        """Read a page, for all incidents of the request at once."""
        return await member_page(
            info.context,
            EVENTS_OF_INCIDENT,
            self.key,
            order="INCIDENT_EVENTS",
            first=first,
            after=after,
            node=event_types.Event.of,
        )

    @strawberry.field(description="The tickets that are part of it, the last changed first.")
    async def tickets(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Tickets:
        """Read a page, for all incidents of the request at once."""
        return await member_page(
            info.context,
            TICKETS_OF_INCIDENT,
            self.key,
            order="INCIDENT_TICKETS",
            first=first,
            after=after,
            node=ticket_types.Ticket.of,
        )

    @strawberry.field(description="What people wrote about it, the oldest first.")
    async def notes(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Connection[Note]:
        """Read a page for all incidents of the request at once."""
        asked = window(order="NOTES", first=first, after=after)
        loaders = info.context.loaders
        rows = await loaders.note_pages[keyset(asked, is_descending=False)].load(self.key)

        async def count() -> int:
            return await loaders.note_counts.load(self.key) or 0

        def key(row: note_reads.Note) -> tuple[datetime, str]:
            return row.created_at, row.id

        return connection(asked, rows or [], key=key, node=Note.of, count=count)

    @strawberry.field(
        description="What its vendors and this side disagreed about, the last found first."
    )
    async def conflicts(
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        filter: Annotated[
            ConflictFilter | None, strawberry.argument(description="Only these.")
        ] = None,
    ) -> Conflicts:
        """Read a page for all incidents of the request at once."""
        return await conflict_types.conflicts_of(
            info.context, self.record.id, first=first, after=after, filter=filter
        )

    @strawberry.field(
        description="Every mirrored field; those without a name of ours under the vendor's."
    )
    async def fields(self, info: Info[Context, Any]) -> list[FieldState]:
        """Read the last edits for all incidents of the request at once."""
        loaders = info.context.loaders
        last = await loaders.last_edits.load(self.record.id)
        revised = await loaders.revisions.load(self.record.id)
        return field_states(self.record, last or {}, revised or {})

    @strawberry.field(
        description="Why a field has its value: which edits, which owner, which rule."
    )
    async def explain(
        self,
        info: Info[Context, Any],
        field: Annotated[
            str, strawberry.argument(description="As in `FieldState.name`, or the brief's name.")
        ],
    ) -> Explanation:
        """Read what is recorded for all incidents of the request at once."""
        return await explanation(info.context, self.record, canonical(field))

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


async def incident_of(
    context: Context, members: Members[reads.Incident], owner: str
) -> Incident | None:
    """Return the incident to which a record points, read for all such records at once."""
    found = await context.loaders.members[members].load(owner)
    return Incident.of(found[0]) if found else None
