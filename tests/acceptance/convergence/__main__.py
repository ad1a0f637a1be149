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
from tests.acceptance.convergence.search import STEPS, Outcome, played, shrunk
from tests.at_once import sqlite_at_once, unsynced
from tests.garbage import collect_seldom

# So many seeds share a database, and are played in one process.
_PART: Final = 100


def _failures(seeds: range, *, steps: int) -> list[Outcome]:
    """Play some of the seeds; return those that end badly, in as few steps as it takes."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    collect_seldom()
    return asyncio.run(_played(seeds, steps))


async def _played(seeds: range, steps: int) -> list[Outcome]:
    with tempfile.TemporaryDirectory() as folder, sqlite_at_once():
        at = SqliteAt(path=Path(folder) / "watchpane.db")
        await migrate(at, new_epoch=lambda: "e1")
        async with opened(at):
            await unsynced(at)
            outcomes = [await played(at, seed, steps=steps) for seed in seeds]
            return [
                await shrunk(at, outcome.seed, steps=steps)
                for outcome in outcomes
                if outcome.faults
            ]


def _main(seeds: range, steps: int) -> bool:
    """Play all seeds, a part on each core; tell of those that end badly."""
    began = time.monotonic()
    parts = [seeds[start : start + _PART] for start in range(0, len(seeds), _PART)]
    found = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for part, failures in zip(
            parts, pool.map(partial(_failures, steps=steps), parts), strict=True
        ):
            found += len(failures)
            stories = "\n".join(map(str, failures)) or f"{part[0]} to {part[-1]} held"
            sys.stdout.write(f"{time.monotonic() - began:.0f} s: {stories}\n")
            sys.stdout.flush()
    took, held = time.monotonic() - began, len(seeds) - found
    sys.stdout.write(
        f"{held} of {len(seeds)} schedules ended with both sides equal in {took:.0f} s\n"
    )
    return not found


if __name__ == "__main__":
    _arguments = argparse.ArgumentParser()
    _arguments.add_argument("--seeds", type=int, default=1_000)
    _arguments.add_argument("--first", type=int, default=0)
    _arguments.add_argument("--steps", type=int, default=STEPS)
    _asked = _arguments.parse_args()
    _seeds = range(_asked.first, _asked.first + _asked.seeds)
    sys.exit(not _main(_seeds, _asked.steps))
