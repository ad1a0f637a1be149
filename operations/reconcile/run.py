"""Make and heal the plans that are asked for or due."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from adapters.contract import Vendor
from adapters.exchange import Failed
from adapters.registry import manifest
from domain.exchange import DriftStatus, FlowDirection
from domain.records import RecordKind
from domain.sync.retry import Fault
from models.plans import ClaimedPlan, claim_plan, has_plans, hold_plan, leave_plan
from models.reads.statement import rows
from models.sealed import CannotOpen
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.reconcile.finish import fail_plan
from operations.reconcile.heal import Healer
from operations.reconcile.plan import Planner
from operations.reconcile.schedule import queue_scheduled
from operations.runtime import Runtime
from operations.span import span
from operations.sync.connect import connected
from operations.sync.gather import Gatherer
from operations.sync.holding import held

log = structlog.get_logger()

# A plan that was started so often without an end is what ends its workers.
_MOST_STARTS: Final = 20


async def reconcile_due(runtime: Runtime) -> int:
    """Make a plan for each schedule that is due, and work on all that nobody holds.

    Returns the number of plans that were worked on here. Safe to call from any number
    of workers at once: a lease in the database arbitrates.
    Cost when nothing is due: two index probes, no lock.
    """
    if not await has_plans(now=runtime.now()):
        return 0

    async def claim(tx: Transaction) -> ClaimedPlan | None:
        return await claim_plan(tx, now=runtime.now(), owner=runtime.owner, lease=runtime.lease)

    await commit(partial(queue_scheduled, runtime=runtime))
    worked_on = 0
    while (plan := await commit(claim)) is not None:
        with bound_contextvars(correlation_id=plan.id):
            await reconcile(runtime, plan)
        worked_on += 1
    return worked_on


async def reconcile(runtime: Runtime, plan: ClaimedPlan) -> None:
    """Make and heal one claimed plan, or until another worker has it."""
    integration = await IntegrationRow.get(id=plan.integration_id)
    began = runtime.now()
    try:
        with span(
            "sync.reconcile",
            integration_id=integration.id,
            integration_type=integration.provider,
            direction=FlowDirection.INBOUND,
        ):
            async with held(runtime, partial(_hold, runtime=runtime, plan=plan)):
                failed = await _work(runtime, plan, integration)
    except asyncio.CancelledError:
        # The worker stops: another may go on at once, from the last page.
        await commit(partial(leave_plan, plan=plan, until=None))
        raise
    if failed is not None:
        await commit(partial(fail_plan, runtime=runtime, plan=plan, failed=failed))
    await runtime.wake("events")
    facts = {
        "operation": "sync.reconcile",
        "latency_ms": round((runtime.now() - began) / timedelta(milliseconds=1)),
        "plan_id": plan.id,
        "integration_id": integration.id,
    }
    if failed is None:
        log.info("reconcile_succeeded", **facts)
    else:
        log.warning("reconcile_failed", fault=failed.fault, detail=failed.detail, **facts)


async def _work(runtime: Runtime, plan: ClaimedPlan, integration: IntegrationRow) -> Failed | None:
    if plan.fence > _MOST_STARTS:
        detail = f"this plan was started {plan.fence - 1} times and never ended; see the log"
        return Failed(fault=Fault.BAD_ANSWER, detail=detail)
    try:
        async with connected(runtime, integration) as vendor:
            return await _compare(vendor, runtime, plan, integration)
    except CannotOpen as error:
        return Failed(fault=Fault.UNAUTHORISED, detail=str(error))


async def _compare(
    vendor: Vendor, runtime: Runtime, plan: ClaimedPlan, integration: IntegrationRow
) -> Failed | None:
    about = manifest(integration.provider)
    gatherer = Gatherer(
        vendor=vendor,
        about=about,
        integration_id=integration.id,
        kind=RecordKind.INCIDENT,
        is_full=True,
    )
    if plan.status is DriftStatus.RUNNING:
        planner = Planner(runtime=runtime, plan=plan, vendor=vendor, about=about, gatherer=gatherer)
        if failed := await planner.take():
            return failed
    if not await _is_healing(plan):
        return None
    return await Healer(
        runtime=runtime, plan=plan, vendor=vendor, about=about, gatherer=gatherer
    ).take()


async def _is_healing(plan: ClaimedPlan) -> bool:
    """Say whether the plan is to be healed, and still this worker's."""
    found = await rows("SELECT status, fence FROM drift_plan WHERE id = $1", plan.id)
    return [(one["status"], one["fence"]) for one in found] == [(DriftStatus.HEALING, plan.fence)]


async def _hold(tx: Transaction, *, runtime: Runtime, plan: ClaimedPlan) -> bool:
    return await hold_plan(tx, plan, until=runtime.now() + runtime.lease)
