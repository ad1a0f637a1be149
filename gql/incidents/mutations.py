"""What people do with incidents."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError
from gql.incidents.types import Incident
from gql.nodes import key_in
from operations.incidents.link import LinkIncident, link_incident
from operations.incidents.unlink import UnlinkIncident, unlink_incident


@strawberry.input(description="Which vendor's record is this incident.")
class LinkIncidentInput:
    """An incident and a record."""

    id: strawberry.ID = strawberry.field(description="The incident.")
    integration_id: strawberry.ID = strawberry.field(description="Whose record it is.")
    external_id: str = strawberry.field(description="The vendor's id of the record.")

    def to_request(self) -> LinkIncident:
        """Return what the operation takes. Raises NotFound."""
        return LinkIncident(
            incident_id=key_in(self.id, "Incident", path=("id",)),
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            external_id=self.external_id,
        )


@strawberry.input(description="Which vendor's record is not this incident.")
class UnlinkIncidentInput:
    """An incident and an integration."""

    id: strawberry.ID = strawberry.field(description="The incident.")
    integration_id: strawberry.ID = strawberry.field(description="Whose record leaves it.")

    def to_request(self) -> UnlinkIncident:
        """Return what the operation takes. Raises NotFound."""
        return UnlinkIncident(
            incident_id=key_in(self.id, "Incident", path=("id",)),
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
        )


@strawberry.type(description="What became of the request to join.")
class LinkIncidentPayload:
    """An answer."""

    incident: Incident | None = strawberry.field(
        description="The incident with its new record; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the request to part.")
class UnlinkIncidentPayload:
    """An answer."""

    incident: Incident | None = strawberry.field(
        description="The incident without the record; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


Input = strawberry.argument(description="What is asked for.")


@strawberry.type
class IncidentMutations:
    """Root fields."""

    @strawberry.mutation(
        description=(
            "Say that a vendor's record is this incident. One that was an incident of its own"
            " moves over with its notes, changes and services."
        )
    )
    async def link_incident(
        self, info: Info[Context, Any], input: Annotated[LinkIncidentInput, Input]
    ) -> LinkIncidentPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, link_incident, input.to_request)
        return LinkIncidentPayload(
            incident=await _shown(context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description=(
            "Say that a vendor's record is not this incident: it becomes one of its own, and"
            " is not joined by itself again."
        )
    )
    async def unlink_incident(
        self, info: Info[Context, Any], input: Annotated[UnlinkIncidentInput, Input]
    ) -> UnlinkIncidentPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, unlink_incident, input.to_request)
        return UnlinkIncidentPayload(
            incident=await _shown(context, key), user_errors=refusals, warnings=[]
        )


async def _shown(context: Context, key: str | None) -> Incident | None:
    found = None if key is None else await context.loaders.incidents.load(key)
    return None if found is None else Incident.of(found)
