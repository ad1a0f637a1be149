"""A process that watches and nothing else, until it is killed.

It is forked from one that has imported everything, so that it is there at once.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from multiprocessing.sharedctypes import Synchronized
from typing import Any, Final

import pytest

from im.processes.waiting import pause
from models.database import DatabaseAt, opened
from models.transaction import Transaction, commit
from operations.sla.tick import evaluate_due
from tests.clock import Clock
from tests.world import World, simulated

_FORKS: Final = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


class SharedClock(Clock):
    """One clock for all processes, in milliseconds of shared memory; the first moves it."""

    def __init__(self, at: datetime) -> None:
        self.shared: Synchronized[int] = _FORKS.Value("q", round(at.timestamp() * 1000))

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.shared.value / 1000, UTC)

    def move(self, **by: float) -> None:
        super().__init__(self.now())
        super().move(**by)
        self.shared.value = round(self.at.timestamp() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduler:
    """A running process. ``at_work`` is 1 from the begin of a transaction to its end."""

    process: ForkServerProcess
    at_work: "Synchronized[int]"

    async def kill(self) -> bool:
        """Kill it at once; say whether that was within a transaction."""
        self.process.kill()
        await asyncio.to_thread(self.process.join)
        return bool(self.at_work.value)


def start(at: DatabaseAt, clock: SharedClock, name: str) -> Scheduler:
    """Start one."""
    at_work = _FORKS.Value("b", 0)
    process = _FORKS.Process(target=_run, args=(at, clock.shared, at_work, name), daemon=True)
    process.start()
    return Scheduler(process=process, at_work=at_work)


def _run(at: DatabaseAt, shared: Any, at_work: Any, name: str) -> None:  # noqa: ANN401 — shared memory
    clock = SharedClock.__new__(SharedClock)
    clock.shared = shared

    async def seen(work: Callable[[Transaction], Awaitable[bool]]) -> bool:
        at_work.value = 1
        done = await commit(work)
        at_work.value = 0
        return done

    pytest.MonkeyPatch().setattr("operations.sla.tick.commit", seen)
    asyncio.run(_watch(at, clock, name))


async def _watch(at: DatabaseAt, clock: Clock, name: str) -> None:
    world = World(at=at, clock=clock, servicenow=simulated(Clock()))
    runtime = world.start(name)
    parent = os.getppid()
    async with opened(at):
        while os.getppid() == parent:
            await evaluate_due(runtime)
            await pause(0.005)
