"""Saying which side decides a field."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.records import Owner
from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError
from gql.integrations.types import Integration, shown_integration
from gql.nodes import key_in
from operations.integrations.ownership import (
    ClearFieldOwnership,
    SetFieldOwnership,
    clear_field_ownership,
    set_field_ownership,
)

Input = strawberry.argument(description="What is asked for.")


@strawberry.input(description="Which side decides a field of an integration's incidents.")
class SetFieldOwnershipInput:
    """A rule."""

    integration_id: strawberry.ID = strawberry.field(description="Which integration.")
    field: str = strawberry.field(
        description="As in `Provider.fields`, or `notes`; `assigned_to`, `escalation_policy`, "
        "`work_notes` and `comments` are understood too."
    )
    owner: Owner = strawberry.field(description="The side whose value is to stand.")
    priority: int = strawberry.field(description="0 to 1,000; the greater one wins.", default=0)

    def to_request(self) -> SetFieldOwnership:
        """Return what the operation takes. Raises NotFound."""
        return SetFieldOwnership(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            field=self.field,
            owner=self.owner,
            priority=self.priority,
        )


@strawberry.input(description="Which rule to forget.")
class ClearFieldOwnershipInput:
    """A field of an integration."""

    integration_id: strawberry.ID = strawberry.field(description="Which integration.")
    field: str = strawberry.field(description="As in `setFieldOwnership`.")

    def to_request(self) -> ClearFieldOwnership:
        """Return what the operation takes. Raises NotFound."""
        return ClearFieldOwnership(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            field=self.field,
        )


@strawberry.type(description="What became of the rule.")
class SetFieldOwnershipPayload:
    """An answer."""

    integration: Integration | None = strawberry.field(
        description="The integration as it is now; null when the rule was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of forgetting a rule.")
class ClearFieldOwnershipPayload:
    """An answer."""

    integration: Integration | None = strawberry.field(
        description="The integration as it is now; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type
class OwnershipMutations:
    """Root fields."""

    @strawberry.mutation(
        description="Say which side decides a field; replaces the vendor's default or an earlier "
        "rule. It holds for changes from now on, and leaves open conflicts alone."
    )
    async def set_field_ownership(
        self, info: Info[Context, Any], input: Annotated[SetFieldOwnershipInput, Input]
    ) -> SetFieldOwnershipPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, set_field_ownership, input.to_request)
        return SetFieldOwnershipPayload(
            integration=await shown_integration(context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description="Let the vendor's default decide a field again. Nothing happens where it does."
    )
    async def clear_field_ownership(
        self, info: Info[Context, Any], input: Annotated[ClearFieldOwnershipInput, Input]
    ) -> ClearFieldOwnershipPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, clear_field_ownership, input.to_request)
        return ClearFieldOwnershipPayload(
            integration=await shown_integration(context, key), user_errors=refusals, warnings=[]
        )
