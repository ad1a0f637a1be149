"""The job that says that this worker lives."""

from operations.upkeep.heartbeat import heartbeat as note
from workers.context import Ctx


async def heartbeat(ctx: Ctx) -> None:
    """Write the time into this worker's row. Safe to run twice and safe to lose."""
    await note(ctx["runtime"])
