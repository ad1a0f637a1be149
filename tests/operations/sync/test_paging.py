"""Seeded lives of each vendor and its mirror; ``SEEDS=5000`` plays more of them."""

import os
from collections.abc import Mapping
from typing import Final

import pytest

from models.database import DatabaseAt
from tests.acceptance.paging import first_failure
from tests.acceptance.planted.known import PLANTED, Plant

# Many steps through lines that other tests count: they run faster uncounted.
pytestmark = pytest.mark.no_cover

_SEEDS = os.environ.get("SEEDS")  # noqa: TID251 — a switch of the run, not a setting
# As many as a run of all tests has time for.
_USUAL: Final[Mapping[str, int]] = {"servicenow": 200, "jira": 120, "pagerduty": 40}
# Parts may run side by side.
_PARTS = 8


def seeds(vendor: str) -> int:
    return int(_SEEDS or _USUAL[vendor])


@pytest.mark.parametrize("part", range(_PARTS))
@pytest.mark.parametrize("vendor", _USUAL)
@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_whatever_happens_the_mirror_ends_equal_to_the_vendor(
    quick_database: DatabaseAt, vendor: str, part: int
) -> None:
    parts = range(part, seeds(vendor), _PARTS)
    assert await first_failure(quick_database, parts, vendor) is None


@pytest.mark.parametrize("vendor", _USUAL)
@pytest.mark.parametrize("database_at", ["postgres"], indirect=True)
async def test_it_ends_equal_on_postgresql_too(database: DatabaseAt, vendor: str) -> None:
    first = seeds(vendor)
    assert await first_failure(database, range(first, first + first // 8), vendor) is None


@pytest.mark.parametrize(("named", "plant"), PLANTED.items(), ids=map(": ".join, PLANTED))
@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_a_planted_bug_is_found_within_200_seeds(
    quick_database: DatabaseAt, named: tuple[str, str], plant: Plant
) -> None:
    vendor, _ = named
    assert await first_failure(quick_database, range(200), vendor, plant=plant) is not None
