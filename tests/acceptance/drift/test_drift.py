"""A plan lists exactly what differs, and its hash heals exactly that."""

import pytest

from models.database import DatabaseAt, SqliteAt
from tests.acceptance.drift.scattered import trial
from tests.clock import Clock
from tests.world import World, simulated

# Many steps through lines that other tests count: they run faster uncounted.
pytestmark = pytest.mark.no_cover


async def test_scattered_differences_are_listed_and_healed_and_nothing_else(
    database: DatabaseAt,
) -> None:
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    # The share is the same; the statements are those of either database.
    incidents, fields = (10_000, 400) if isinstance(database, SqliteAt) else (2_500, 100)
    await trial(world, incidents=incidents, fields=fields)
