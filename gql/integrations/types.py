"""Integrations and providers as the graph shows them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from adapters.contract import Checked, Manifest
from adapters.registry import manifest
from domain.errors import NotFound
from domain.records import Direction, IntegrationState, RecordKind, RunPhase
from gql.arguments import After, First
from gql.context import Context
from gql.keysets import keyset
from gql.nodes import Node, global_id
from gql.paging import DEFAULT, Connection, connection, window
from gql.sync import types as sync_types
from models.reads import integration as reads

if TYPE_CHECKING:
    from gql.sync.types import SyncRun, SyncStatus

Status = Annotated["SyncStatus", strawberry.lazy("gql.sync.types")]
Runs = Connection[Annotated["SyncRun", strawberry.lazy("gql.sync.types")]]


@strawberry.type(description="One way to sign in at a provider.")
class SignIn:
    """A set of credentials that belong together."""

    name: str = strawberry.field(description="What the way is called.")
    credentials: list[str] = strawberry.field(
        description="The names of the values that `setCredentials` takes for it."
    )


@strawberry.type(description="A vendor that this build knows.")
class Provider:
    """A vendor."""

    key: str = strawberry.field(description="What `createIntegration` calls it.")
    name: str = strawberry.field(description="What people call it.")
    pulls: list[RecordKind] = strawberry.field(description="The kinds of records read from it.")
    fields: list[str] = strawberry.field(description="The fields of ours that it supplies.")
    sign_ins: list[SignIn] = strawberry.field(description="The ways to sign in.")

    @classmethod
    def of(cls, about: Manifest) -> "Provider":
        """Show what a vendor is and can do."""
        return cls(
            key=about.key,
            name=about.name,
            pulls=list(about.kinds),
            fields=list(about.fields),
            sign_ins=[
                SignIn(name=way.name, credentials=list(way.values)) for way in about.credentials
            ],
        )


@strawberry.type(description="That a credential is set; its value is never readable.")
class CredentialInfo:
    """A credential's dates."""

    name: str = strawberry.field(description="Which of the provider's values it is.")
    set_at: datetime = strawberry.field(description="When it was set.")
    set_by: str = strawberry.field(description="Who set it.")
    last_used_at: datetime | None = strawberry.field(
        description="When it last opened the vendor; null for never."
    )

    @classmethod
    def of(cls, record: reads.CredentialInfo) -> "CredentialInfo":
        """Show a record."""
        return cls(
            name=record.name,
            set_at=record.set_at,
            set_by=record.set_by,
            last_used_at=record.last_used_at,
        )


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
    poll_interval: timedelta = strawberry.field(description="How often the vendor is read.")
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
            poll_interval=record.poll_interval,
        )

    @strawberry.field(description="The vendor.")
    def provider(self) -> Provider:
        """Show what the build knows of it."""
        return Provider.of(manifest(self.record.provider))

    @strawberry.field(description="Which credentials are set: names and dates, never values.")
    async def credentials(self, info: Info[Context, Any]) -> list[CredentialInfo]:
        """Read them for all integrations of the request at once."""
        found = await info.context.loaders.credentials.load(self.record.id)
        return [CredentialInfo.of(record) for record in found or ()]

    @strawberry.field(
        description="Values that the vendor sent and nothing here stands for, as `field=value`."
    )
    async def unmapped_values(self, info: Info[Context, Any]) -> list[str]:
        """Read them for all integrations of the request at once."""
        return await info.context.loaders.unmapped_values.load(self.record.id) or []

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


async def integration_of(context: Context, key: str) -> Integration:
    """Return the integration that a record names. Raises NotFound when it is out of sight."""
    found = await context.loaders.integrations.load(key)
    if found is None:
        raise NotFound("integration", key)
    return Integration.of(found)


@strawberry.type(description="One step of a connection test.")
class ConnectionCheck:
    """A step."""

    name: str = strawberry.field(description="What was tried.")
    ok: bool = strawberry.field(description="Whether it worked.")
    detail: str = strawberry.field(description="What was found; what to do when it failed.")


@strawberry.type(description="What a connection test found.")
class ConnectionTest:
    """The steps of a test."""

    ok: bool = strawberry.field(description="Whether all steps worked.")
    latency: timedelta | None = strawberry.field(
        description="How long the vendor took to answer; null when it did not."
    )
    checks: list[ConnectionCheck] = strawberry.field(description="The steps, in their order.")

    @classmethod
    def of(cls, checked: Checked) -> "ConnectionTest":
        """Show a test."""
        return cls(
            ok=all(check.is_ok for check in checked.checks),
            latency=checked.latency,
            checks=[
                ConnectionCheck(name=check.name, ok=check.is_ok, detail=check.detail)
                for check in checked.checks
            ],
        )
