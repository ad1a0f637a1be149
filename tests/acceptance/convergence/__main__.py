"""By hand, with more seeds: ``python -m tests.acceptance.convergence --seeds 1000``."""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from models.database import SqliteAt, opened
from models.migrate import migrate
from tests.acceptance.convergence.search import STEPS, Outcome, first_failure, shrunk
from tests.at_once import sqlite_at_once

# So many seeds share a database, and are played in one process.
_PART: Final = 100


def _failure(seeds: range, *, steps: int) -> Outcome | None:
    """Play some of the seeds; return the first that ends badly, in as few steps as it takes."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return asyncio.run(_played(seeds, steps))


async def _played(seeds: range, steps: int) -> Outcome | None:
    with tempfile.TemporaryDirectory() as folder, sqlite_at_once():
        at = SqliteAt(path=Path(folder) / "watchpane.db")
        await migrate(at, new_epoch=lambda: "e1")
        async with opened(at):
            failed = await first_failure(at, seeds, steps=steps)
            return failed and await shrunk(at, failed.seed, steps=steps)


def _main(seeds: range, steps: int) -> bool:
    """Play all seeds, a part on each core; tell of every part's first that ends badly."""
    began = time.monotonic()
    parts = [seeds[start : start + _PART] for start in range(0, len(seeds), _PART)]
    held = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for part, failed in zip(
            parts, pool.map(partial(_failure, steps=steps), parts), strict=True
        ):
            held += failed is None
            story = f"{part[0]} to {part[-1]} held" if failed is None else str(failed)
            sys.stdout.write(f"{time.monotonic() - began:.0f} s: {story}\n")
            sys.stdout.flush()
    if held < len(parts):
        return False
    took = time.monotonic() - began
    sys.stdout.write(f"{len(seeds)} schedules ended with both sides equal in {took:.0f} s\n")
    return True


if __name__ == "__main__":
    _arguments = argparse.ArgumentParser()
    _arguments.add_argument("--seeds", type=int, default=1_000)
    _arguments.add_argument("--first", type=int, default=0)
    _arguments.add_argument("--steps", type=int, default=STEPS)
    _asked = _arguments.parse_args()
    _seeds = range(_asked.first, _asked.first + _asked.seeds)
    sys.exit(not _main(_seeds, _asked.steps))
