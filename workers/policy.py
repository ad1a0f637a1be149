"""The watch over the policy file."""

import asyncio

import structlog

from operations.runtime import Runtime
from operations.sla.judge import judge
from operations.sla.look import Watch, pause
from operations.sla.take_policy import take_policy

log = structlog.get_logger()


async def watch_policy(runtime: Runtime) -> None:
    """Take the policy file each time that it has changed and come to rest, until cancelled.

    Safe to run in several workers, and safe to lose: the database holds the policy in
    force, and what was not taken is new to the next look.
    """
    watch = Watch(runtime.policy_source)
    while True:
        try:
            await _look(runtime, watch)
        except Exception:
            log.exception("job_failed", operation="job.watch_policy")
        await pause(runtime.policy_source.rest)


async def _look(runtime: Runtime, watch: Watch) -> None:
    seen = await asyncio.to_thread(watch.look)
    if seen is not None:
        await take_policy(runtime, seen, await judge(seen), by="worker")
        watch.done(seen)
