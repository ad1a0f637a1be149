"""Lives of many seeds, and how they end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

import pytest
from tortoise.exceptions import BaseORMException

from models.database import DatabaseAt
from operations.sla.policy_text import read_policy
from simulators.servicenow.instance import ServiceNow
from tests.acceptance.watch.life import Life
from tests.clock import Clock
from tests.mortal import mortality
from tests.operations.sla.stored import emptied
from tests.world import World, simulated

# Short lives find as much in a second as long ones.
STEPS: Final = 14
# Subjects of one transaction, so that a few tickets take several.
_BATCH: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one seed ended: what does not hold, and what happened before."""

    seed: int
    faults: list[str]
    trace: list[str]

    def __str__(self) -> str:
        """Tell the story."""
        return "\n".join((f"seed {self.seed}", *self.trace, "---", *self.faults))


@contextmanager
def in_earnest() -> Iterator[None]:
    """Let watchers be mortal, and a look at a few tickets take several transactions."""
    with mortality(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("operations.sla.tick.BATCH", _BATCH)
        # Each life reads the same few policies, anew for each watcher.
        patch.setattr("operations.sla.policy_in_force.read_policy", cache(read_policy))
        yield


async def lived(at: DatabaseAt, seed: int, *, steps: int = STEPS) -> Outcome:
    """Play one seed on an opened database, which is emptied first."""
    await emptied()
    world = World(at=at, clock=Clock(), servicenow=_unasked(), seed=seed)
    life = Life(world=world, chance=Random(seed))  # noqa: S311 — repeatable, protects nothing
    try:
        await life.play(steps)
    except BaseORMException as error:
        # What a worker could not do, as it would stand in its log.
        life.faults.append(repr(error))
    return Outcome(seed=seed, faults=life.faults, trace=life.trace)


@cache
def _unasked() -> ServiceNow:
    """Return a vendor that nobody asks anything."""
    return simulated(Clock())


async def first_failure(
    at: DatabaseAt, seeds: Iterable[int], *, steps: int = STEPS
) -> Outcome | None:
    """Play seeds until one ends badly; None when all end well."""
    for seed in seeds:
        outcome = await lived(at, seed, steps=steps)
        if outcome.faults:
            return outcome
    return None
