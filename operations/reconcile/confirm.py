"""Let a plan that was looked at be healed, by its hash."""

from dataclasses import dataclass

from domain.errors import NotFound, PlanStale, PlanTooLarge, Refused
from domain.exchange import DriftStatus
from domain.sync.drift import ACTING, PlanRefusal, is_large, rules_digest, why_not_healed
from models.coding import dumps
from models.tables.reconcile import DriftPlanRow
from models.transaction import Transaction, commit
from operations.reconcile.finish import too_large
from operations.reconcile.queue import active_plan
from operations.runtime import Runtime
from operations.sync.terms import terms_of_all

# What a plan may be when its hash is named; nothing is done about one that was healed.
_HEALED = frozenset({DriftStatus.HEALING, DriftStatus.DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A plan, and whether one was under way already, so that nothing was begun."""

    plan_id: str
    is_already_running: bool = False


async def confirm(
    runtime: Runtime, integration_id: str, plan_hash: str, *, confirms_large: bool
) -> Asked:
    """Give the newest plan of a hash to a worker to be healed (rules R2 to R4).

    One that is healed, or about to be, stays as it is.
    Raises NotFound, PlanStale and PlanTooLarge.
    """

    async def write(tx: Transaction) -> tuple[Asked, PlanRefusal | None, int]:
        active = await active_plan(tx, integration_id)
        plan = await _newest(integration_id, plan_hash)
        if plan.status in _HEALED:
            return Asked(plan_id=plan.id), None, 0
        acting = await _acting(tx, plan.id)
        refusal = await _refusal(
            runtime,
            plan,
            integration_id,
            is_too_large=is_large(acting=acting, compared=plan.compared) and not confirms_large,
        )
        if refusal is None and active is not None:
            return Asked(plan_id=active, is_already_running=True), None, acting
        if refusal is None:
            plan.status, plan.heals, plan.lease_until = DriftStatus.HEALING, True, None
        elif refusal is PlanRefusal.STALE:
            plan.status = DriftStatus.STALE
        await plan.save()
        return Asked(plan_id=plan.id), refusal, acting

    asked, refusal, acting = await commit(write)
    if refusal is not None:
        raise _refused(refusal, acting)
    return asked


def _refused(refusal: PlanRefusal, acting: int) -> Refused:
    match refusal:
        case PlanRefusal.TOO_LARGE:
            return PlanTooLarge(too_large(acting), path=("confirmLarge",))
        case PlanRefusal.STALE:
            return PlanStale(
                "the plan is over 15 minutes old, or the direction or the owners of fields have"
                " changed since; make a new one",
                path=("planHash",),
            )


async def _newest(integration_id: str, plan_hash: str) -> DriftPlanRow:
    plans = DriftPlanRow.filter(integration_id=integration_id, hash=plan_hash)
    plan = await plans.order_by("-created_at", "-id").select_for_update(no_key=True).first()
    if plan is None:
        raise NotFound("plan", plan_hash, path=("planHash",))
    return plan


async def _refusal(
    runtime: Runtime, plan: DriftPlanRow, integration_id: str, *, is_too_large: bool
) -> PlanRefusal | None:
    if plan.status != DriftStatus.READY:
        return PlanRefusal.STALE
    terms = (await terms_of_all())[integration_id]
    return why_not_healed(
        is_same_rules=rules_digest(terms.direction, terms.rules) == plan.rules,
        age=runtime.now() - (plan.ready_at or plan.created_at),
        is_too_large=is_too_large,
    )


async def _acting(tx: Transaction, plan_id: str) -> int:
    found = await tx.rows(
        f"""
        SELECT count(*) AS n FROM drift_item
        WHERE plan_id = $1 AND {tx.one_of("action", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        plan_id,
        dumps(sorted(ACTING)),
    )
    return int(found[0]["n"])
