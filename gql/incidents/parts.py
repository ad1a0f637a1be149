"""What belongs to an incident: notes, edits and the state of its fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry
from strawberry.types import Info

from domain.records import EditSource, MergeReason, NoteVisibility, RecordKind
from gql.context import Context
from gql.integrations.types import Integration
from gql.nodes import global_id
from gql.records.types import ExternalLink
from gql.scalars import FieldValue, instant_text
from models.reads import edit as edit_reads
from models.reads import incident as incident_reads
from models.reads import note as note_reads


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
            integration_key=record.integration_id,
        )

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
    version: int = strawberry.field(description="The incident's version that brought the value.")
    edited_at: datetime = strawberry.field(
        description="When it was given; without a known change, when the record was made."
    )
    edited_by: str | None = strawberry.field(
        description="Who gave it; null without a known change."
    )


def shown(value: object) -> FieldValue | None:
    """Return a stored value as the graph's scalar takes it."""
    return None if value is None else FieldValue(value)


def field_states(
    incident: incident_reads.Incident, last: Mapping[str, edit_reads.Edit]
) -> list[FieldState]:
    """Return the state of every field, our own first."""
    values: dict[str, object] = {
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
    return [_state(name, value, incident, last.get(name)) for name, value in values.items()]


def _state(
    name: str, value: object, incident: incident_reads.Incident, edit: edit_reads.Edit | None
) -> FieldState:
    return FieldState(
        name=name,
        value=shown(value),
        version=1 if edit is None or edit.version is None else edit.version,
        edited_at=incident.created_at if edit is None else edit.at,
        edited_by=None if edit is None else edit.by,
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)
