"""Taking integrations away."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError
from gql.nodes import global_id, key_in
from operations.integrations.remove import DeleteIntegration, delete_integration


@strawberry.input(description="Which integration to delete for good.")
class DeleteIntegrationInput:
    """An integration."""

    id: strawberry.ID = strawberry.field(description="Which integration.")
    confirm_key: str = strawberry.field(
        description="Its key once more, so that none is deleted by mistake."
    )

    def to_request(self) -> DeleteIntegration:
        """Return what the operation takes. Raises NotFound."""
        return DeleteIntegration(
            integration_id=key_in(self.id, "Integration", path=("id",)),
            confirm_key=self.confirm_key,
        )


@strawberry.type(description="What became of the deletion.")
class DeleteIntegrationPayload:
    """An answer."""

    deleted_id: strawberry.ID | None = strawberry.field(
        description="The id that is no longer there; null when the deletion was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type
class RemovalMutations:
    """Root fields."""

    @strawberry.mutation(
        description="Delete an integration for good, with its settings, queues and conflicts, and "
        "the records that no other integration has; incidents made here stay. Nothing changes at "
        "the vendor."
    )
    async def delete_integration(
        self,
        info: Info[Context, Any],
        input: Annotated[
            DeleteIntegrationInput, strawberry.argument(description="What is asked for.")
        ],
    ) -> DeleteIntegrationPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, delete_integration, input.to_request)
        return DeleteIntegrationPayload(
            deleted_id=None if key is None else global_id("Integration", key),
            user_errors=refusals,
            warnings=[],
        )
