"""What an integration's vendor tells by itself, and how to try it."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError
from gql.integrations.connection_test import ConnectionTest
from gql.nodes import key_in
from models.reads import webhook as reads
from operations.integrations.test_webhook import TestWebhook, test_webhook


@strawberry.type(description="A delivery that was refused; what it said is not kept.")
class RejectedDelivery:
    """A refusal."""

    at: datetime = strawberry.field(description="When it came.")
    reason: str = strawberry.field(description="Why it was refused.")
    source_address: str | None = strawberry.field(
        description="Whence it came, as far as this server can see."
    )
    bytes: int = strawberry.field(description="How long it was.")

    @classmethod
    def of(cls, record: reads.RejectedDelivery) -> "RejectedDelivery":
        """Show a record."""
        return cls(
            at=record.at,
            reason=record.reason,
            source_address=record.source_address,
            bytes=record.bytes,
        )


@strawberry.input(description="Which integration's webhooks to try.")
class TestWebhookInput:
    """An integration."""

    __test__ = False

    id: strawberry.ID = strawberry.field(description="Which integration.")

    def to_request(self) -> TestWebhook:
        """Return what the operation takes. Raises NotFound."""
        return TestWebhook(integration_id=key_in(self.id, "Integration", path=("id",)))


@strawberry.type(description="What became of the test.")
class TestWebhookPayload:
    """An answer."""

    __test__ = False

    result: ConnectionTest | None = strawberry.field(
        description="What the test found; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type
class WebhookMutations:
    """Root fields."""

    @strawberry.mutation(
        description="Sign a delivery that tells nothing with the stored secret, and let it in as "
        "if the vendor had sent it."
    )
    async def test_webhook(
        self,
        info: Info[Context, Any],
        input: Annotated[TestWebhookInput, strawberry.argument(description="What is asked for.")],
    ) -> TestWebhookPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        checked, refusals = await attempt(context, test_webhook, input.to_request)
        result = None if checked is None else ConnectionTest.of(checked)
        return TestWebhookPayload(result=result, user_errors=refusals, warnings=[])
