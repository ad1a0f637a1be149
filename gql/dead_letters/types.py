"""Dead letters as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from domain.exchange import DeadLetterStatus, FlowDirection
from domain.redaction import redacted
from gql.context import Context
from gql.integrations import types as integration_types
from gql.nodes import Node, global_id
from models.coding import dumps
from models.reads import dead_letters as reads
from operations.access.authorise import Action, allows

if TYPE_CHECKING:
    from gql.integrations.types import Integration
    from gql.records.types import Record

OneIntegration = Annotated["Integration", strawberry.lazy("gql.integrations.types")]
OneRecord = Annotated["Record", strawberry.lazy("gql.records.types")]


@strawberry.type(description="One attempt to deliver.")
class DeliveryAttempt:
    """An attempt."""

    at: datetime = strawberry.field(description="When it ended.")
    http_status: int | None = strawberry.field(
        description="The vendor's status; null when there was none."
    )
    outcome: str = strawberry.field(description="What became of it, the same for a program.")
    message: str = strawberry.field(description="The same for a person; empty when it arrived.")

    @classmethod
    def of(cls, attempt: reads.Attempt) -> "DeliveryAttempt":
        """Show an attempt."""
        return cls(
            at=attempt.at,
            http_status=attempt.http_status,
            outcome=attempt.outcome,
            message=attempt.message,
        )


@strawberry.type(
    description="A write for a vendor, or a delivery or a row of a vendor's, that failed for good."
)
class DeadLetter(Node):
    """A dead letter."""

    number: int = strawberry.field(description="What people call it: `entry-456`.")
    direction: FlowDirection = strawberry.field(
        description="OUTBOUND for a write of ours, INBOUND for what the vendor told."
    )
    external_id: str | None = strawberry.field(
        description="The vendor's id of the record; null while that is not known."
    )
    fields: list[str] = strawberry.field(
        description="The fields of a write; none of a note, a create or an inbound delivery."
    )
    status: DeadLetterStatus = strawberry.field(description="What became of it.")
    attempts: list[DeliveryAttempt] = strawberry.field(
        description="How it was tried, the first one first; retries go on with the list."
    )
    code: str = strawberry.field(description="Why it failed last, the same for a program.")
    message: str = strawberry.field(description="Why it failed last, for a person.")
    created_at: datetime = strawberry.field(description="When it was queued, or came.")
    discarded_by: str | None = strawberry.field(description="Who gave it up; null when nobody did.")
    discard_reason: str | None = strawberry.field(description="Why; null when nobody did.")
    letter: strawberry.Private[reads.DeadLetter]

    @classmethod
    def of(cls, record: reads.DeadLetter) -> "DeadLetter":
        """Show a record."""
        return cls(
            id=global_id("DeadLetter", record.id),
            letter=record,
            number=record.number,
            direction=record.direction,
            external_id=record.external_id,
            fields=list(record.fields),
            status=record.status,
            attempts=[DeliveryAttempt.of(one) for one in record.attempts],
            code=record.code,
            message=record.message,
            created_at=record.made_at,
            discarded_by=record.discarded_by,
            discard_reason=record.discard_reason,
        )

    @strawberry.field(description="The vendor's account that it is for, or of.")
    async def integration(self, info: Info[Context, Any]) -> OneIntegration:
        """Read it together with the others."""
        return await integration_types.integration_of(info.context, self.letter.integration_id)

    @strawberry.field(
        description="The record that it is about; null while that is not known, or when you may "
        "not see it."
    )
    async def record(self, info: Info[Context, Any]) -> OneRecord | None:
        """Read it together with the others."""
        from gql.incidents.types import Incident  # noqa: PLC0415 — it names integrations, which list letters

        key = self.letter.incident_id
        found = None if key is None else await info.context.loaders.incidents.load(key)
        return None if found is None else Incident.of(found)

    @strawberry.field(
        description="What it says, as JSON, secrets hidden: the values last sent (those that a "
        "retry would send, where none has arrived), headers and body as they came, or the "
        "vendor's row that cannot be read, its first 64 KiB. Null when "
        "it is not kept any more, and for who may not read it."
    )
    async def payload(self, info: Info[Context, Any]) -> str | None:
        """Read it where the actor may; nothing else of the letter needs that right."""
        loaders = info.context.loaders
        integration = await loaders.integrations.load(self.letter.integration_id)
        key = self.letter.incident_id
        incident = None if key is None else await loaders.incidents.load(key)
        may_read = integration is not None and allows(
            info.context.actor,
            Action.READ_PAYLOAD,
            integration_key=integration.key,
            assignee=None if incident is None else incident.assignee,
        )
        said = await loaders.letters.payloads.load(self.letter.id) if may_read else None
        return None if said is None else dumps(redacted(said))
