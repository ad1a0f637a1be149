from datetime import UTC, datetime, timedelta

import pytest

from simulators.limit import Limit

NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)


def test_what_is_beyond_the_limit_is_over_until_the_window_ends() -> None:
    limit = Limit(requests=2, per=timedelta(seconds=10))
    start = NOON + timedelta(seconds=7)
    assert [limit.meet("ann", start).is_over for _ in range(3)] == [False, False, True]
    over = limit.meet("ann", start + timedelta(seconds=2.5))
    assert (over.count, over.wait) == (4, timedelta(seconds=0.5))
    assert over.resets_at == NOON + timedelta(seconds=10)
    assert not limit.meet("ann", over.resets_at).is_over


def test_each_caller_has_a_window_of_its_own() -> None:
    limit = Limit(requests=1, per=timedelta(hours=1))
    assert not limit.meet("ann", NOON).is_over
    assert not limit.meet("bo", NOON).is_over
    assert limit.meet("ann", NOON).is_over
    assert limit.busiest == 2


@pytest.mark.parametrize(
    ("seconds", "busiest"),
    [
        ((0, 10, 20), 1),
        ((9, 9, 11, 11), 4),
        ((0, 9, 10, 19), 2),
        ((0, 0, 0), 3),
    ],
)
def test_the_busiest_span_may_begin_anywhere(seconds: tuple[int, ...], busiest: int) -> None:
    # A caller that fills the end of one window and the start of the next is
    # within the limit of both, and yet asks twice as often.
    limit = Limit(requests=2, per=timedelta(seconds=10))
    for second in seconds:
        limit.meet("ann", NOON + timedelta(seconds=second))
    assert limit.busiest == busiest
