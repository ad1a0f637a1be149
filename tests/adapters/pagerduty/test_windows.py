from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pagerduty.windows import LONGEST, SECOND, Walk, Window, walk, whole, window

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
SPANS = st.integers(min_value=1, max_value=10 * 365 * 86_400).map(timedelta(seconds=1).__mul__)


@given(span=SPANS, halvings=st.lists(st.integers(0, 25), min_size=1, max_size=10))
def test_windows_follow_each_other_without_a_gap_to_the_end(
    span: timedelta, halvings: list[int]
) -> None:
    until = START + span
    place: Window | None = whole(START, until)
    at, number = START, 0
    while place is not None:
        for _ in range(halvings[number % len(halvings)] if number < 20 else 0):
            place = place.halved() or place
        assert place.start == at < place.end <= until
        assert place.end - place.start <= LONGEST
        assert window(place.text()) == place
        at, number, place = place.end, number + 1, place.next()
    assert at == until


def test_a_second_is_not_halved() -> None:
    assert whole(START, START + SECOND).halved() is None


def test_a_span_that_ends_before_it_begins_is_a_second() -> None:
    assert whole(START, START - timedelta(hours=1)).end == START + SECOND


def test_bounds_are_told_in_whole_seconds_of_utc() -> None:
    berlin = datetime.fromisoformat("2026-03-02T11:00:00.700+01:00")

    assert whole(berlin, START + SECOND).query() == (
        ("since", "2026-03-02T10:00:00Z"),
        ("until", "2026-03-02T10:00:01Z"),
    )


@given(
    gaps=st.lists(st.sampled_from([0, 0, 0, 1, 5, 86_400 * 200]), max_size=60),
    size=st.integers(1, 7),
)
def test_a_walk_meets_every_row_once_in_their_order(gaps: list[int], size: int) -> None:
    rows: list[datetime] = []
    for gap in gaps:
        rows.append((rows[-1] if rows else START) + timedelta(seconds=gap))
    place: Walk | None = Walk(at=START, until=max([START, *rows]) + SECOND)
    met: list[datetime] = []
    while place is not None:
        place = walk(place.text())
        bounds = place.window
        listed = [at for at in rows if bounds.start <= at < bounds.end][place.passed :]
        met += listed[:size]
        place = place.behind(listed[:size], has_more=len(listed) > size)
    assert met == rows


@pytest.mark.parametrize("created", [[], [START - SECOND], [START + SECOND, START]])
def test_a_walk_ends_when_the_rows_are_in_no_order(created: list[datetime]) -> None:
    with pytest.raises(ValueError, match="not ordered"):
        Walk(at=START, until=START + LONGEST).behind(created, has_more=True)
