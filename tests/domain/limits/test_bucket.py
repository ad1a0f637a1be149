"""What is let in: bursts up to a point, and evenly in the long run."""

import pytest

from domain.limits.bucket import Bucket, Rate, taken

RATE = Rate(per_second=50, burst=50)


def let_in(bucket: Bucket | None, *, at: float, asked: int) -> tuple[Bucket | None, int]:
    """Return the bucket after so many requests at once, and how many of them were let in."""
    done = 0
    for _ in range(asked):
        left = taken(bucket, RATE, now=at)
        if isinstance(left, Bucket):
            bucket, done = left, done + 1
    return bucket, done


def test_a_burst_is_let_in_and_then_fifty_a_second() -> None:
    bucket, done = let_in(None, at=0, asked=80)
    assert done == 50
    for quarters in range(1, 21):
        bucket, done = let_in(bucket, at=quarters / 4, asked=80)
        assert done in {12, 13}


def test_who_waits_as_told_is_let_in_and_a_moment_earlier_is_not() -> None:
    bucket, _ = let_in(None, at=0, asked=50)
    wait = taken(bucket, RATE, now=0)
    assert isinstance(wait, float)
    assert wait == pytest.approx(1 / 50)
    assert isinstance(taken(bucket, RATE, now=wait * 0.99), float)
    assert isinstance(taken(bucket, RATE, now=wait * 1.01), Bucket)


def test_no_rest_lets_in_more_than_a_burst_and_a_clock_put_back_takes_nothing() -> None:
    bucket, _ = let_in(None, at=0, asked=50)
    assert let_in(bucket, at=86_400, asked=80)[1] == 50
    assert let_in(bucket, at=-60, asked=1)[1] == 0
