"""The job that tells people of alerts."""

from operations.sla.notify import notify_due as run_due
from workers.context import Ctx


async def notify_due(ctx: Ctx) -> int:
    """Send every message that is due, through channels that no other worker holds.

    Safe to run twice and safe to lose: the notification's row, not the job, is the promise.
    A failure is written into the row, so arq never retries.
    """
    return await run_due(ctx["runtime"])
