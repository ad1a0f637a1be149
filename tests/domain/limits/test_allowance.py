"""How fast a vendor is asked, and how it is left alone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.limits.allowance import (
    MINUTE_US,
    RECOVERY_US,
    Allowance,
    Left,
    Limit,
    answered,
    left,
    limit_of,
    sent,
    stretch_at,
    throttled,
    wait_us,
)

SECOND_US = 1_000_000
DEADLINE = timedelta(seconds=12)
DEADLINE_US = 12 * SECOND_US
# How long a request is on its way there and back, how long nobody has asked before it, and
# whether its process lives to see the answer.
Journey = tuple[int, int, int, bool]


def journeys(chance: Random) -> list[Journey]:
    """Return two hundred requests, some of which are overtaken by those after them."""

    def way(longest_us: int) -> int:
        return chance.choice([0, 0, 0, chance.randrange(200_000), chance.randrange(longest_us)])

    return [
        (way(DEADLINE_US // 2), way(DEADLINE_US // 2), way(300_000), chance.random() < 0.97)
        for _ in range(200)
    ]


def at(*, minute: int) -> datetime:
    return datetime(1970, 1, 1, 0, minute, tzinfo=UTC)


def limit(per_minute: int, *, processes: int = 1) -> Limit:
    return limit_of(per_minute, deadline=DEADLINE, processes=processes)


def arrivals(limit: Limit, journeys: Iterable[Journey]) -> list[int]:
    """Return when requests arrive that are sent as soon as they may, side by side."""
    allowance, now, found = Allowance(), 7 * MINUTE_US, []
    answers: list[tuple[int, int]] = []
    for there, back, pause, is_seen in journeys:
        wait, is_first = pause, True
        while wait or is_first:
            now, is_first = now + wait, False
            while answers and answers[0][0] <= now:
                ended, began = heappop(answers)
                allowance = answered(allowance, limit, sent_us=began, now_us=ended)
            wait = wait_us(allowance, limit, now_us=now)
        allowance = sent(allowance, limit, now_us=now)
        found.append(now + there)
        if is_seen:
            heappush(answers, (now + there + back, now))
    return found


def busiest(found: list[int], *, window_us: int) -> int:
    """Return the most instants within any half open window."""
    return max(sum(start <= one < start + window_us for one in found) for start in found)


@given(per_minute=st.sampled_from([7, 60, 600, 960, 3_000]), seed=st.integers(0, 10**6))
def test_whenever_requests_arrive_no_window_holds_more_than_the_limit(
    per_minute: int, seed: int
) -> None:
    found = arrivals(limit(per_minute), journeys(Random(seed)))  # noqa: S311 — repeatable, protects nothing
    span_us, most = limit(per_minute).span_us, limit(per_minute).most
    assert busiest(found, window_us=span_us) <= most
    assert busiest(found, window_us=MINUTE_US) <= max(most, per_minute)


@pytest.mark.parametrize(
    ("per_minute", "processes", "most", "seconds"),
    [
        (600, 1, 10, 1),
        (960, 1, 16, 1),
        (100, 1, 10, 6),
        (60, 1, 10, 10),
        (1, 1, 10, 600),
        (600, 3, 3, 1),
        (60, 20, 1, 10),
    ],
)
def test_the_window_is_a_second_or_the_time_of_ten_requests(
    per_minute: int, processes: int, most: int, seconds: int
) -> None:
    found = limit(per_minute, processes=processes)
    assert (found.most, found.span_us) == (most, seconds * SECOND_US)
    assert found.interval_us == MINUTE_US * processes / per_minute


@pytest.mark.parametrize(("answer_us", "share"), [(0, 1.0), (50_000, 0.95), (1_000_000, 0.5)])
def test_whoever_keeps_asking_gets_what_the_limit_allows_beside_the_answers(
    answer_us: int, share: float
) -> None:
    found = arrivals(limit(600), [(0, answer_us, 1, True)] * 1_000)
    assert found[-1] - found[0] <= 1_000 * 100_000 / share


def test_a_request_without_an_answer_counts_for_its_deadline_and_a_window() -> None:
    allowance = Allowance()
    for number in range(10):
        allowance = sent(allowance, limit(600), now_us=number * 100_000)
    assert wait_us(allowance, limit(600), now_us=900_000) == SECOND_US
    freed_us = DEADLINE_US + SECOND_US
    assert wait_us(allowance, limit(600), now_us=freed_us - 5) == 5
    assert wait_us(allowance, limit(600), now_us=freed_us) == 0


def test_a_throttled_vendor_is_left_alone_and_then_asked_half_as_often() -> None:
    now = 9 * MINUTE_US
    held = throttled(Allowance(), hold_us=30 * SECOND_US, slows_down=True, now_us=now)
    assert wait_us(held, limit(600), now_us=now) == 30 * SECOND_US
    over = now + 30 * SECOND_US
    assert wait_us(held, limit(600), now_us=over) == 0
    after = sent(held, limit(600), now_us=over)
    assert after.next_us == over + 200_000


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
    assert wait_us(held, limit(600), now_us=MINUTE_US) == SECOND_US
    assert stretch_at(held, MINUTE_US + SECOND_US) == 1


def test_a_short_wait_does_not_cut_a_long_one() -> None:
    held = throttled(Allowance(), hold_us=MINUTE_US, slows_down=False, now_us=0)
    assert throttled(held, hold_us=1, slows_down=False, now_us=1).next_us == MINUTE_US


def test_a_clock_that_is_put_back_an_hour_stops_nobody() -> None:
    asked = sent(Allowance(), limit(60), now_us=90 * MINUTE_US)
    assert wait_us(asked, limit(60), now_us=90 * MINUTE_US) == SECOND_US
    full = Allowance(counted={n: 90 * MINUTE_US + n for n in range(10)})
    assert wait_us(full, limit(60), now_us=90 * MINUTE_US - 1) == 1
    for allowance in (asked, full):
        assert wait_us(allowance, limit(60), now_us=30 * MINUTE_US) == 0


def test_the_slowest_pace_and_the_longest_wait_are_no_mistake() -> None:
    slow = throttled(Allowance(), hold_us=15 * MINUTE_US, slows_down=True, now_us=0)
    assert wait_us(slow, limit(1), now_us=0) == 15 * MINUTE_US
    slowest = sent(Allowance(stretch=8, stretched_us=MINUTE_US), limit(1), now_us=0)
    assert wait_us(slowest, limit(1), now_us=0) == 8 * MINUTE_US


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
