"""The job that merges what vendors have told by themselves."""

from operations.sync.apply import apply_due as merge_due
from workers.context import Ctx


async def apply_due(ctx: Ctx) -> int:
    """Merge every delivery that is due and that no other worker has.

    Safe to run twice and safe to lose: the delivery's row says when it is due and
    who holds it. A failure is written into the row, so arq never retries.
    """
    return await merge_due(ctx["runtime"])
