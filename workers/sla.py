"""The job that looks at the clocks of service levels."""

from operations.sla.tick import evaluate_due as run_due
from workers.context import Ctx


async def evaluate_due(ctx: Ctx) -> None:
    """Look at the clocks that are due, unless another worker does.

    Safe to run twice and safe to lose: the schedule's row says when a round is due, and
    an alert is raised in the transaction that looks, once for each of its keys.
    """
    await run_due(ctx["runtime"])
