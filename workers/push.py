"""The job that delivers what is queued for the vendors."""

from operations.sync.push import push_due as run_due
from workers.context import Ctx


async def push_due(ctx: Ctx) -> int:
    """Deliver every write that is due and that no other worker holds.

    Safe to run twice and safe to lose: the outbox row, not the job, is the promise.
    A failure is written into the row, so arq never retries.
    """
    return await run_due(ctx["runtime"])
