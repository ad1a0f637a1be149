"""Seeded lives of a vendor and its mirror; ``SEEDS=5000`` plays more of them."""

import os

import pytest

from models.database import DatabaseAt
from tests.acceptance.paging import PLANTED, Plant, first_failure

_SEEDS = int(os.environ.get("SEEDS", "200"))  # noqa: TID251 — a switch of the run, not a setting
# Parts may run side by side.
_PARTS = 8


@pytest.mark.parametrize("part", range(_PARTS))
@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_whatever_happens_the_mirror_ends_equal_to_the_vendor(
    database: DatabaseAt, part: int
) -> None:
    assert await first_failure(database, range(part, _SEEDS, _PARTS)) is None


@pytest.mark.parametrize("database_at", ["postgres"], indirect=True)
async def test_it_ends_equal_on_postgresql_too(database: DatabaseAt) -> None:
    assert await first_failure(database, range(_SEEDS, _SEEDS + _SEEDS // 8)) is None


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_a_planted_bug_is_found_within_200_seeds(database: DatabaseAt, plant: Plant) -> None:
    assert await first_failure(database, range(200), plant) is not None
