"""The job that compares both sides, and heals what differs."""

from operations.reconcile.run import reconcile_due as run_due
from workers.context import Ctx


async def reconcile_due(ctx: Ctx) -> int:
    """Make and heal the plans that are due or asked for, and that no other worker holds.

    Safe to run twice and safe to lose: the plan's row says how far it is and who
    holds it. A failure is written into the plan, so arq never retries.
    """
    return await run_due(ctx["runtime"])
