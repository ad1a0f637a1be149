"""Reconciliation by itself, every so often (rule R6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.access.roles import Actor
from domain.errors import Invalid, NotFound
from domain.sync.drift import next_run
from models.coding import from_milliseconds, to_milliseconds
from models.plans import due_schedules
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.reconcile.queue import active_plan, queue_plan
from operations.runtime import Runtime

SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(days=7)
# Of a new integration; what it finds is left for a person to look at.
DEFAULT: Final = timedelta(hours=1)
SCHEDULER: Final = "scheduler"
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReconcileSchedule:
    """How often an integration is reconciled, and whether what differs is healed."""

    integration_id: str
    interval: timedelta
    auto_heal: bool
    is_enabled: bool


async def set_reconcile_schedule(runtime: Runtime, actor: Actor, ask: SetReconcileSchedule) -> str:
    """Set when an integration is reconciled by itself; return its id.

    It runs one interval after the last run of the schedule, or after now.
    Raises NotFound, Forbidden, and Invalid for an interval out of bounds.
    """
    integration = await IntegrationRow.get_or_none(id=ask.integration_id)
    if integration is None:
        raise NotFound("integration", ask.integration_id, path=("integrationId",))
    authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=integration.key)
    if not SHORTEST <= ask.interval <= LONGEST:
        raise Invalid("the interval must be 5 minutes to 7 days", path=("interval",))

    async def write(tx: Transaction) -> None:
        last = await tx.rows(
            """
            SELECT max(created_at) AS at FROM drift_plan
            WHERE integration_id = $1 AND is_scheduled
            """,
            integration.id,
        )
        now = runtime.now()
        started_at = now if last[0]["at"] is None else from_milliseconds(last[0]["at"])
        next_at = next_run(started_at, ask.interval, now=now)
        await _store(runtime, tx, ask, next_run_at=next_at if ask.is_enabled else None)

    await commit(write)
    return integration.id


async def begin_schedule(runtime: Runtime, tx: Transaction, integration_id: str) -> None:
    """Let a new integration be compared each hour, without healing anything by itself."""
    ask = SetReconcileSchedule(
        integration_id=integration_id, interval=DEFAULT, auto_heal=False, is_enabled=True
    )
    await _store(runtime, tx, ask, next_run_at=runtime.now() + DEFAULT)


async def _store(
    runtime: Runtime, tx: Transaction, ask: SetReconcileSchedule, *, next_run_at: datetime | None
) -> None:
    """Write a schedule in place of the one there is."""
    await tx.upsert(
        "reconcile_schedule",
        [
            {
                "id": runtime.new_id(),
                "integration_id": ask.integration_id,
                "interval_ms": ask.interval // _MILLISECOND,
                "auto_heal": ask.auto_heal,
                "is_enabled": ask.is_enabled,
                "next_run_at": None if next_run_at is None else to_milliseconds(next_run_at),
            }
        ],
        key=("integration_id",),
    )


async def queue_scheduled(tx: Transaction, *, runtime: Runtime) -> None:
    """Queue a plan for each schedule that is due; missed runs are made up by one.

    Where a plan is under way already, that one serves.
    """
    now = runtime.now()
    for due in await due_schedules(tx, now=now):
        if await active_plan(tx, due.integration_id) is None:
            await queue_plan(
                runtime,
                tx,
                due.integration_id,
                heals=due.auto_heal,
                requested_by=SCHEDULER,
                is_scheduled=True,
            )
        await tx.rows(
            "UPDATE reconcile_schedule SET next_run_at = $2 WHERE integration_id = $1 RETURNING id",
            due.integration_id,
            to_milliseconds(next_run(now, due.interval, now=now)),
        )
