"""Ask for a pull, a backfill or a census now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import Disabled, Invalid, NotFound
from domain.records import RecordKind, RunPhase, RunStatus
from models.claims import DueSource, Slot
from models.coding import to_milliseconds
from models.tables.integration import IntegrationRow
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.runtime import Runtime

__all__ = ["Slot", "StartSync", "Started", "queue_run", "start_sync"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSync:
    """Which kinds of which integration; no integration means all that are enabled.

    is_full: read everything again instead of what changed.
    slot: BACKFILL reads records updated from ``since`` on, beside what is pulled
        anyhow; CENSUS looks for what is gone.
    """

    integration_id: str | None
    kinds: Sequence[RecordKind]
    is_full: bool = False
    slot: Slot = Slot.CURRENT
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A run, and whether it was there already."""

    run_id: str
    is_already_running: bool


async def start_sync(runtime: Runtime, actor: Actor, ask: StartSync) -> list[Started]:
    """Queue a run for each kind, or return the one that is active (rule W11).

    Raises NotFound, Disabled, Forbidden, and Invalid for a kind that the vendor
    has not.
    """
    integrations = await _integrations(ask)
    for integration in integrations:
        authorise(actor, Action.RUN_SYNC, integration_key=integration.key)

    async def write(tx: Transaction) -> list[Started]:
        return [
            await queue_run(
                runtime,
                tx,
                DueSource(integration_id=integration.id, kind=kind, slot=ask.slot),
                requested_by=actor.name,
                is_full=ask.is_full,
                since=ask.since,
            )
            for integration in integrations
            for kind in dict.fromkeys(ask.kinds)
            if kind in manifest(integration.provider).kinds
        ]

    started = await commit(write)
    await runtime.wake("pull")
    return started


async def queue_run(  # noqa: PLR0913 — what a run is asked with
    runtime: Runtime,
    tx: Transaction,
    source: DueSource,
    *,
    requested_by: str,
    is_full: bool = False,
    since: datetime | None = None,
) -> Started:
    """Queue a run unless one is active in its slot; return the one that there is then.

    since: of a backfill, the earliest update time that it reads.
    """
    run_id = runtime.new_id()
    queued = await tx.rows(
        """
        INSERT INTO sync_run (id, integration_id, kind, phase, status, active_slot, fence,
            pages, read, written, unchanged, deleted, failed, requested_by, queued_at, is_full,
            since)
        VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0, 0, 0, $7, $8, $9, $10)
        ON CONFLICT (integration_id, kind, active_slot) DO NOTHING RETURNING id
        """,
        run_id,
        source.integration_id,
        source.kind,
        await _phase(source, is_full=is_full),
        RunStatus.QUEUED,
        int(source.slot),
        requested_by,
        to_milliseconds(runtime.now()),
        is_full,
        None if since is None else to_milliseconds(since),
    )
    if queued:
        return Started(run_id=run_id, is_already_running=False)
    active = await tx.rows(
        """
        SELECT id FROM sync_run
        WHERE integration_id = $1 AND kind = $2 AND active_slot = $3
        """,
        source.integration_id,
        source.kind,
        int(source.slot),
    )
    return Started(run_id=active[0]["id"], is_already_running=True)


async def _phase(source: DueSource, *, is_full: bool) -> RunPhase:
    match source.slot:
        case Slot.BACKFILL:
            return RunPhase.BACKFILL
        case Slot.CENSUS:
            return RunPhase.CENSUS
        case Slot.CURRENT:
            row = await WatermarkRow.get(integration_id=source.integration_id, kind=source.kind)
            return RunPhase.BACKFILL if is_full or row.as_of is None else RunPhase.INCREMENTAL


async def _integrations(ask: StartSync) -> list[IntegrationRow]:
    if not ask.kinds:
        raise Invalid("name at least one kind", path=("kinds",))
    if ask.integration_id is None:
        return await IntegrationRow.filter(is_enabled=True).order_by("id")
    integration = await IntegrationRow.filter(id=ask.integration_id).first()
    if integration is None:
        raise NotFound("integration", ask.integration_id, path=("integrationId",))
    if not integration.is_enabled:
        raise Disabled(f"{integration.key} is disabled; enable it first", path=("integrationId",))
    has = manifest(integration.provider).kinds
    for place, kind in enumerate(ask.kinds):
        if kind not in has:
            raise Invalid(
                f"{integration.provider} has no {kind} to pull; it has {', '.join(has)}",
                path=("kinds", str(place)),
            )
    return [integration]
