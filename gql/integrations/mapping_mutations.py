"""Saying what a vendor's fields, values and people are in our words."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.records import RecordKind
from domain.sync.field_mapping import ValuePair
from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError
from gql.integrations.types import Integration, shown_integration
from gql.nodes import key_in
from operations.integrations.clear_field_mapping import ClearFieldMapping, clear_field_mapping
from operations.integrations.map_user import MapUser, map_user
from operations.integrations.set_field_mapping import SetFieldMapping, set_field_mapping

Input = strawberry.argument(description="What is asked for.")


@strawberry.input(description="A vendor's value, and what it is in our words.")
class MappedValueInput:
    """A pair of values."""

    external: str = strawberry.field(description="The vendor's value.")
    ours: str | None = strawberry.field(
        description="One of ours: of the field's closed set, or, for `services`, the external id "
        "of the same service at another integration. Null takes a default's meaning away.",
        default=None,
    )


@strawberry.input(description="Where a field stands at the vendor, and what its values mean.")
class SetFieldMappingInput:
    """A field's setting."""

    integration_id: strawberry.ID = strawberry.field(description="Which integration.")
    kind: RecordKind = strawberry.field(description="The kind of record that has the field.")
    field: str = strawberry.field(description="As in `FieldMapping.field`.")
    external_field: str | None = strawberry.field(
        description="The vendor's name of it; left out, the vendor's default holds.", default=None
    )
    values: list[MappedValueInput] = strawberry.field(
        description="What values mean, on top of the vendor's default.", default_factory=list
    )

    def to_request(self) -> SetFieldMapping:
        """Return what the operation takes. Raises NotFound."""
        return SetFieldMapping(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            kind=self.kind,
            field=self.field,
            external_field=self.external_field,
            values=[ValuePair(external=one.external, ours=one.ours) for one in self.values],
        )


@strawberry.input(description="Which setting to forget.")
class ClearFieldMappingInput:
    """A field of an integration."""

    integration_id: strawberry.ID = strawberry.field(description="Which integration.")
    kind: RecordKind = strawberry.field(description="The kind of record that has the field.")
    field: str = strawberry.field(description="As in `FieldMapping.field`.")

    def to_request(self) -> ClearFieldMapping:
        """Return what the operation takes. Raises NotFound."""
        return ClearFieldMapping(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            kind=self.kind,
            field=self.field,
        )


@strawberry.input(description="Which of our users a vendor's person is.")
class MapUserInput:
    """A person and a user."""

    integration_id: strawberry.ID = strawberry.field(description="Which integration.")
    external_user: str = strawberry.field(
        description="The person's id at the vendor, or its name where only one bears it."
    )
    user: str | None = strawberry.field(
        description="Our user; null removes the mapping.", default=None
    )

    def to_request(self) -> MapUser:
        """Return what the operation takes. Raises NotFound."""
        return MapUser(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            external_user=self.external_user,
            user=self.user,
        )


@strawberry.type(description="What became of the setting.")
class SetFieldMappingPayload:
    """An answer."""

    integration: Integration | None = strawberry.field(
        description="The integration as it is now; null when the setting was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of forgetting a setting.")
class ClearFieldMappingPayload:
    """An answer."""

    integration: Integration | None = strawberry.field(
        description="The integration as it is now; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the mapping.")
class MapUserPayload:
    """An answer."""

    integration: Integration | None = strawberry.field(
        description="The integration as it is now; null when the mapping was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type
class MappingMutations:
    """Root fields."""

    @strawberry.mutation(
        description="Map a field otherwise than the vendor's default; replaces an earlier setting. "
        "All records of the kind are read again."
    )
    async def set_field_mapping(
        self, info: Info[Context, Any], input: Annotated[SetFieldMappingInput, Input]
    ) -> SetFieldMappingPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, set_field_mapping, input.to_request)
        return SetFieldMappingPayload(
            integration=await shown_integration(context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description="Map a field by the vendor's default again; all records of the kind are read "
        "again. Nothing happens where it is mapped so."
    )
    async def clear_field_mapping(
        self, info: Info[Context, Any], input: Annotated[ClearFieldMappingInput, Input]
    ) -> ClearFieldMappingPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, clear_field_mapping, input.to_request)
        return ClearFieldMappingPayload(
            integration=await shown_integration(context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description="Say which of our users a vendor's person is; records read from then on "
        "name the user."
    )
    async def map_user(
        self, info: Info[Context, Any], input: Annotated[MapUserInput, Input]
    ) -> MapUserPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, map_user, input.to_request)
        return MapUserPayload(
            integration=await shown_integration(context, key), user_errors=refusals, warnings=[]
        )
