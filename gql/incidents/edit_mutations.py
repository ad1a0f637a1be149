"""Incidents that are created, edited and commented here."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.records import FieldValue, IncidentStatus, NoteVisibility, Priority, Severity
from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError, WarningCode
from gql.incidents.parts import Note
from gql.incidents.types import Incident
from gql.nodes import key_in
from models.reads.note import note_by_id
from operations.access.scope import scope_of
from operations.incidents.comment import AddNote, add_note
from operations.incidents.create import CreateIncident, create_incident
from operations.incidents.edit import EditIncident, edit_incident
from operations.sync.warned import Warned

KEY = "Your own name for this request: the same again within 24 h makes nothing new."
_EDITABLE = (
    "title",
    "description",
    "status",
    "severity",
    "priority",
    "assignee",
    "escalation_policy",
)
_NAMES = {"escalation_policy": "escalationPolicy"}


@strawberry.input(description="What is broken.")
class CreateIncidentInput:
    """A new incident."""

    title: str = strawberry.field(description="What is broken, in one line.")
    severity: Severity = strawberry.field(description="How bad it is.")
    idempotency_key: str = strawberry.field(description=KEY)
    description: str | None = strawberry.field(default=None, description="What is known of it.")
    service_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The services that it affects."
    )
    integration_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The vendors that are to have a record of it; none by default."
    )

    def to_request(self) -> CreateIncident:
        """Return what the operation takes. Raises NotFound."""
        return CreateIncident(
            title=self.title,
            description=self.description,
            severity=self.severity,
            key=self.idempotency_key,
            service_ids=_keys(self.service_ids, "Service", "serviceIds"),
            integration_ids=_keys(self.integration_ids, "Integration", "integrationIds"),
        )


@strawberry.input(
    description="New values of an incident's fields. Absent ones stay; null empties a field."
)
class EditIncidentInput:
    """An edit."""

    id: strawberry.ID = strawberry.field(description="The incident.")
    expected_version: int | None = strawberry.field(
        default=None,
        description="The version that you have read; the edit is refused when there is a later.",
    )
    title: str | None = strawberry.field(default=strawberry.UNSET, description="In one line.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="What is known of it."
    )
    status: IncidentStatus | None = strawberry.field(
        default=strawberry.UNSET, description="Where it stands."
    )
    severity: Severity | None = strawberry.field(
        default=strawberry.UNSET, description="How bad it is."
    )
    priority: Priority | None = strawberry.field(
        default=strawberry.UNSET, description="How soon work on it is due."
    )
    assignee: str | None = strawberry.field(
        default=strawberry.UNSET, description="Who works on it; null for nobody."
    )
    escalation_policy: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The group or policy that is asked when nobody works on it.",
    )
    add_labels: list[str] | None = strawberry.field(default=None, description="Labels to put on.")
    remove_labels: list[str] | None = strawberry.field(
        default=None, description="Labels to take off."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)

    def to_request(self) -> EditIncident:
        """Return what the operation takes. Raises NotFound."""
        given: dict[str, FieldValue] = {
            _NAMES.get(name, name): getattr(self, name)
            for name in _EDITABLE
            if getattr(self, name) is not strawberry.UNSET
        }
        return EditIncident(
            incident_id=key_in(self.id, "Incident", path=("id",)),
            fields=given,
            add_labels=self.add_labels or (),
            remove_labels=self.remove_labels or (),
            expected_version=self.expected_version,
            key=self.idempotency_key,
        )


@strawberry.input(description="Something to say about an incident.")
class AddNoteInput:
    """A note."""

    incident_id: strawberry.ID = strawberry.field(description="The incident.")
    body: str = strawberry.field(description="The text, plain.")
    idempotency_key: str = strawberry.field(description=KEY)
    visibility: NoteVisibility = strawberry.field(
        default=NoteVisibility.INTERNAL,
        description="Who may read it at the vendors; it is never made wider.",
    )

    def to_request(self) -> AddNote:
        """Return what the operation takes. Raises NotFound."""
        return AddNote(
            incident_id=key_in(self.incident_id, "Incident", path=("incidentId",)),
            body=self.body,
            visibility=self.visibility,
            key=self.idempotency_key,
        )


@strawberry.type(description="What became of the request to create.")
class CreateIncidentPayload:
    """An answer."""

    incident: Incident | None = strawberry.field(description="Null when it was refused.")
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of an edit.")
class EditIncidentPayload:
    """An answer."""

    incident: Incident | None = strawberry.field(
        description="The incident as it is now; null when the edit was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(
        description="Where a field is not sent, and why."
    )


@strawberry.type(description="What became of a note.")
class AddNotePayload:
    """An answer."""

    note: Note | None = strawberry.field(description="Null when it was refused.")
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="Where it is not sent, and why.")


Input = strawberry.argument(description="What is asked for.")


@strawberry.type
class IncidentEditMutations:
    """Root fields."""

    @strawberry.mutation(
        description="Create an incident here, and at the vendors named, which follow at once."
    )
    async def create_incident(
        self, info: Info[Context, Any], input: Annotated[CreateIncidentInput, Input]
    ) -> CreateIncidentPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, create_incident, input.to_request)
        return CreateIncidentPayload(
            incident=await _shown(context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description=(
            "Edit an incident. Each vendor that is to have a field gets it within seconds;"
            " where one is not, a warning says so."
        )
    )
    async def edit_incident(
        self, info: Info[Context, Any], input: Annotated[EditIncidentInput, Input]
    ) -> EditIncidentPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        done, refusals = await attempt(context, edit_incident, input.to_request)
        return EditIncidentPayload(
            incident=await _shown(context, None if done is None else done.incident_id),
            user_errors=refusals,
            warnings=_warnings(() if done is None else done.warnings),
        )

    @strawberry.mutation(description="Write a note on an incident.")
    async def add_note(
        self, info: Info[Context, Any], input: Annotated[AddNoteInput, Input]
    ) -> AddNotePayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        done, refusals = await attempt(context, add_note, input.to_request)
        found = None if done is None else await note_by_id(scope_of(context.actor), done.note_id)
        return AddNotePayload(
            note=None if found is None else Note.of(found),
            user_errors=refusals,
            warnings=_warnings(() if done is None else done.warnings),
        )


_SAID = {
    WarningCode.OWNED_EXTERNALLY: "owns this field: the edit is not sent and its next value wins",
    WarningCode.NOT_SENT: "does not take this field: the edit stays here",
    WarningCode.CONFLICT_OPEN: "has an open conflict about this field: decide that first",
}


def _warnings(found: Sequence[Warned]) -> list[errors.Warning]:
    shown: list[errors.Warning] = []
    for one in found:
        code = WarningCode[one.code]
        message = f"{one.integration_key} {_SAID[code]}"
        shown.append(errors.Warning(message=message, code=code, path=[one.field]))
    return shown


def _keys(ids: Sequence[strawberry.ID] | None, kind: str, name: str) -> list[str]:
    return [key_in(one, kind, path=(name, str(place))) for place, one in enumerate(ids or ())]


async def _shown(context: Context, key: str | None) -> Incident | None:
    found = None if key is None else await context.loaders.incidents.load(key)
    return None if found is None else Incident.of(found)
