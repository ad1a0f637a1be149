"""Whatever a vendor and a worker live through, the mirror ends equal to the vendor.

By hand, with more seeds: ``python -m tests.acceptance.paging --seeds 5000``.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Final

import structlog

from adapters.contract import Failed, Page, PageAsk, Vendor
from models.coding import to_milliseconds
from models.database import DatabaseAt, SqliteAt, opened
from models.migrate import migrate
from models.tables.event_log import EventHeadRow, EventLogRow
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from tests.acceptance.schedule import Schedule
from tests.clock import Clock
from tests.world import Pages, World, simulated

# Short lives find as much in a second as long ones.
STEPS: Final = 18


class SkipsEqualTimes(Pages):
    """Planted: goes on behind the last row's time, not behind the row (``>``)."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        if isinstance(page, Failed) or page.position is None:
            return page
        position = json.loads(page.position) | {"sys_id": "z" * 32}
        return replace(page, position=json.dumps(position))


class HasNoOverlap(Pages):
    """Planted: asks from the watermark on, as if rows were visible when stamped."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        since = None if ask.since is None else ask.since + timedelta(seconds=30)
        return await super().page(replace(ask, since=since))


class StopsAtAShortPage(Pages):
    """Planted: takes a page that access rules have shortened for the last."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        if isinstance(page, Failed) or len(page.records) == self.size:
            return page
        return replace(page, position=None)


class MovesTheWatermarkFirst(Pages):
    """Planted: commits the watermark of a page before its rows, and starts from there."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        if isinstance(page, Failed) or not page.records:
            return page
        reached = page.records[-1].key.at

        async def write(tx: Transaction) -> None:
            await tx.rows(
                """
                UPDATE watermark SET watermark = $1 WHERE watermark IS NULL OR watermark < $1
                RETURNING id
                """,
                to_milliseconds(reached),
            )

        await commit(write)
        return page


# Each takes the page size.
Plant = Callable[[Vendor, int], Vendor]
PLANTED: Final[Mapping[str, Plant]] = MappingProxyType(
    {
        "skips equal times": SkipsEqualTimes,
        "has no overlap": HasNoOverlap,
        "stops at a short page": StopsAtAShortPage,
        "moves the watermark first": MovesTheWatermarkFirst,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one seed ended: what differs, and what happened before."""

    seed: int
    differences: list[str]
    trace: list[str]


async def lived(at: DatabaseAt, seed: int, plant: Plant = Pages, steps: int = STEPS) -> Outcome:
    """Play one seed on an opened database, which is emptied first."""
    await emptied()
    chance = Random(seed)  # noqa: S311 — repeatable, protects nothing
    clock, size = Clock(), chance.randrange(1, 6)
    world = World(
        at=at,
        clock=clock,
        servicenow=simulated(clock),
        around=lambda vendor: plant(vendor, size),
        seed=seed,
    )
    await world.register()
    schedule = Schedule(world=world, chance=chance)
    await schedule.play(steps)
    return Outcome(seed=seed, differences=await schedule.differences(), trace=schedule.trace)


async def emptied() -> None:
    """Delete everything."""
    for table in (EventLogRow, IncidentRow, IntegrationRow):
        await table.all().delete()
    await EventHeadRow.all().update(newest=0)


async def first_failure(
    at: DatabaseAt, seeds: Iterable[int], plant: Plant = Pages, steps: int = STEPS
) -> Outcome | None:
    """Play seeds until one ends with differences; None when all end equal."""
    for seed in seeds:
        outcome = await lived(at, seed, plant, steps)
        if outcome.differences:
            return outcome
    return None


async def _main(seeds: Sequence[int], steps: int) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        at = SqliteAt(path=Path(folder) / "watchpane.db")
        await migrate(at, new_epoch=lambda: "e1")
        async with opened(at):
            failed = await first_failure(at, seeds, steps=steps)
    if failed is not None:
        lines = (f"seed {failed.seed}", *failed.trace, *failed.differences)
        sys.stdout.write("\n".join(lines) + "\n")
        return 1
    sys.stdout.write(f"{len(seeds)} seeds ended equal in {time.monotonic() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    _arguments = argparse.ArgumentParser()
    _arguments.add_argument("--seeds", type=int, default=200)
    _arguments.add_argument("--first", type=int, default=0)
    _arguments.add_argument("--steps", type=int, default=STEPS)
    _asked = _arguments.parse_args()
    _seeds = range(_asked.first, _asked.first + _asked.seeds)
    sys.exit(asyncio.run(_main(_seeds, _asked.steps)))
