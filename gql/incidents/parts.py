"""What belongs to an incident: notes, edits and the state of its fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from domain.events.entry import Entry
from domain.records import EditSource, MergeReason, NoteVisibility, Owner, RecordKind
from domain.records import FieldValue as FieldOf
from domain.sync.ownership import Owned, holder
from gql.conflicts import types as conflict_types
from gql.context import Context
from gql.errors import WarningCode
from gql.integrations.types import Integration
from gql.nodes import global_id
from gql.records.types import ExternalLink
from gql.scalars import FieldValue, instant_text
from models.reads import edit as edit_reads
from models.reads import incident as incident_reads
from models.reads import note as note_reads
from models.reads.revision import Revision

if TYPE_CHECKING:
    from gql.conflicts.types import Conflict

OneConflict = Annotated["Conflict", strawberry.lazy("gql.conflicts.types")]


@strawberry.type(description="What somebody wrote about an incident.")
class Note:
    """A note."""

    id: strawberry.ID = strawberry.field(description="Opaque, and stable for ever.")
    author: str = strawberry.field(description="Who wrote it, as that side names them.")
    body: str = strawberry.field(description="The text, plain.")
    visibility: NoteVisibility = strawberry.field(description="Who may read it at the vendor.")
    created_at: datetime = strawberry.field(description="When it was written.")
    edited_at: datetime | None = strawberry.field(
        description="When it was last reworded; null for never."
    )
    record: strawberry.Private[note_reads.Note]

    @classmethod
    def of(cls, record: note_reads.Note) -> "Note":
        """Show a record."""
        return cls(
            id=global_id("Note", record.id),
            record=record,
            author=record.author,
            body=record.body,
            visibility=record.visibility,
            created_at=record.created_at,
            edited_at=record.edited_at,
        )

    @strawberry.field(
        description="The incident's record where it was written; null for a note written here."
    )
    async def origin(self, info: Info[Context, Any]) -> ExternalLink | None:
        """Read it together with the others."""
        links = await info.context.loaders.links[RecordKind.INCIDENT].load(self.record.incident_id)
        return next(
            (
                ExternalLink.of(link)
                for link in links or ()
                if link.integration_id == self.record.integration_id
            ),
            None,
        )


@strawberry.type(description="One change of one field: taken or not, and why.")
class Edit:
    """An edit."""

    id: strawberry.ID = strawberry.field(description="Opaque, and stable for ever.")
    field: str = strawberry.field(description="The field's name; the vendor's if it has no other.")
    before: FieldValue | None = strawberry.field(description="The value that the change replaced.")
    after: FieldValue | None = strawberry.field(description="The value that it brought.")
    version: int | None = strawberry.field(
        description="The incident's version with it; null when it was not taken."
    )
    at: datetime = strawberry.field(
        description="When it was made, by the clock of the side that made it."
    )
    by: str = strawberry.field(description="Who made it, as that side names them.")
    source: EditSource = strawberry.field(description="Which door it came through.")
    accepted: bool = strawberry.field(description="Whether it was taken.")
    reason: MergeReason = strawberry.field(description="Why it was taken or not.")
    warning: WarningCode | None = strawberry.field(
        description="What was not as one might expect; null for nothing."
    )
    integration_key: strawberry.Private[str | None]

    @classmethod
    def of(cls, record: edit_reads.Edit) -> "Edit":
        """Show a record."""
        return cls(
            id=global_id("Edit", record.id),
            field=record.field,
            before=shown(record.before),
            after=shown(record.after),
            version=record.version,
            at=record.at,
            by=record.by,
            source=record.source,
            accepted=record.accepted,
            reason=record.reason,
            warning=None if record.warning is None else WarningCode[record.warning],
            integration_key=record.integration_id,
        )

    @classmethod
    async def brought(cls, entry: Entry, context: Context) -> list["Edit"]:
        """Read all at once that came with an entry of the log."""
        found = await context.loaders.edits.load_many(list(entry.edit_ids))
        return [cls.of(record) for record in found if record is not None]

    @strawberry.field(description="Through which integration it came; null for an edit made here.")
    async def integration(self, info: Info[Context, Any]) -> Integration | None:
        """Read it together with the others."""
        if self.integration_key is None:
            return None
        found = await info.context.loaders.integrations.load(self.integration_key)
        return None if found is None else Integration.of(found)


@strawberry.type(description="The value of one field, and who gave it when.")
class FieldState:
    """A field of an incident."""

    name: str = strawberry.field(
        description="Our name, or the vendor's where the field has no other."
    )
    value: FieldValue | None = strawberry.field(description="What it is now; null when empty.")
    version: int = strawberry.field(
        description="How often it has changed; 0 while nobody but its one vendor has changed it."
    )
    edited_at: datetime = strawberry.field(
        description="When it was given; without a known change, when the record was made."
    )
    edited_by: str | None = strawberry.field(
        description="Who gave it; null without a known change."
    )
    incident_key: strawberry.Private[str]

    @strawberry.field(description="The side that decides it; null when both do.")
    async def owner(self, info: Info[Context, Any]) -> Owner | None:
        """Read the rules for all incidents of the request at once."""
        return (await self._holder(info.context)).owner

    @strawberry.field(
        description="The integration whose vendor decides it; null when none does, or one that "
        "you may not see."
    )
    async def owned_by(self, info: Info[Context, Any]) -> Integration | None:
        """Read it together with the others."""
        by = (await self._holder(info.context)).by
        found = None if by is None else await info.context.loaders.integrations.load(by)
        return None if found is None else Integration.of(found)

    @strawberry.field(description="Whether it waits to be sent to a vendor.")
    async def pending(self, info: Info[Context, Any]) -> bool:
        """Read what waits for all incidents of the request at once."""
        waiting = await info.context.loaders.sync.pending_fields.load(self.incident_key)
        return self.name in (waiting or ())

    @strawberry.field(description="Its open conflict, the oldest of several; null without any.")
    async def conflict(self, info: Info[Context, Any]) -> OneConflict | None:
        """Read them for all incidents of the request at once."""
        standing = await info.context.loaders.conflicts.standing.load(self.incident_key)
        found = (standing or {}).get(self.name)
        return None if found is None else conflict_types.Conflict.of(found)

    async def _holder(self, context: Context) -> Owned:
        return holder(self.name, await context.loaders.claims.load(self.incident_key) or ())


def shown(value: object) -> FieldValue | None:
    """Return a stored value as the graph's scalar takes it."""
    return None if value is None else FieldValue(value)


