"""By hand, with more seeds: ``python -m tests.acceptance.watch --seeds 10000``."""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from models.database import SqliteAt, opened
from models.migrate import migrate
from tests.acceptance.watch.search import STEPS, first_failure, in_earnest
from tests.at_once import sqlite_at_once, unsynced


async def _main(seeds: Sequence[int], steps: int) -> bool:
    with tempfile.TemporaryDirectory() as folder, sqlite_at_once(), in_earnest():
        at = SqliteAt(path=Path(folder) / "watchpane.db")
        await migrate(at, new_epoch=lambda: "e1")
        async with opened(at):
            await unsynced(at)
            began = time.monotonic()
            failed = await first_failure(at, seeds, steps=steps)
            took = time.monotonic() - began
    if failed is not None:
        sys.stdout.write(f"{failed}\n")
        return False
    sys.stdout.write(f"{len(seeds)} lives were watched as they should be in {took:.0f} s\n")
    return True


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    _arguments = argparse.ArgumentParser()
    _arguments.add_argument("--seeds", type=int, default=1_000)
    _arguments.add_argument("--first", type=int, default=0)
    _arguments.add_argument("--steps", type=int, default=STEPS)
    _asked = _arguments.parse_args()
    _seeds = range(_asked.first, _asked.first + _asked.seeds)
    sys.exit(not asyncio.run(_main(_seeds, _asked.steps)))
