"""Spans are cut at the midnights of a zone, whatever its clocks do."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.sla.attainment import Kept, SlaAttainmentPeriod, cuts

BERLIN = ZoneInfo("Europe/Berlin")


def written(found: list[datetime]) -> list[str]:
    return [f"{one.astimezone(UTC):%m-%d %H:%M}" for one in found]


def test_days_are_those_of_the_zone_also_where_its_clocks_change() -> None:
    start, end = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC)
    found = cuts(start, end, SlaAttainmentPeriod.DAY, BERLIN)
    assert written(found) == ["03-28 12:00", "03-28 23:00", "03-29 22:00", "03-30 12:00"]


def test_weeks_begin_on_mondays() -> None:
    # a Monday, and a Sunday
    for first, cut in ((2, "03-08 23:00"), (8, "03-08 23:00")):
        start = datetime(2026, 3, first, 12, tzinfo=UTC)
        found = cuts(start, datetime(2026, 3, 9, 12, tzinfo=UTC), SlaAttainmentPeriod.WEEK, BERLIN)
        assert written(found)[1:] == [cut, "03-09 12:00"]


def test_a_span_that_begins_at_midnight_is_not_cut_there() -> None:
    start, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)
    found = cuts(start, end, SlaAttainmentPeriod.DAY, ZoneInfo("UTC"))
    assert written(found) == ["03-02 00:00", "03-03 00:00", "03-04 00:00"]


@pytest.mark.parametrize(
    ("kept", "percent"),
    [(Kept(), None), (Kept(met=3), 100), (Kept(met=3, breached=1), 75), (Kept(breached=2), 0)],
)
def test_percent_is_of_what_ended(kept: Kept, percent: float | None) -> None:
    assert kept.percent == percent
    assert (kept + Kept(met=1)).met == kept.met + 1
