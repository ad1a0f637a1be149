"""The trial at full size, by hand.

    python -m tests.acceptance.drift --incidents 100000 --fields 1000

On SQLite, in a folder of its own that is gone afterwards. Prints what was done and
after how many seconds.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

import structlog

from models.database import SqliteAt, opened
from models.migrate import migrate
from tests.acceptance.drift.scattered import trial
from tests.clock import Clock
from tests.world import World, simulated


async def main(incidents: int, fields: int) -> None:
    """Run it once."""
    began = time.monotonic()

    def report(words: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {words}\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory() as folder:
        at = SqliteAt(path=Path(folder) / "watchpane.db")
        await migrate(at, new_epoch=lambda: "e1")
        async with opened(at):
            clock = Clock()
            world = World(at=at, clock=clock, servicenow=simulated(clock))
            await trial(world, incidents=incidents, fields=fields, report=report)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--fields", type=int, default=1_000)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    asyncio.run(main(asked.incidents, asked.fields))
