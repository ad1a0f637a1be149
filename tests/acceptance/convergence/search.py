"""Schedules of many seeds, and the fewest steps that still end badly."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Final

from models.database import DatabaseAt
from models.tables.counter import IdempotencyRow
from tests.acceptance.convergence.both import EVEN, Both, Leaning
from tests.acceptance.convergence.ending import rest
from tests.acceptance.convergence.schedule import Schedule, is_crash
from tests.acceptance.paging import emptied
from tests.world import Crash

STEPS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one seed ended: what does not hold, and what happened before."""

    seed: int
    faults: list[str]
    trace: list[str]

    def __str__(self) -> str:
        """Tell the story."""
        return "\n".join((f"seed {self.seed}", *self.trace, "---", *self.faults))


async def played(
    at: DatabaseAt,
    seed: int,
    *,
    steps: int = STEPS,
    skipped: frozenset[int] = frozenset(),
    leaning: Leaning = EVEN,
) -> Outcome:
    """Play one seed on an opened database, which is emptied first."""
    await emptied()
    await IdempotencyRow.all().delete()
    chance = Random(seed)  # noqa: S311 — repeatable, protects nothing
    both = await Both.begun(at, chance, seed, leaning=leaning)
    schedule = Schedule(both=both, chance=chance, skipped=skipped)
    async with both.http:
        try:
            await schedule.play(steps)
            faults = schedule.faults or await rest(schedule)
        except ExceptionGroup as error:
            # What a worker could not do, as it would stand in its log.
            faults = [*schedule.faults, repr(error)]
        except (Crash, BaseExceptionGroup) as error:
            if not is_crash(error):
                raise
            faults = schedule.faults
        return Outcome(seed=seed, faults=faults, trace=schedule.trace)


async def first_failure(
    at: DatabaseAt, seeds: Iterable[int], *, steps: int = STEPS, leaning: Leaning = EVEN
) -> Outcome | None:
    """Play seeds until one ends badly; None when all end well."""
    for seed in seeds:
        outcome = await played(at, seed, steps=steps, leaning=leaning)
        if outcome.faults:
            return outcome
    return None


async def shrunk(at: DatabaseAt, seed: int, *, steps: int = STEPS) -> Outcome:
    """Return how a seed ends without the steps that do not matter.

    Halves are left out first, then ever smaller parts.
    """
    skipped: frozenset[int] = frozenset()
    size = steps // 2
    while size:
        for start in range(0, steps, size):
            fewer = skipped | frozenset(range(start, min(start + size, steps)))
            if fewer != skipped and (await played(at, seed, steps=steps, skipped=fewer)).faults:
                skipped = fewer
        size //= 2
    return await played(at, seed, steps=steps, skipped=skipped)
