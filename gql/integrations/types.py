"""Integrations and providers as the graph shows them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from adapters.registry import manifest
from domain.errors import NotFound
from domain.exchange import ConflictStrategy, ConflictWindowMode, DeadLetterStatus
from domain.records import Direction, IntegrationState, RunPhase
from gql.arguments import After, First
from gql.context import Context
from gql.dead_letters import types as letter_types
from gql.integrations.credentials import CredentialInfo
from gql.integrations.directory import Group, Person, directory
from gql.integrations.mapping import FieldMapping, UnmappedValue, field_mappings
from gql.integrations.ownership import OwnershipRule
from gql.integrations.provider import Provider
from gql.integrations.rate_limit import RateLimit
from gql.integrations.webhooks import RejectedDelivery
from gql.keysets import keyset
from gql.nodes import Node, global_id
from gql.paging import DEFAULT, Connection, connection, window
from gql.reconcile import types as drift_types
from gql.sync import types as sync_types
from models.reads import integration as reads
from models.reads.receiver import webhook_path

if TYPE_CHECKING:
    from gql.dead_letters.types import DeadLetter
    from gql.reconcile.types import DriftPlan, ReconcileSchedule
    from gql.sync.types import SyncRun, SyncStatus

Status = Annotated["SyncStatus", strawberry.lazy("gql.sync.types")]
Letters = Connection[Annotated["DeadLetter", strawberry.lazy("gql.dead_letters.types")]]
Plans = Connection[Annotated["DriftPlan", strawberry.lazy("gql.reconcile.types")]]
Schedule = Annotated["ReconcileSchedule", strawberry.lazy("gql.reconcile.types")]
Runs = Connection[Annotated["SyncRun", strawberry.lazy("gql.sync.types")]]


@strawberry.type(description="A vendor's account, and how it is mirrored.")
class Integration(Node):
    """An integration."""

    key: str = strawberry.field(description="What people and programs call it; unique.")
    name: str = strawberry.field(description="Its title.")
    enabled: bool = strawberry.field(description="Whether it is switched on.")
    state: IntegrationState = strawberry.field(
        description="Whether it works, and if not, what it waits for."
    )
    state_reason: str | None = strawberry.field(
        description="Why it is in this state and what to do; null while it is healthy."
    )
    base_url: str = strawberry.field(description="Where the vendor's account is.")
    direction: Direction = strawberry.field(description="Which way it carries changes.")
    conflict_strategy: ConflictStrategy = strawberry.field(
        description="Which side wins when both have changed a field."
    )
    conflict_window: timedelta = strawberry.field(
        description="Edits of both sides that are no further apart are simultaneous."
    )
    conflict_window_mode: ConflictWindowMode = strawberry.field(
        description="What makes two edits a conflict."
    )
    poll_interval: timedelta = strawberry.field(description="How often the vendor is read.")
    census_interval: timedelta = strawberry.field(
        description="How often its records are counted through, to find deleted ones."
    )
    record: strawberry.Private[reads.Integration]

    @classmethod
    def of(cls, record: reads.Integration) -> "Integration":
        """Show a record."""
        return cls(
            id=global_id("Integration", record.id),
            record=record,
            key=record.key,
            name=record.name,
            enabled=record.is_enabled,
            state=record.state,
            state_reason=record.state_reason,
            base_url=record.base_url,
            direction=record.direction,
            conflict_strategy=record.conflict_strategy,
            conflict_window=record.conflict_window,
            conflict_window_mode=record.conflict_window_mode,
            poll_interval=record.poll_interval,
            census_interval=record.census_interval,
        )

    @strawberry.field(description="The vendor.")
    def provider(self) -> Provider:
        """Show what the build knows of it."""
        return Provider.of(manifest(self.record.provider))

    @strawberry.field(description="Which credentials are set: names and dates, never values.")
    async def credentials(self, info: Info[Context, Any]) -> list[CredentialInfo]:
        """Read them for all integrations of the request at once."""
        found = await info.context.loaders.credentials.load(self.record.id)
        names = manifest(self.record.provider).credential_names
        return [CredentialInfo.of(record) for record in found or () if record.name in names]

    @strawberry.field(
        description="Values that the vendor sent and nothing here stands for, as `field=value`."
    )
    async def unmapped_values(self, info: Info[Context, Any]) -> list[str]:
        """Read them for all integrations of the request at once."""
        found = await info.context.loaders.unmapped_values.load(self.record.id)
        return [f"{record.field}={record.value}" for record in found or ()]

    @strawberry.field(description="The same values with how often and when they came.")
    async def unmapped_values_seen(self, info: Info[Context, Any]) -> list[UnmappedValue]:
        """Read them for all integrations of the request at once."""
        found = await info.context.loaders.unmapped_values.load(self.record.id)
        return [UnmappedValue.of(record) for record in found or ()]

    @strawberry.field(
        description="People of the vendor who are no user of ours, by name, 200 at most: no "
        "mapping names them, and their e-mail is nobody's."
    )
    async def unmapped_users(self, info: Info[Context, Any]) -> list[str]:
        """Read them for all integrations of the request at once."""
        people = manifest(self.record.provider).people
        return await info.context.loaders.unmapped_users[people].load(self.record.id) or []

    @strawberry.field(
        description="Where each field stands at the vendor: its default, with the integration's "
        "own settings on top."
    )
    async def mappings(self, info: Info[Context, Any]) -> list[FieldMapping]:
        """Read the settings for all integrations of the request at once."""
        found = await info.context.loaders.overrides.load(self.record.id)
        return field_mappings(manifest(self.record.provider), found or ())

    @strawberry.field(
        description="Which side decides which field: the vendor's defaults, with the rules that "
        "somebody has set in their place."
    )
    async def ownership(self, info: Info[Context, Any]) -> list[OwnershipRule]:
        """Read the rules for all integrations of the request at once."""
        found = await info.context.loaders.rulings.load(self.record.id)
        return [OwnershipRule.of(ruling) for ruling in found or ()]

    @strawberry.field(description="How often the vendor is asked at most, and what is left.")
    async def rate_limit(self, info: Info[Context, Any]) -> RateLimit:
        """Ask the budget that all processes share."""
        default = manifest(self.record.provider).requests_per_minute
        per_minute = self.record.requests_per_minute or default
        left = await info.context.runtime.budget.left(self.record.id, per_minute=per_minute)
        return RateLimit.of(left, per_minute=per_minute, backoff=self.record.slows_down)

    @strawberry.field(
        description="Where its vendor is to send webhooks, behind the address of this server."
    )
    def webhook_path(self) -> str:
        """Show the path."""
        return webhook_path(self.record.provider, self.record.key)

    @strawberry.field(
        description="The last 50 deliveries that were refused: when and why, never what they said."
    )
    async def rejected_deliveries(self, info: Info[Context, Any]) -> list[RejectedDelivery]:
        """Read them for all integrations of the request at once."""
        found = await info.context.loaders.webhooks.rejected.load(self.record.id)
        return [RejectedDelivery.of(record) for record in found or ()]

    @strawberry.field(description="Whether it works, and how fresh its mirror is.")
    def sync(self) -> Status:
        """Show the status; what of it needs a read is read when it is selected."""
        return sync_types.SyncStatus(record=self.record)

    @strawberry.field(description="Its sync runs, the last one first.")
    async def runs(
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        phase: Annotated[
            RunPhase | None, strawberry.argument(description="Only runs of this phase.")
        ] = None,
    ) -> Runs:
        """Read a page for all integrations of the request at once."""
        asked = window(order="QUEUED_AT", first=first, after=after)
        loaders, key = info.context.loaders, self.record.id
        rows = await loaders.run_pages[phase, keyset(asked, is_descending=True)].load(key)

        async def count() -> int:
            return await loaders.run_counts[phase].load(key) or 0

        return connection(
            asked,
            rows or [],
            key=lambda row: (row.queued_at, row.id),
            node=sync_types.SyncRun.of,
            count=count,
        )

    @strawberry.field(
        description="Its deliveries that failed for good, the last one first; DEAD ones only, "
        "unless others are asked for."
    )
    async def dead_letters(
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        status: Annotated[
            list[DeadLetterStatus] | None,
            strawberry.argument(description="Only those of these statuses."),
        ] = None,
    ) -> Letters:
        """Read a page for all integrations of the request at once."""
        asked = window(order="NUMBER", first=first, after=after)
        statuses = frozenset([DeadLetterStatus.DEAD] if status is None else status)
        loaders, key = info.context.loaders, self.record.id
        rows = await loaders.letters.pages[statuses, keyset(asked, is_descending=True)].load(key)

        async def count() -> int:
            return await loaders.letters.counts[statuses].load(key) or 0

        return connection(
            asked,
            rows or [],
            key=lambda row: (row.number,),
            node=letter_types.DeadLetter.of,
            count=count,
        )

    @strawberry.field(description="How often both sides are compared; null for never.")
    async def reconcile_schedule(self, info: Info[Context, Any]) -> Schedule | None:
        """Read it for all integrations of the request at once."""
        return await drift_types.schedule_of(info.context, self.record.id)

    @strawberry.field(description="The plans that were made for it, the last one first.")
    async def reconcile_history(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Plans:
        """Read a page for all integrations of the request at once."""
        return await drift_types.history(info.context, self.record.id, first=first, after=after)

    @strawberry.field(description="The people whom its vendor knows, by name.")
    async def people(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Connection[Person]:
        """Read a page."""
        tables = manifest(self.record.provider).people
        key = self.record.id
        return await directory(
            info.context, key, tables, order="PEOPLE", first=first, after=after, node=Person.of
        )

    @strawberry.field(description="The groups that its vendor knows, by name.")
    async def groups(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Connection[Group]:
        """Read a page."""
        tables = manifest(self.record.provider).groups
        key = self.record.id
        return await directory(
            info.context, key, tables, order="GROUPS", first=first, after=after, node=Group.of
        )


async def integration_of(context: Context, key: str) -> Integration:
    """Return the integration that a record names. Raises NotFound when it is out of sight."""
    found = await context.loaders.integrations.load(key)
    if found is None:
        raise NotFound("integration", key)
    return Integration.of(found)


async def shown_integration(context: Context, key: str | None) -> Integration | None:
    """Return the integration that a mutation was about; None when it was refused."""
    found = None if key is None else await context.loaders.integrations.load(key)
    return None if found is None else Integration.of(found)
