"""Forget what is no longer needed."""

from datetime import timedelta
from typing import Final

from models.coding import to_milliseconds
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.upkeep.old_deliveries import forget_deliveries

# How long a cursor of a subscription stays good (rule E5).
LOG_KEPT: Final = timedelta(days=7)
RUNS_KEPT: Final = timedelta(days=30)
# With all that they say (rule R5).
PLANS_KEPT: Final = timedelta(days=90)


async def prune(runtime: Runtime) -> int:
    """Delete old log entries, runs, plans and deliveries; return how many entries went.

    The entries and the log's ``oldest`` change in one transaction, so that a
    reader is told of the gap and never finds it unannounced.
    """
    now = runtime.now()

    async def write(tx: Transaction) -> int:
        gone = await tx.rows(
            "DELETE FROM event_log WHERE occurred_at < $1 RETURNING number",
            to_milliseconds(now - LOG_KEPT),
        )
        if gone:
            newest_gone = max(row["number"] for row in gone)
            # Numbers follow commits, times nearly so: what is left below goes too.
            await tx.rows("DELETE FROM event_log WHERE number <= $1 RETURNING number", newest_gone)
            await tx.rows(
                "UPDATE event_head SET oldest = $1 WHERE id = 1 RETURNING id", newest_gone + 1
            )
        await tx.rows(
            "DELETE FROM sync_run WHERE active_slot IS NULL AND finished_at < $1 RETURNING id",
            to_milliseconds(now - RUNS_KEPT),
        )
        await tx.rows(
            """
            DELETE FROM drift_plan
            WHERE created_at < $1 AND status NOT IN ('RUNNING', 'HEALING') RETURNING id
            """,
            to_milliseconds(now - PLANS_KEPT),
        )
        await forget_deliveries(tx, now=now)
        return len(gone)

    return await commit(write)
