"""Plans of reconciliation as the graph shows them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from domain.exchange import DriftAction, DriftOutcome, DriftStatus
from domain.sync.drift import FRESH
from gql.arguments import After, First
from gql.context import Context
from gql.incidents import types as incident_types
from gql.integrations import types as integration_types
from gql.keysets import keyset
from gql.nodes import Node, global_id
from gql.paging import DEFAULT, Connection, connection, window
from gql.scalars import FieldValue
from models.reads import drift as reads

if TYPE_CHECKING:
    from gql.integrations.types import Integration
    from gql.records.types import Record

OneIntegration = Annotated["Integration", strawberry.lazy("gql.integrations.types")]
OneRecord = Annotated["Record", strawberry.lazy("gql.records.types")]


@strawberry.type(description="A field, or a whole record, that is not the same on both sides.")
class DriftItem:
    """An item of a plan."""

    external_id: str = strawberry.field(
        description="The vendor's id of the record; empty for one that is not there."
    )
    field: str = strawberry.field(description='The field\'s name; "record" for a whole record.')
    platform_value: FieldValue | None = strawberry.field(description="The value here.")
    external_value: FieldValue | None = strawberry.field(description="The value at the vendor.")
    action: DriftAction = strawberry.field(description="What healing does with it.")
    outcome: DriftOutcome = strawberry.field(description="What became of it.")
    because: str = strawberry.field(description="Why that is done, for a person.")
    incident_key: strawberry.Private[str | None]

    @classmethod
    def of(cls, record: reads.Item) -> "DriftItem":
        """Show a record."""
        return cls(
            incident_key=record.incident_id,
            external_id=record.external_id or "",
            field=record.field,
            platform_value=_shown(record.platform_value),
            external_value=_shown(record.external_value),
            action=record.action,
            outcome=record.outcome,
            because=record.because,
        )

    @strawberry.field(description="The record; null for one that is not here, or out of sight.")
    async def record(self, info: Info[Context, Any]) -> OneRecord | None:
        """Read it together with the others."""
        if self.incident_key is None:
            return None
        found = await info.context.loaders.incidents.load(self.incident_key)
        return None if found is None else incident_types.Incident.of(found)


@strawberry.type(description="What differs between both sides, and what healing would do.")
class DriftPlan(Node):
    """A plan."""

    status: DriftStatus = strawberry.field(description="How far it is.")
    hash: str = strawberry.field(
        description="Names all that it would do; heal by it. Empty until it is ready."
    )
    dry_run: bool = strawberry.field(description="Whether nobody has asked to heal it.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    expires_at: datetime = strawberry.field(description="Until when it can be healed.")
    compared: int = strawberry.field(description="How many records were compared so far.")
    item_count: int = strawberry.field(description="How much differs.")
    healed: int = strawberry.field(description="How much of it was healed so far.")
    healed_at: datetime | None = strawberry.field(description="When that ended; null before.")
    scheduled: bool = strawberry.field(description="Whether a schedule asked for it.")
    requested_by: str = strawberry.field(description="Who asked for it.")
    error: str | None = strawberry.field(
        description="Why it failed or was not healed, and what to do about it."
    )
    key: strawberry.Private[str]
    integration_key: strawberry.Private[str]

    @classmethod
    def of(cls, record: reads.Plan) -> "DriftPlan":
        """Show a record."""
        return cls(
            id=global_id("DriftPlan", record.id),
            key=record.id,
            integration_key=record.integration_id,
            status=record.status,
            hash=record.hash or "",
            dry_run=not record.heals,
            created_at=record.created_at,
            expires_at=(record.ready_at or record.created_at) + FRESH,
            compared=record.compared,
            item_count=record.item_count,
            healed=record.healed,
            healed_at=record.healed_at,
            scheduled=record.is_scheduled,
            requested_by=record.requested_by,
            error=record.error,
        )

    @strawberry.field(description="The vendor's account that was compared.")
    async def integration(self, info: Info[Context, Any]) -> OneIntegration:
        """Read it together with the others."""
        return await integration_types.integration_of(info.context, self.integration_key)

    @strawberry.field(description="What differs, record by record.")
    async def items(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Connection[DriftItem]:
        """Read a page for all plans of the request at once."""
        asked = window(order="PLACE", first=first, after=after)
        pages = info.context.loaders.drift.items
        rows = await pages[keyset(asked, is_descending=False)].load(self.key)

        async def count() -> int:
            return self.item_count

        return connection(
            asked, rows or [], key=lambda row: (row.place, row.id), node=DriftItem.of, count=count
        )


@strawberry.type(description="How often an integration is reconciled by itself.")
class ReconcileSchedule:
    """A schedule."""

    interval: timedelta = strawberry.field(description="The time between the starts of two runs.")
    auto_heal: bool = strawberry.field(description="Whether what differs is healed, if not large.")
    enabled: bool = strawberry.field(description="Whether it runs.")
    next_run_at: datetime | None = strawberry.field(
        description="When it runs next; null for never."
    )

    @classmethod
    def of(cls, record: reads.Schedule) -> "ReconcileSchedule":
        """Show a record."""
        return cls(
            interval=record.interval,
            auto_heal=record.auto_heal,
            enabled=record.is_enabled,
            next_run_at=record.next_run_at,
        )


async def history(
    context: Context, integration_id: str, *, first: int | None, after: str | None
) -> Connection[DriftPlan]:
    """Return a page of an integration's plans, the last one first."""
    asked = window(order="CREATED_AT", first=first, after=after)
    loaders = context.loaders.drift
    rows = await loaders.pages[keyset(asked, is_descending=True)].load(integration_id)

    async def count() -> int:
        return await loaders.counts.load(integration_id) or 0

    return connection(
        asked, rows or [], key=lambda row: (row.created_at, row.id), node=DriftPlan.of, count=count
    )


async def schedule_of(context: Context, integration_id: str) -> ReconcileSchedule | None:
    """Return an integration's schedule; None where it never had one."""
    found = await context.loaders.drift.schedules.load(integration_id)
    return None if found is None else ReconcileSchedule.of(found)


def _shown(value: object) -> FieldValue | None:
    return None if value is None else FieldValue(value)
