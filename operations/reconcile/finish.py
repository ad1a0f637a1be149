"""How a plan becomes ready, ends, or fails."""

from typing import Final

from adapters.exchange import Failed
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.exchange import DriftAction, DriftStatus
from domain.sync.drift import ACTING, Difference, is_large, plan_hash
from domain.sync.retry import Fault, PullAgain, after_pull_failure
from models.coding import loads, to_milliseconds
from models.plans import ClaimedPlan, hold_plan, leave_plan
from models.transaction import Transaction
from operations.metrics import Figure, count
from operations.reconcile.items import keep_items
from operations.reconcile.unsent import never_created
from operations.runtime import Runtime
from operations.sync.terms import terms_of_all
from operations.sync.writing import Writing

# A plan that was started so often without an end is given up.
MOST_STARTS: Final = 8
# What trying again does not mend.
_FINAL: Final = frozenset({Fault.REJECTED, Fault.BAD_ANSWER, Fault.SUSPECT})


async def finish_plan(to: Writing, plan: ClaimedPlan) -> None:
    """Give a plan its hash, count what it found and tell of it (rules R1, R5).

    One that is to be healed goes on to that, unless it is too large (rule R3).
    """
    tx, now = to.tx, to.runtime.now()
    if not await hold_plan(tx, plan, until=now + to.runtime.lease):
        return
    terms = (await terms_of_all())[plan.integration_id]
    await keep_items(tx, plan.id, (), await never_created(to, terms))
    found = await differences_of(tx, plan.id)
    acting = sum(one.action in ACTING for one in found)
    row = await tx.rows("SELECT compared FROM drift_plan WHERE id = $1", plan.id)
    is_too_large = is_large(acting=acting, compared=int(row[0]["compared"]))
    status = DriftStatus.READY
    if plan.heals and not is_too_large:
        status = DriftStatus.HEALING
    await tx.rows(
        """
        UPDATE drift_plan SET status = $2, hash = $3, item_count = $4, ready_at = $5, error = $6
        WHERE id = $1 RETURNING id
        """,
        plan.id,
        status,
        plan_hash(plan.integration_id, plan.rules, terms.direction, found),
        len(found),
        to_milliseconds(now),
        too_large(acting) if plan.heals and is_too_large else None,
    )
    accepted = sum(one.action is DriftAction.SKIP_ACCEPTED for one in found)
    figure = Figure.DRIFT_DISCREPANCIES
    await count(tx, to.runtime, plan.integration_id, figure, len(found) - accepted)
    if found:
        message = f"{len(found)} differences, {acting} of them to be healed"
        tell(to.runtime, tx, plan, SyncEventKind.DRIFT_FOUND, message)


def too_large(acting: int) -> str:
    """Return why a plan is not healed without a person's word."""
    return f"this would heal {acting} differences; look at the plan, then confirm its hash"


async def differences_of(tx: Transaction, plan_id: str) -> list[Difference]:
    """Return what a plan has found."""
    return [
        Difference(
            external_id=row["external_id"] or row["incident_id"],
            field=row["field"],
            ours=None if row["platform_value"] is None else loads(row["platform_value"]),
            theirs=None if row["external_value"] is None else loads(row["external_value"]),
            version=row["platform_version"],
            action=DriftAction(row["action"]),
        )
        for row in await tx.rows(
            """
            SELECT external_id, incident_id, field, platform_value, external_value,
                platform_version, action
            FROM drift_item WHERE plan_id = $1 ORDER BY place
            """,
            plan_id,
        )
    ]


async def fail_plan(
    tx: Transaction, *, runtime: Runtime, plan: ClaimedPlan, failed: Failed
) -> None:
    """Try again where that may help, from the last page on; else say why there is no plan.

    A vendor that says "too often" spends no attempt, one that refuses us ends it.
    """
    again = after_pull_failure(
        failed.fault,
        failures=plan.fence - 1,
        now=runtime.now(),
        jitter=runtime.chance(),
        retry_after=failed.retry_after,
    )
    match again:
        case PullAgain(at=at, is_throttled=is_throttled) if failed.fault not in _FINAL and (
            is_throttled or plan.fence < MOST_STARTS
        ):
            await leave_plan(tx, plan, until=at)
        case _:
            error = f"{failed.fault}: {failed.detail}"
            await end_plan(tx, plan, DriftStatus.FAILED, error=error)


async def end_plan(
    tx: Transaction, plan: ClaimedPlan, status: DriftStatus, *, error: str | None = None
) -> None:
    """End a plan that is still this worker's."""
    await tx.rows(
        """
        UPDATE drift_plan SET status = $3, error = $4, lease_until = NULL
        WHERE id = $1 AND fence = $2 RETURNING id
        """,
        plan.id,
        plan.fence,
        status,
        error,
    )


def tell(
    runtime: Runtime, tx: Transaction, plan: ClaimedPlan, kind: SyncEventKind, message: str
) -> None:
    """Put into the event log what became of a plan."""
    tx.tell(
        NewEntry(
            topic=Topic.SYNC,
            kind=kind,
            occurred_at=runtime.now(),
            integration_id=plan.integration_id,
            record_id=plan.id,
            message=message,
        )
    )
