"""Plans of reconciliation, lent to one worker for a while, and schedules that are due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain.exchange import DriftStatus
from models.coding import from_milliseconds, to_milliseconds
from models.reads.statement import rows as read_rows
from models.transaction import Transaction

# The position of a plan whose vendor was listed to the end.
LISTED: Final = ""
_OPEN_INTEGRATION = """
    i.is_enabled AND i.state <> 'PARKED' AND (i.waiting_until IS NULL OR i.waiting_until <= $1)
"""
_FREE_PLAN = """
    p.status IN ('RUNNING', 'HEALING') AND (p.lease_until IS NULL OR p.lease_until <= $1)
"""
# Until all records have been read once, most of them would differ.
_DUE_SCHEDULE = """
    s.is_enabled AND s.next_run_at <= $1 AND EXISTS (
        SELECT 1 FROM watermark w
        WHERE w.integration_id = s.integration_id AND w.kind = 'INCIDENT'
            AND w.backfilled_at IS NOT NULL
    )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPlan:
    """A plan that this worker holds, as long as ``fence`` is newest.

    position: the vendor's page to go on with, None for the first.
    rules: the digest of what it was begun by.
    heals: it is healed once it is ready.
    """

    id: str
    integration_id: str
    status: DriftStatus
    fence: int
    position: str | None
    rules: str
    heals: bool
    is_scheduled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSchedule:
    """A schedule whose time has come. ``due_at`` is when it was to run."""

    integration_id: str
    interval: timedelta
    auto_heal: bool
    due_at: datetime


async def has_plans(*, now: datetime) -> bool:
    """Say whether a plan is free or a schedule due, without taking the write lock.

    Cost: two index probes.
    """
    found = await read_rows(
        f"""
        SELECT 1 AS found FROM drift_plan p JOIN integration i ON i.id = p.integration_id
        WHERE {_FREE_PLAN} AND {_OPEN_INTEGRATION}
        UNION ALL
        SELECT 1 FROM reconcile_schedule s JOIN integration i ON i.id = s.integration_id
        WHERE {_DUE_SCHEDULE} AND {_OPEN_INTEGRATION}
        LIMIT 1
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
    )
    return bool(found)


async def due_schedules(tx: Transaction, *, now: datetime) -> list[DueSchedule]:
    """Return the schedules that are due, locked; not those of a vendor that is parked."""
    found = await tx.rows(
        f"""
        SELECT s.integration_id, s.interval_ms, s.auto_heal, s.next_run_at
        FROM reconcile_schedule s JOIN integration i ON i.id = s.integration_id
        WHERE {_DUE_SCHEDULE} AND {_OPEN_INTEGRATION}
        ORDER BY s.integration_id {tx.skip_locked_of("s")}
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
    )
    return [
        DueSchedule(
            integration_id=row["integration_id"],
            interval=timedelta(milliseconds=row["interval_ms"]),
            auto_heal=bool(row["auto_heal"]),
            due_at=from_milliseconds(row["next_run_at"]),
        )
        for row in found
    ]


async def claim_plan(
    tx: Transaction, *, now: datetime, owner: str, lease: timedelta
) -> ClaimedPlan | None:
    """Take the oldest plan that nobody holds, with a fence above all before it."""
    found = await tx.rows(
        f"""
        UPDATE drift_plan SET fence = fence + 1, lease_owner = $2, lease_until = $3
        WHERE id = (
            SELECT p.id FROM drift_plan p JOIN integration i ON i.id = p.integration_id
            WHERE {_FREE_PLAN} AND {_OPEN_INTEGRATION}
            ORDER BY p.created_at, p.id LIMIT 1 {tx.skip_locked_of("p")}
        )
        RETURNING id, integration_id, status, fence, position, rules, heals, is_scheduled,
            created_at
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
        owner,
        to_milliseconds(now + lease),
    )
    return _claimed(found[0]) if found else None


async def hold_plan(tx: Transaction, plan: ClaimedPlan, *, until: datetime) -> bool:
    """Lengthen the lease; False when the plan is another worker's by now."""
    found = await tx.rows(
        """
        UPDATE drift_plan SET lease_until = $3
        WHERE id = $1 AND fence = $2 AND status IN ('RUNNING', 'HEALING') RETURNING id
        """,
        plan.id,
        plan.fence,
        to_milliseconds(until),
    )
    return bool(found)


async def leave_plan(tx: Transaction, plan: ClaimedPlan, *, until: datetime | None) -> None:
    """Let another worker go on with the plan, from ``until`` on; None for at once."""
    await tx.rows(
        "UPDATE drift_plan SET lease_until = $3 WHERE id = $1 AND fence = $2 RETURNING id",
        plan.id,
        plan.fence,
        None if until is None else to_milliseconds(until),
    )


def _claimed(row: dict[str, Any]) -> ClaimedPlan:
    return ClaimedPlan(
        id=row["id"],
        integration_id=row["integration_id"],
        status=DriftStatus(row["status"]),
        fence=row["fence"],
        position=row["position"],
        rules=row["rules"],
        heals=bool(row["heals"]),
        is_scheduled=bool(row["is_scheduled"]),
        created_at=from_milliseconds(row["created_at"]),
    )
