"""What runs by itself, and how often: once through arq, and once beside it.

arq's cron runs the jobs while Redis is there. The poll runs the same jobs
without it, more slowly, so that losing Redis delays them and loses nothing:
every job is idempotent and finds its work in the database.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from operations.runtime import Runtime
from workers.apply import apply_due
from workers.context import Ctx
from workers.heartbeat import heartbeat
from workers.notify import notify_due
from workers.prune import prune
from workers.pull import pull_due
from workers.push import push_due
from workers.reconcile import reconcile_due
from workers.sla import evaluate_due

log = structlog.get_logger()

Job = Callable[[Ctx], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One job: run by arq each ``every_seconds``, by the poll each so many fallbacks.

    every_seconds: divides 60.
    """

    job: Job
    every_seconds: int
    every_fallbacks: int

    @property
    def name(self) -> str:
        """The job's name, in arq and in the log."""
        return self.job.__name__


BEATS: Final[Sequence[Beat]] = (
    Beat(job=pull_due, every_seconds=1, every_fallbacks=1),
    Beat(job=push_due, every_seconds=1, every_fallbacks=1),
    Beat(job=apply_due, every_seconds=1, every_fallbacks=1),
    Beat(job=reconcile_due, every_seconds=1, every_fallbacks=1),
    Beat(job=evaluate_due, every_seconds=1, every_fallbacks=1),
    Beat(job=notify_due, every_seconds=1, every_fallbacks=1),
    Beat(job=heartbeat, every_seconds=10, every_fallbacks=5),
    Beat(job=prune, every_seconds=60, every_fallbacks=900),
)


async def poll(runtime: Runtime, *, fallback_seconds: float, stop: asyncio.Event) -> None:
    """Run the jobs without Redis until ``stop`` is set; a failing one stops no other.

    Each round comes ``fallback_seconds`` ± 10 % after the one before, so that
    workers do not move in step. A job that is still busy is not started again.
    """
    ctx: Ctx = {"runtime": runtime}
    busy: dict[str, asyncio.Task[None]] = {}
    turn = 0
    while not stop.is_set():
        for beat in BEATS:
            if turn % beat.every_fallbacks == 0 and (
                beat.name not in busy or busy[beat.name].done()
            ):
                busy[beat.name] = asyncio.create_task(_run(beat, ctx))
        turn += 1
        jitter = random.uniform(0.9, 1.1)  # noqa: S311 — spreads load, protects nothing
        try:
            async with asyncio.timeout(fallback_seconds * jitter):
                await stop.wait()
        except TimeoutError:
            continue
    for task in busy.values():
        task.cancel()
    await asyncio.gather(*busy.values(), return_exceptions=True)


async def _run(beat: Beat, ctx: Ctx) -> None:
    try:
        await beat.job(ctx)
    except Exception:
        log.exception("job_failed", operation=f"job.{beat.name}")
