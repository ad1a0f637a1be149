"""Ask for a pull now."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import Disabled, Invalid, NotFound
from domain.records import RecordKind, RunPhase, RunStatus
from models.coding import to_milliseconds
from models.tables.integration import IntegrationRow
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSync:
    """Which kinds of which integration; no integration means all that are enabled.

    ``is_full`` reads everything again instead of what changed.
    """

    integration_id: str | None
    kinds: Sequence[RecordKind]
    is_full: bool = False


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
                runtime, tx, integration.id, kind, requested_by=actor.name, is_full=ask.is_full
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
    integration_id: str,
    kind: str,
    *,
    requested_by: str,
    is_full: bool = False,
) -> Started:
    """Queue a run unless one is active; return the one that there is then."""
    source = await WatermarkRow.get(integration_id=integration_id, kind=kind)
    is_backfill = is_full or source.as_of is None
    run_id = runtime.new_id()
    queued = await tx.rows(
        """
        INSERT INTO sync_run (id, integration_id, kind, phase, status, active_slot, fence,
            pages, read, written, unchanged, deleted, failed, requested_by, queued_at, is_full)
        VALUES ($1, $2, $3, $4, $5, 1, 0, 0, 0, 0, 0, 0, 0, $6, $7, $8)
        ON CONFLICT (integration_id, kind, active_slot) DO NOTHING RETURNING id
        """,
        run_id,
        integration_id,
        kind,
        RunPhase.BACKFILL if is_backfill else RunPhase.INCREMENTAL,
        RunStatus.QUEUED,
        requested_by,
        to_milliseconds(runtime.now()),
        is_full,
    )
    if queued:
        return Started(run_id=run_id, is_already_running=False)
    active = await tx.rows(
        "SELECT id FROM sync_run WHERE integration_id = $1 AND kind = $2 AND active_slot = 1",
        integration_id,
        kind,
    )
    return Started(run_id=active[0]["id"], is_already_running=True)


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
