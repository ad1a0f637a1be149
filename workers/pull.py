"""The job that pulls the vendors."""

from operations.sync.pull import pull_due as run_due
from workers.context import Ctx


async def pull_due(ctx: Ctx) -> int:
    """Run every pull that is due or asked for, and that no other worker holds.

    Safe to run twice and safe to lose: the source's row says when it is due, the
    run's row who holds it. A failure is written into the run, so arq never
    retries.
    """
    return await run_due(ctx["runtime"])
