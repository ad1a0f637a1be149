"""Ask for a plan, or for a plan to be healed, and wait a little for it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.access.roles import Actor
from domain.errors import Disabled, Invalid, NotFound, Parked
from domain.exchange import DriftStatus
from domain.records import IntegrationState, RecordKind
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.reconcile.confirm import Asked, confirm
from operations.reconcile.queue import active_plan, queue_plan
from operations.runtime import Runtime

# How long an answer is waited for, and how often it is looked for.
LONGEST_WAIT: Final = timedelta(seconds=20)
_LOOK: Final = timedelta(milliseconds=100)
_UNDER_WAY: Final = frozenset({DriftStatus.RUNNING, DriftStatus.HEALING})

__all__ = ["Asked", "Reconcile", "reconcile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """What to compare, and whether what differs is healed.

    heals: heal what the comparison finds, if it is not too much.
    plan_hash: of a plan that was looked at, to be healed as it is.
    confirms_large: heal it though it is large.
    wait: how long the answer may wait for a worker.
    """

    integration_id: str
    kinds: Sequence[RecordKind] = ()
    heals: bool = False
    plan_hash: str | None = None
    confirms_large: bool = False
    wait: timedelta = LONGEST_WAIT


async def reconcile(runtime: Runtime, actor: Actor, ask: Reconcile) -> Asked:
    """Make a plan, or heal one by its hash; return it as it then stands.

    A worker does it; whoever asks waits for it, and may ask for the plan again later.
    The same hash again does nothing (rule R4).
    Raises NotFound, Disabled, Parked, Forbidden, Invalid, PlanStale, PlanTooLarge.
    """
    integration = await _integration(actor, ask)
    _check(ask)
    if ask.plan_hash is None:
        asked = await _plan(runtime, actor, integration, ask)
    else:
        asked = await confirm(
            runtime, integration.id, ask.plan_hash, confirms_large=ask.confirms_large
        )
    await runtime.wake("reconcile")
    await _settled(asked.plan_id, ask.wait)
    return asked


async def _integration(actor: Actor, ask: Reconcile) -> IntegrationRow:
    integration = await IntegrationRow.get_or_none(id=ask.integration_id)
    if integration is None:
        raise NotFound("integration", ask.integration_id, path=("integrationId",))
    is_healed = ask.heals or ask.plan_hash is not None
    action = Action.HEAL_DRIFT if is_healed else Action.RUN_SYNC
    authorise(actor, action, integration_key=integration.key)
    if not integration.is_enabled:
        raise Disabled(f"{integration.key} is disabled; enable it first", path=("integrationId",))
    if integration.state == IntegrationState.PARKED:
        raise Parked(
            f"{integration.key} is parked; set new credentials or run the connection test",
            path=("integrationId",),
        )
    return integration


def _check(ask: Reconcile) -> None:
    for place, kind in enumerate(ask.kinds):
        if kind is not RecordKind.INCIDENT:
            raise Invalid(
                f"only incidents have two sides; read every {kind} anew by a full sync",
                path=("kinds", str(place)),
            )
    if ask.confirms_large and ask.plan_hash is None:
        raise Invalid(
            "only a plan that was looked at can be confirmed: name its hash", path=("confirmLarge",)
        )


async def _plan(
    runtime: Runtime, actor: Actor, integration: IntegrationRow, ask: Reconcile
) -> Asked:
    async def write(tx: Transaction) -> Asked:
        active = await active_plan(tx, integration.id)
        if active is not None:
            return Asked(plan_id=active, is_already_running=True)
        plan_id = await queue_plan(
            runtime, tx, integration.id, heals=ask.heals, requested_by=actor.name
        )
        return Asked(plan_id=plan_id)

    return await commit(write)


async def _settled(plan_id: str, wait: timedelta) -> None:
    """Wait until no worker has anything to do for a plan, or the time has passed."""
    never = asyncio.Event()
    with suppress(TimeoutError):
        async with asyncio.timeout(wait.total_seconds()):
            while await _status(plan_id) in _UNDER_WAY:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK.total_seconds()):
                        await never.wait()


async def _status(plan_id: str) -> str:
    found = await rows("SELECT status FROM drift_plan WHERE id = $1", plan_id)
    return str(found[0]["status"]) if found else ""