def field_values(incident: incident_reads.Incident) -> dict[str, FieldOf]:
    """Return the value of every field, our own first."""
    return {
        "title": incident.title,
        "description": incident.description,
        "status": incident.status.value,
        "severity": incident.severity.value,
        "priority": None if incident.priority is None else incident.priority.value,
        "assignee": incident.assignee,
        "escalationPolicy": incident.escalation_policy,
        "labels": incident.labels,
        "startedAt": _instant(incident.started_at),
        "resolvedAt": _instant(incident.resolved_at),
        **dict(sorted(incident.extra.items())),
    }


def field_states(
    incident: incident_reads.Incident,
    last: Mapping[str, edit_reads.Edit],
    revised: Mapping[str, Revision],
) -> list[FieldState]:
    """Return the state of every field, our own first."""
    return [
        _state(name, value, incident, last.get(name), revised.get(name))
        for name, value in field_values(incident).items()
    ]


def _state(
    name: str,
    value: FieldOf,
    incident: incident_reads.Incident,
    edit: edit_reads.Edit | None,
    revision: Revision | None,
) -> FieldState:
    """Return a field's state; of one without a revision, its vendor's last edit tells."""
    made = (edit.at, edit.by) if edit is not None else (incident.created_at, None)
    edited_at, edited_by = made if revision is None else (revision.edited_at, revision.by)
    return FieldState(
        name=name,
        value=shown(value),
        version=0 if revision is None else revision.version,
        edited_at=edited_at,
        edited_by=edited_by or None,
        incident_key=incident.id,
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)
