"""Vectors of the incremental sync: T-a, W-d and their neighbours."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.sync.watermark import Skew, advance, lower_bound, skew_sample, step_back

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at(**after_noon: float) -> datetime:
    return NOON + timedelta(**after_noon)


def test_the_first_run_asks_for_everything() -> None:
    assert lower_bound(None, overlap=timedelta(seconds=30), resolution=SECOND) is None


@pytest.mark.parametrize(
    ("resolution", "bound"),
    [
        (timedelta(milliseconds=1), at(seconds=-30, milliseconds=250)),
        (timedelta(seconds=1), at(seconds=-30)),
        (timedelta(minutes=1), at(minutes=-1)),
    ],
)
def test_the_lower_bound_is_rounded_down_to_what_a_query_can_say(
    resolution: timedelta, bound: datetime
) -> None:
    watermark = at(milliseconds=250)
    assert lower_bound(watermark, overlap=timedelta(seconds=30), resolution=resolution) == bound


def test_a_killed_run_goes_on_from_the_overlap_before_its_last_page() -> None:
    # Vector W-f: the page reached 12:00:40, the overlap is 120 s.
    bound = lower_bound(at(seconds=40), overlap=timedelta(seconds=120), resolution=SECOND)
    assert bound == at(seconds=-80)


@pytest.mark.parametrize(
    ("before", "last_row", "vendor_now", "after"),
    [
        # Vector W-d: a row as new as the answer may have unseen neighbours.
        (NOON, at(minutes=4, seconds=59), at(minutes=5), at(minutes=4, seconds=58)),
        (NOON, at(minutes=4), at(minutes=5), at(minutes=4)),
        (None, at(minutes=4), at(minutes=5), at(minutes=4)),
        (at(minutes=9), at(minutes=4), at(minutes=5), at(minutes=9)),
        (NOON, None, at(minutes=5), NOON),
    ],
)
def test_the_watermark_follows_the_last_row_but_never_the_present_and_never_falls(
    before: datetime | None, last_row: datetime | None, vendor_now: datetime, after: datetime
) -> None:
    assert advance(before, last_row_at=last_row, vendor_now=vendor_now) == after


def test_a_clock_difference_is_taken_at_the_middle_of_the_request() -> None:
    # Vector T-a: sent 12:00:00.000, answered 12:00:00.200, Date 12:10:00.
    sample = skew_sample(sent_at=NOON, answered_at=at(milliseconds=200), date=at(minutes=10))
    assert sample == timedelta(milliseconds=600_400)


def test_the_skew_is_the_median_of_the_last_twenty_samples() -> None:
    skew = Skew()
    assert skew.value == timedelta(0)
    for milliseconds in [9_000, *range(100, 120)]:
        skew = skew.seen(timedelta(milliseconds=milliseconds))
    assert len(skew.samples) == 20
    assert skew.value == timedelta(milliseconds=109.5)


@pytest.mark.parametrize(
    ("jump", "step"),
    [
        (timedelta(seconds=-15), None),
        (timedelta(seconds=-15, milliseconds=-1), timedelta(seconds=15, milliseconds=1)),
        (timedelta(seconds=600), None),
    ],
)
def test_only_a_jump_back_beyond_half_the_overlap_counts_as_a_step(
    jump: timedelta, step: timedelta | None
) -> None:
    behind = Skew(samples=(-3_000,) * 5)
    assert step_back(behind, behind.value + jump, overlap=timedelta(seconds=30)) == step


def test_the_first_sample_of_a_clock_that_is_merely_behind_is_no_step() -> None:
    assert step_back(Skew(), timedelta(hours=-1), overlap=timedelta(seconds=30)) is None


def test_the_return_of_a_clock_that_went_ahead_for_one_answer_is_a_step() -> None:
    ahead = Skew(samples=(*(0,) * 19, 90_000))
    assert step_back(ahead, timedelta(0), overlap=timedelta(seconds=30)) == timedelta(seconds=90)
