"""How surely a change has to do with an incident."""

from datetime import timedelta

import pytest

from domain.risk.related_change import WINDOW, confidence


@pytest.mark.parametrize(
    ("hops", "minutes", "expected"),
    [(0, 0, 100), (0, 60, 98), (0, 720, 80), (1, 60, 78), (1, 1_440, 40)],
)
def test_it_falls_with_distance_and_with_time(hops: int, minutes: int, expected: int) -> None:
    assert confidence(hops=hops, since_end=timedelta(minutes=minutes)) == expected


def test_a_change_that_goes_on_counts_as_just_ended() -> None:
    assert confidence(hops=0, since_end=timedelta(hours=-5)) == 100


def test_parts_of_a_point_are_dropped() -> None:
    nearly = confidence(hops=0, since_end=timedelta(milliseconds=1))
    assert nearly == 99
    assert confidence(hops=0, since_end=WINDOW - timedelta(milliseconds=1)) == 60
