"""A new plan, for a worker to make."""

from domain.exchange import DriftStatus
from domain.sync.drift import rules_digest
from models.coding import to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.terms import terms_of_all


async def queue_plan(  # noqa: PLR0913 — what a plan is asked with
    runtime: Runtime,
    tx: Transaction,
    integration_id: str,
    *,
    heals: bool,
    requested_by: str,
    is_scheduled: bool = False,
) -> str:
    """Queue a plan for an integration that has none under way; return its id.

    Call ``active_plan`` first.
    """
    terms = (await terms_of_all())[integration_id]
    plan_id = runtime.new_id()
    await tx.upsert(
        "drift_plan",
        [
            {
                "id": plan_id,
                "integration_id": integration_id,
                "status": DriftStatus.RUNNING,
                "rules": rules_digest(terms.direction, terms.rules),
                "is_scheduled": is_scheduled,
                "heals": heals,
                "requested_by": requested_by,
                "created_at": to_milliseconds(runtime.now()),
            }
        ],
        key=("id",),
    )
    return plan_id


async def active_plan(tx: Transaction, integration_id: str) -> str | None:
    """Return the plan of an integration that is under way, and keep others from asking.

    One at a time: two would heal the same differences.
    """
    await tx.alone(f"reconcile {integration_id}")
    found = await tx.rows(
        """
        SELECT id FROM drift_plan WHERE integration_id = $1 AND status IN ('RUNNING', 'HEALING')
        """,
        integration_id,
    )
    return found[0]["id"] if found else None
