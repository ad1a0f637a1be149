"""A worker that is killed while it merges leaves nothing half done."""

import asyncio
import signal
import sys
from datetime import timedelta

import pytest

from models.reads.statement import rows
from operations.sync.apply import apply_due
from tests.operations.sync.dying import address
from tests.operations.sync.mailed import Mailed, deliveries
from tests.world import World, count


async def killed_at(world: World, statement: int) -> bool:
    """Let a worker merge until a statement; say whether it was killed there."""
    words = ("tests.operations.sync.dying_merger", address(world.at), str(statement))
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *words)
    return await process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("statement", [4, 8, 14])
async def test_a_worker_killed_between_claim_and_commit_loses_and_doubles_nothing(
    world: World, statement: int
) -> None:
    # given a delivery that is stored
    made = world.servicenow.create({"short_description": "Mail is down"})
    await world.sync()
    mailed = Mailed(world=world)
    await mailed.subscribe()
    world.clock.move(seconds=10)
    world.servicenow.edit(made["sys_id"], {"short_description": "Mail is slow"})
    await mailed.knock(await mailed.letters())

    # when the worker that has claimed it is killed, nothing of it is here
    assert await killed_at(world, statement)
    (held,) = await deliveries()
    assert (held["state"], held["starts"], held["lease_owner"]) == ("READY", 1, "killed")
    assert await count("edit") == 0

    # then another merges it when the lease has ended, once
    assert await apply_due(world.runtime) == 0
    world.clock.at = world.clock.at + timedelta(seconds=10) + world.runtime.lease
    assert await apply_due(world.runtime) == 1
    assert [row["state"] for row in await deliveries()] == ["DONE"]
    assert await count("edit") == 1
    (incident,) = await rows("SELECT title FROM incident")
    assert incident["title"] == "Mail is slow"
