"""The watch over the policy file goes on whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from im.processes.waiting import until
from models.database import DatabaseAt
from models.reads.sla_policy import policy_fault, policy_file
from operations.sla.look import PolicySource
from tests.clock import Clock
from tests.operations.sla.written import WHOLE, put
from tests.world import World, simulated
from workers.policy import watch_policy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sla_config.yaml"
    path.write_bytes(WHOLE)
    return path


@pytest.fixture
async def watched(database: DatabaseAt, path: Path) -> AsyncIterator[World]:
    """A watch that looks again and again."""
    clock = Clock()
    source = PolicySource(path=path, rest=timedelta(milliseconds=1))
    world = World(at=database, clock=clock, servicenow=simulated(clock), policy_source=source)
    watching = asyncio.create_task(watch_policy(world.runtime))
    yield world
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def is_in_force() -> bool:
    return await policy_file() is not None


async def is_refused() -> bool:
    return await policy_fault() is not None


async def is_good() -> bool:
    return not await is_refused()


@pytest.mark.usefixtures("watched")
async def test_what_becomes_of_the_file_is_noticed(path: Path) -> None:
    await until(is_in_force, seconds=10)
    put(path, WHOLE[:900])
    await until(is_refused, seconds=10)
    put(path, None)
    await until(is_refused, seconds=10)
    put(path, WHOLE)
    await until(is_good, seconds=10)
