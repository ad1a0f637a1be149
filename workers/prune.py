"""The job that forgets what is no longer needed."""

from operations.upkeep.prune import prune as forget
from workers.context import Ctx


async def prune(ctx: Ctx) -> int:
    """Delete old log entries and runs. Safe to run twice and safe to lose."""
    return await forget(ctx["runtime"])
