"""A worker that is killed while it merges: ``python -m tests.operations.sync.dying_merger``.

Arguments: the database (as JSON), and the statement at which it ends, counted from
the first of the merge. Its vendor never answers: what it merges was told.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from models import bulk
from models.database import DatabaseAt, opened
from operations.sync.apply import apply_due
from tests.clock import Clock
from tests.operations.sync.dying import at_of
from tests.world import World, simulated


async def _main(at: DatabaseAt, statement: int) -> None:
    clock = Clock()
    clock.move(seconds=20)
    world = World(at=at, clock=clock, servicenow=simulated(clock), owner="killed")
    counted = 0
    run = bulk.rows

    async def rows(connection: Any, sql: str, values: Any) -> Any:  # noqa: ANN401 — as it is
        nonlocal counted
        counted += 1
        if counted == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return await run(connection, sql, values)

    bulk.rows = rows
    async with opened(at):
        await apply_due(world.runtime)


if __name__ == "__main__":
    asyncio.run(_main(at_of(sys.argv[1]), int(sys.argv[2])))
