"""Whatever a vendor and a worker live through, the mirror ends equal to the vendor.

By hand, with more seeds: ``python -m tests.acceptance.paging --seeds 5000``, of one
vendor with ``--vendor jira``.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import structlog

from models.database import DatabaseAt, SqliteAt, opened
from models.migrate import migrate
from models.tables.asset import AssetRow
from models.tables.change import ChangeRow
from models.tables.event import EventRow
from models.tables.event_log import EventHeadRow, EventLogRow
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from models.tables.ticket import TicketRow
from tests.acceptance.lives.known import LIVES
from tests.acceptance.planted.known import Plant
from tests.acceptance.schedule import MortalClock, Schedule
from tests.clock import Clock
from tests.world import Pages, World, simulated

# Short lives find as much in a second as long ones.
STEPS: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one seed ended: what differs, and what happened before."""

    seed: int
    differences: list[str]
    trace: list[str]


async def lived(
    at: DatabaseAt, seed: int, vendor: str, *, plant: Plant = Pages, steps: int = STEPS
) -> Outcome:
    """Play one seed on an opened database, which is emptied first."""
    await emptied()
    chance = Random(seed)  # noqa: S311 — repeatable, protects nothing
    clock, size = Clock(), chance.randrange(1, 6)
    mortal, life = MortalClock(clock), LIVES[vendor](clock, chance)
    world = World(
        at=at,
        clock=mortal,
        around=lambda connected: plant(connected, size),
        kinds=life.kinds,
        seed=seed,
        **{"servicenow": simulated(clock), **life.sites},
    )
    await world.register(provider=vendor)
    schedule = Schedule(world=world, life=life, clock=mortal, chance=chance)
    await schedule.play(steps)
    return Outcome(seed=seed, differences=await schedule.differences(), trace=schedule.trace)


async def emptied() -> None:
    """Delete everything."""
    for table in (
        EventLogRow,
        IncidentRow,
        ChangeRow,
        EventRow,
        TicketRow,
        AssetRow,
        IntegrationRow,
    ):
        await table.all().delete()
    await EventHeadRow.all().update(newest=0)


async def first_failure(
    at: DatabaseAt,
    seeds: Iterable[int],
    vendor: str,
    *,
    plant: Plant = Pages,
    steps: int = STEPS,
) -> Outcome | None:
    """Play seeds until one ends with differences; None when all end equal."""
    for seed in seeds:
        outcome = await lived(at, seed, vendor, plant=plant, steps=steps)
        if outcome.differences:
            return outcome
    return None


async def _main(seeds: Sequence[int], vendor: str, steps: int) -> bool:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        at = SqliteAt(path=Path(folder) / "watchpane.db")
        await migrate(at, new_epoch=lambda: "e1")
        async with opened(at):
            failed = await first_failure(at, seeds, vendor, steps=steps)
    if failed is not None:
        lines = (f"{vendor}, seed {failed.seed}", *failed.trace, *failed.differences)
        sys.stdout.write("\n".join(lines) + "\n")
        return False
    took = time.monotonic() - began
    sys.stdout.write(f"{vendor}: {len(seeds)} seeds ended equal in {took:.0f} s\n")
    return True


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    _arguments = argparse.ArgumentParser()
    _arguments.add_argument("--seeds", type=int, default=200)
    _arguments.add_argument("--first", type=int, default=0)
    _arguments.add_argument("--steps", type=int, default=STEPS)
    _arguments.add_argument("--vendor", choices=LIVES, action="append")
    _asked = _arguments.parse_args()
    _seeds = range(_asked.first, _asked.first + _asked.seeds)
    _ended = [
        asyncio.run(_main(_seeds, _vendor, _asked.steps)) for _vendor in _asked.vendor or LIVES
    ]
    sys.exit(not all(_ended))
