"""Business time, over changes of the clocks, holidays and years (rule S7, invariant P15)."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sla.calendar import DAY_MS, HOUR_MS, MINUTE_MS, BusinessCalendar, Opening
from tests.domain.sla.promises import ALWAYS, BERLIN, NEW_YORK, WEEKDAYS, instant
from tests.domain.sla.random_tickets import CHANGES, calendars

YEAR: Final = (instant("01-01 00:00"), instant("12-31 00:00"))


def daily(timezone: str = "UTC", holidays: frozenset[date] = frozenset()) -> BusinessCalendar:
    """Open without pause, but for holidays."""
    day = (Opening(opens=0, closes=24 * 60),)
    return BusinessCalendar(name="daily", timezone=timezone, weekly=(day,) * 7, holidays=holidays)


def open_on(day: date, hours: str, timezone: str) -> int:
    """Count the open minutes of a day that is open for some hours, written as in the file."""
    opens, closes = (int(at[:2]) * 60 + int(at[3:]) for at in hours.split("-"))
    weekly: list[tuple[Opening, ...]] = [()] * 7
    weekly[day.weekday()] = (Opening(opens=opens, closes=closes),)
    calendar = BusinessCalendar(name="once", timezone=timezone, weekly=tuple(weekly))
    noon = instant(f"{day:%m-%d} 12:00")
    return calendar.open_between(noon - 3 * DAY_MS, noon + 3 * DAY_MS) // MINUTE_MS


@pytest.mark.parametrize(
    ("day", "hours", "timezone", "minutes"),
    [
        ("03-29", "00:00-24:00", "Europe/Berlin", 1380),
        ("10-25", "00:00-24:00", "Europe/Berlin", 1500),
        ("03-08", "02:00-03:00", "America/New_York", 0),
        ("03-08", "01:30-02:30", "America/New_York", 30),
        ("03-08", "02:30-04:00", "America/New_York", 60),
        ("11-01", "01:00-02:00", "America/New_York", 120),
        # a time that comes twice opens at the first, closes at the second
        ("11-01", "00:30-01:30", "America/New_York", 120),
        ("11-01", "01:30-02:00", "America/New_York", 90),
        # half an hour forth and back
        ("10-04", "01:00-03:00", "Australia/Lord_Howe", 90),
        ("04-05", "01:00-03:00", "Australia/Lord_Howe", 150),
        # midnight itself comes twice
        ("10-25", "00:00-24:00", "Atlantic/Azores", 1500),
        ("10-25", "00:00-24:00", "Asia/Kolkata", 1440),
    ],
)
def test_a_day_on_which_the_clocks_change_is_open_for_what_they_show(
    day: str, hours: str, timezone: str, minutes: int
) -> None:
    assert open_on(date.fromisoformat(f"2026-{day}"), hours, timezone) == minutes


def test_what_two_days_claim_of_one_hour_counts_once() -> None:
    # the night of 25 October has its first hour twice in the Azores
    start, end = instant("10-24 00:00"), instant("10-27 01:00")
    assert daily("Atlantic/Azores").open_between(start, end) == end - start


def test_a_day_that_a_zone_left_out_is_not_open() -> None:
    samoa = daily("Pacific/Apia")
    start, end = (
        round(datetime(2011, 12, day, 12, tzinfo=UTC).timestamp()) * 1000 for day in (29, 31)
    )
    assert samoa.open_between(start, end) == 2 * DAY_MS


@pytest.mark.parametrize("timezone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_days_of_the_farthest_zones_leave_no_hole(timezone: str) -> None:
    assert daily(timezone).open_between(*YEAR) == YEAR[1] - YEAR[0]


def test_a_holiday_is_a_date_of_the_zone() -> None:
    thanksgiving = instant("11-26 05:00"), instant("11-27 05:00")
    assert NEW_YORK.open_between(*thanksgiving) == 0
    assert BERLIN.open_between(*thanksgiving) == 8 * HOUR_MS


def test_an_always_open_calendar_counts_absolute_time() -> None:
    assert ALWAYS.open_between(*YEAR) == 364 * DAY_MS
    assert ALWAYS.passed_at(YEAR[0], 364 * DAY_MS) == YEAR[1]


def test_no_time_passes_backwards() -> None:
    for calendar in (ALWAYS, BERLIN):
        assert calendar.open_between(YEAR[1], YEAR[0]) == 0
        assert calendar.passed_at(YEAR[0], 0) == YEAR[0]


def test_the_closing_instant_is_reached_on_the_day_itself() -> None:
    assert BERLIN.passed_at(instant("09:00"), 7 * HOUR_MS) == instant("16:00")
    assert BERLIN.passed_at(instant("09:00"), 7 * HOUR_MS + 1) == instant("03-03 08:00") + 1


def test_a_calendar_without_hours_never_opens() -> None:
    assert BusinessCalendar(name="never").passed_at(YEAR[0], 1) is None


@pytest.mark.parametrize(("idle", "opens"), [(729, True), (730, True), (731, False)])
def test_a_calendar_is_waited_for_for_730_days(idle: int, opens: bool) -> None:
    first = date(2026, 1, 1)
    closed = frozenset(first + timedelta(days=day) for day in range(idle))
    calendar = daily(holidays=closed)
    expected = YEAR[0] + idle * DAY_MS + 1 if opens else None
    assert calendar.passed_at(YEAR[0], 1) == expected
    # what it had used before does not matter
    assert (calendar.passed_at(YEAR[0] - DAY_MS, DAY_MS + 1) is not None) is opens


def test_a_minute_a_week_is_not_looked_for_longer_than_20_years() -> None:
    minute = (Opening(opens=0, closes=1),)
    calendar = BusinessCalendar(name="sparse", weekly=(minute, *((),) * 6))
    year = calendar.passed_at(YEAR[0], 52 * MINUTE_MS)
    assert year is not None
    assert 51 * 7 <= (year - YEAR[0]) / DAY_MS <= 52 * 7
    assert calendar.passed_at(YEAR[0], 24 * HOUR_MS) is None


@pytest.mark.parametrize("calendar", [BERLIN, NEW_YORK], ids=lambda calendar: calendar.name)
def test_three_years_are_the_sum_of_their_days(calendar: BusinessCalendar) -> None:
    days = [YEAR[0] + day * DAY_MS for day in range(3 * 365)]
    by_day = sum(calendar.open_between(day, day + DAY_MS) for day in days)
    assert calendar.open_between(days[0], days[-1] + DAY_MS) == by_day
    assert by_day > 780 * 8 * HOUR_MS - 20 * 8 * HOUR_MS


def test_equal_calendars_are_equal_whatever_was_asked_of_them() -> None:
    asked, fresh = (
        BusinessCalendar(name="c", timezone="Asia/Kolkata", weekly=WEEKDAYS) for _ in range(2)
    )
    asked.open_between(*YEAR)
    assert asked == fresh
    assert hash(asked) == hash(fresh)


@st.composite
def drawn(draw: st.DrawFn) -> tuple[BusinessCalendar, list[int]]:
    """Draw a calendar, and instants about a change of its clocks, in order."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = draw(st.sampled_from(CHANGES[zone]))
    noon = round(datetime(change.year, change.month, change.day, 12, tzinfo=UTC).timestamp()) * 1000
    near = st.integers(noon - 4 * DAY_MS, noon + 4 * DAY_MS)
    instants = draw(st.lists(near, min_size=3, max_size=3))
    return draw(calendars(zone, change)), sorted(instants)


@given(drawn())
def test_business_time_is_additive(case: tuple[BusinessCalendar, list[int]]) -> None:
    calendar, (first, second, third) = case
    parts = calendar.open_between(first, second) + calendar.open_between(second, third)
    assert parts == calendar.open_between(first, third)


@given(drawn(), st.integers(1, 5 * DAY_MS))
def test_time_has_passed_at_the_first_instant_before_which_it_was_open(
    case: tuple[BusinessCalendar, list[int]], span: int
) -> None:
    calendar, (start, *_) = case
    reached = calendar.passed_at(start, span)
    if reached is None:
        assert calendar.open_between(start, start + 800 * DAY_MS) < span
        return
    assert calendar.open_between(start, reached) == span
    assert calendar.open_between(start, reached - 1) == span - 1
