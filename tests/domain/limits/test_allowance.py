"""How fast a vendor is asked, and how it is left alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.limits.allowance import (
    MINUTE_US,
    RECOVERY_US,
    Allowance,
    Left,
    interval_us,
    left,
    sent,
    stretch_at,
    throttled,
    wait_us,
)

SECOND_US = 1_000_000


def at(*, minute: int) -> datetime:
    return datetime(1970, 1, 1, 0, minute, tzinfo=UTC)


def instants(per_minute: int, *, pauses: list[int]) -> list[int]:
    """Return when requests are sent by somebody who comes so many µs after the last one."""
    allowance, now, found = Allowance(), 7 * MINUTE_US, []
    for pause in pauses:
        now += pause
        now += wait_us(allowance, now_us=now)
        found.append(now)
        allowance = sent(allowance, interval_us=interval_us(per_minute), now_us=now)
    return found


def busiest(found: list[int], *, window_us: int) -> int:
    """Return the most instants within any half open window."""
    return max(sum(start <= one < start + window_us for one in found) for start in found)


@given(
    per_second=st.integers(1, 50),
    pauses=st.lists(st.integers(0, 300_000), min_size=1, max_size=120),
)
def test_no_window_of_a_second_or_a_minute_holds_more_than_the_limit(
    per_second: int, pauses: list[int]
) -> None:
    found = instants(60 * per_second, pauses=pauses)
    assert busiest(found, window_us=SECOND_US) <= per_second
    assert busiest(found, window_us=MINUTE_US) <= 60 * per_second


def test_whoever_keeps_asking_gets_at_least_nine_tenths_of_the_limit() -> None:
    found = instants(600, pauses=[0] * 1_000)
    assert found[-1] - found[0] < 1_000 * 100_000 / 0.9


def test_a_throttled_vendor_is_left_alone_and_then_asked_half_as_often() -> None:
    now = 9 * MINUTE_US
    held = throttled(Allowance(), hold_us=30 * SECOND_US, slows_down=True, now_us=now)
    assert wait_us(held, now_us=now) == 30 * SECOND_US
    over = now + 30 * SECOND_US
    assert wait_us(held, now_us=over) == 0
    after = sent(held, interval_us=100, now_us=over)
    assert after.next_us == over + 200


def test_the_usual_pace_grows_back_within_five_minutes() -> None:
    held = throttled(Allowance(), hold_us=0, slows_down=True, now_us=MINUTE_US)
    shares = [stretch_at(held, MINUTE_US + part * RECOVERY_US // 4) for part in range(6)]
    assert shares == [2.0, 1.75, 1.5, 1.25, 1.0, 1.0]


def test_refusals_of_one_burst_slow_down_once_and_later_ones_again() -> None:
    first = throttled(Allowance(), hold_us=SECOND_US, slows_down=True, now_us=MINUTE_US)
    burst = throttled(first, hold_us=SECOND_US, slows_down=True, now_us=MINUTE_US + 5)
    assert burst.stretch == 2
    later = throttled(burst, hold_us=0, slows_down=True, now_us=MINUTE_US + SECOND_US)
    assert later.stretch == 4
    for _ in range(9):
        later = throttled(later, hold_us=0, slows_down=True, now_us=MINUTE_US + SECOND_US)
    assert later.stretch == 8


def test_who_is_not_to_slow_down_only_waits() -> None:
    held = throttled(Allowance(), hold_us=SECOND_US, slows_down=False, now_us=MINUTE_US)
    assert wait_us(held, now_us=MINUTE_US) == SECOND_US
    assert stretch_at(held, MINUTE_US + SECOND_US) == 1


def test_a_short_wait_does_not_cut_a_long_one() -> None:
    held = throttled(Allowance(), hold_us=MINUTE_US, slows_down=False, now_us=0)
    assert throttled(held, hold_us=1, slows_down=False, now_us=1).next_us == MINUTE_US


def test_a_clock_that_is_put_back_an_hour_stops_nobody() -> None:
    asked = sent(Allowance(), interval_us=SECOND_US, now_us=90 * MINUTE_US)
    assert wait_us(asked, now_us=90 * MINUTE_US) == SECOND_US
    assert wait_us(asked, now_us=30 * MINUTE_US) == 0


def test_the_slowest_pace_and_the_longest_wait_are_no_mistake() -> None:
    slow = throttled(Allowance(), hold_us=15 * MINUTE_US, slows_down=True, now_us=0)
    assert wait_us(slow, now_us=0) == 15 * MINUTE_US
    slowest = Allowance(stretch=8, stretched_us=MINUTE_US)
    slowest = sent(slowest, interval_us=interval_us(1), now_us=0)
    assert wait_us(slowest, now_us=0) > 8 * MINUTE_US


@pytest.mark.parametrize(
    ("allowance", "expected"),
    [
        (Allowance(), Left(remaining=60, resets_at=at(minute=2), slowed_until=None)),
        (
            Allowance(minute=1, used=13, next_us=MINUTE_US + 5),
            Left(remaining=47, resets_at=at(minute=2), slowed_until=None),
        ),
        (
            Allowance(minute=0, used=13),
            Left(remaining=60, resets_at=at(minute=2), slowed_until=None),
        ),
        (
            Allowance(
                minute=1, used=13, next_us=3 * MINUTE_US, stretch=2, stretched_us=3 * MINUTE_US
            ),
            Left(remaining=0, resets_at=at(minute=3), slowed_until=at(minute=8)),
        ),
        (
            Allowance(minute=1, used=99),
            Left(remaining=0, resets_at=at(minute=2), slowed_until=None),
        ),
    ],
    ids=["unused", "used", "used before", "held", "lowered since"],
)
def test_what_is_left_is_counted_by_the_clocks_minute(allowance: Allowance, expected: Left) -> None:
    assert left(allowance, per_minute=60, now_us=MINUTE_US) == expected
