"""A worker that is killed at a page: ``python -m tests.operations.sync.dying``.

Its simulated vendor is the same as that of the test that starts it: same clock,
same rows. Arguments: the database (as JSON), page size, and the page.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from models.database import DatabaseAt, PostgresAt, SqliteAt, opened
from operations.sync.pull import pull_due
from tests.clock import Clock
from tests.world import World, pages_of, simulated


def address(at: DatabaseAt) -> str:
    """Return a database's address as an argument."""
    match at:
        case SqliteAt(path=path):
            return json.dumps({"path": str(path)})
        case PostgresAt():
            return json.dumps({"host": at.host, "port": at.port, "name": at.name, "user": at.user})


def at_of(text: str) -> DatabaseAt:
    """Return the database of such an argument."""
    told = json.loads(text)
    return SqliteAt(path=Path(told["path"])) if "path" in told else PostgresAt(**told)


async def _main(at: DatabaseAt, rows: int, page_size: int, page: int) -> None:
    clock = Clock()
    servicenow = simulated(clock, rows=rows)
    world = World(at=at, clock=clock, servicenow=servicenow, around=pages_of(page_size))
    runtime = world.start("killed")

    def kill(table: str, _: int) -> None:
        if table == "incident" and world.asked() == page:
            os.kill(os.getpid(), signal.SIGKILL)

    servicenow.hooks.after_page = kill
    async with opened(at):
        await pull_due(runtime)


if __name__ == "__main__":
    asyncio.run(_main(at_of(sys.argv[1]), *map(int, sys.argv[2:])))
