"""Whatever tickets and watchers live through, each alert is raised once, and none is missing.

``SEEDS=10000`` plays more lives. What must hold is in ``standing.py`` and ``ending.py``.
"""

import os
from collections.abc import Iterator
from typing import Final

import pytest

from models.database import DatabaseAt
from tests.acceptance.watch.planted import PLANTED, Plant
from tests.acceptance.watch.search import first_failure, in_earnest, lived

# Many steps through lines that other tests count: they run faster uncounted.
pytestmark = pytest.mark.no_cover

_SEEDS = os.environ.get("SEEDS")  # noqa: TID251 — a switch of the run, not a setting
# In parts that may run side by side.
_USUAL: Final = 500
_PARTS: Final = 5
# Within so many lives a planted bug is found.
_FEW: Final = 60


@pytest.fixture(autouse=True)
def _in_earnest() -> Iterator[None]:
    with in_earnest():
        yield


@pytest.mark.parametrize("part", range(_PARTS))
@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_whatever_happens_each_alert_is_raised_once(
    quick_database: DatabaseAt, part: int
) -> None:
    await _end_well(quick_database, range(part, int(_SEEDS or _USUAL), _PARTS))


@pytest.mark.parametrize("database_at", ["postgres"], indirect=True)
async def test_so_it_is_on_postgresql(database: DatabaseAt) -> None:
    await _end_well(database, range(10_000, 10_020))


@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_a_seed_is_played_twice_alike(quick_database: DatabaseAt) -> None:
    first, second = [await lived(quick_database, 3) for _ in range(2)]
    assert (first.trace, first.faults) == (second.trace, second.faults)


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_a_planted_bug_is_found_within_60_lives(
    quick_database: DatabaseAt, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plant.place, plant.bug)
    assert await first_failure(quick_database, range(_FEW)) is not None


async def _end_well(database: DatabaseAt, seeds: range) -> None:
    failed = await first_failure(database, seeds)
    assert failed is None, str(failed)
