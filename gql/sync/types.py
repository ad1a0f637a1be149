"""Runs and freshness as the graph shows them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from domain.records import IntegrationState, RecordKind, RunPhase, RunStatus
from domain.sync.health import Freshness, freshness
from domain.sync.watermark import Skew
from gql.context import Context
from gql.integrations import types as integration_types
from gql.nodes import Node, global_id
from gql.sync.metrics import SyncMetrics
from models.reads.integration import Integration as IntegrationRecord
from models.reads.sync_run import Run, Source

if TYPE_CHECKING:
    from gql.integrations.types import Integration

OneIntegration = Annotated["Integration", strawberry.lazy("gql.integrations.types")]


@strawberry.type(description="One reading of one kind of record from one vendor's account.")
class SyncRun(Node):
    """A run."""

    kind: RecordKind = strawberry.field(description="What it reads.")
    phase: RunPhase = strawberry.field(description="What it is for.")
    status: RunStatus = strawberry.field(description="How far it is.")
    started_at: datetime | None = strawberry.field(
        description="When a worker took it; null before that."
    )
    finished_at: datetime | None = strawberry.field(description="When it ended; null before that.")
    read: int = strawberry.field(description="Records read from the vendor so far.")
    written: int = strawberry.field(description="Of these, those that changed something here.")
    unchanged: int = strawberry.field(description="Of these, those that were known already.")
    deleted: int = strawberry.field(description="Records found to be gone at the vendor.")
    failed: int = strawberry.field(description="Records that could not be read; they are kept.")
    error: str | None = strawberry.field(description="Why it failed, and what to do about it.")
    integration_key: strawberry.Private[str]

    @classmethod
    def of(cls, record: Run) -> "SyncRun":
        """Show a record."""
        return cls(
            id=global_id("SyncRun", record.id),
            integration_key=record.integration_id,
            kind=record.kind,
            phase=record.phase,
            status=record.status,
            started_at=record.started_at,
            finished_at=record.finished_at,
            read=record.read,
            written=record.written,
            unchanged=record.unchanged,
            deleted=record.deleted,
            failed=record.failed,
            error=record.error,
        )

    @strawberry.field(description="The vendor's account that is read.")
    async def integration(self, info: Info[Context, Any]) -> OneIntegration:
        """Read it together with the others."""
        return await integration_types.integration_of(info.context, self.integration_key)


@strawberry.type(description="How far one kind of record is mirrored.")
class ResourceSync:
    """A kind of record of an integration."""

    kind: RecordKind = strawberry.field(description="Which kind.")
    watermark: datetime | None = strawberry.field(
        description="Changes at the vendor up to here are mirrored; null before the first page."
    )
    freshness: Freshness = strawberry.field(description="Whether to rely on it.")
    as_of: datetime | None = strawberry.field(
        description="When the last run that read to the end began; null before the first."
    )
    lag: timedelta | None = strawberry.field(description="How long ago that was.")
    backfill_done: bool = strawberry.field(
        description="Whether all records have been read at least once."
    )
    backfill_fraction: float | None = strawberry.field(
        description="How much of them, 0 to 1; null while nobody knows how many there are."
    )
    last_census_at: datetime | None = strawberry.field(
        description="When it was last looked which records are gone; null for never."
    )
    last_error: str | None = strawberry.field(
        description="Why the last run failed; null when it did not."
    )
    last_run_key: strawberry.Private[str | None]

    @classmethod
    def of(cls, source: Source, *, now: datetime, poll_interval: timedelta) -> "ResourceSync":
        """Show how far a kind is mirrored."""
        return cls(
            kind=source.kind,
            watermark=source.watermark,
            freshness=freshness(source.as_of, now=now, poll_interval=poll_interval),
            as_of=source.as_of,
            lag=None if source.as_of is None else now - source.as_of,
            backfill_done=source.backfilled_at is not None,
            backfill_fraction=None if source.backfilled_at is None else 1.0,
            last_census_at=source.censused_at,
            last_error=source.last_error,
            last_run_key=source.last_run_id,
        )

    @strawberry.field(description="The run that was asked for last, whatever became of it.")
    async def last_run(self, info: Info[Context, Any]) -> SyncRun | None:
        """Read it together with the others."""
        if self.last_run_key is None:
            return None
        found = await info.context.loaders.runs.load(self.last_run_key)
        return None if found is None else SyncRun.of(found)


@strawberry.type(description="Whether an integration works, and how fresh its mirror is.")
class SyncStatus:
    """The sync of one integration."""

    record: strawberry.Private[IntegrationRecord]

    @strawberry.field(description="Whether it works, and if not, what it waits for.")
    def state(self) -> IntegrationState:
        """Show the state."""
        return self.record.state

    @strawberry.field(
        description="How far the vendor's clock is ahead of ours; null before the first contact."
    )
    def clock_skew(self) -> timedelta | None:
        """Show the median of the last differences."""
        samples = self.record.skew_samples
        return Skew(samples=samples).value if samples else None

    @strawberry.field(description="What was counted since the integration was created.")
    async def metrics(self, info: Info[Context, Any]) -> SyncMetrics:
        """Read them for all integrations of the request at once."""
        return SyncMetrics.of(await info.context.loaders.sync.figures.load(self.record.id) or {})

    @strawberry.field(
        description="When the oldest write that waits for the vendor was queued; null when none "
        "does."
    )
    async def oldest_pending_write_at(self, info: Info[Context, Any]) -> datetime | None:
        """Read it for all integrations of the request at once."""
        waiting = await info.context.loaders.sync.waiting.load(self.record.id)
        return None if waiting is None else waiting.oldest_write_at

    @strawberry.field(
        description="When the vendor last told something by itself; null when it has not within "
        "a week."
    )
    async def last_webhook_at(self, info: Info[Context, Any]) -> datetime | None:
        """Read it for all integrations of the request at once."""
        return await info.context.loaders.webhooks.last_at.load(self.record.id)

    @strawberry.field(
        description="Changes that a pull found and no webhook had told, in the last day."
    )
    async def missed_webhooks(self, info: Info[Context, Any]) -> int:
        """Count them for all integrations of the request at once."""
        minute = info.context.runtime.now().replace(second=0, microsecond=0)
        return await info.context.loaders.webhooks.missed[minute].load(self.record.id) or 0

    @strawberry.field(description="How far each kind of record is mirrored.")
    async def resources(self, info: Info[Context, Any]) -> list[ResourceSync]:
        """Read them for all integrations of the request at once."""
        found = await info.context.loaders.sources.load(self.record.id)
        now = info.context.runtime.now()
        return [
            ResourceSync.of(source, now=now, poll_interval=self.record.poll_interval)
            for source in found or ()
        ]
