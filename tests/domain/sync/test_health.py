"""How fresh a mirror is."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.sync.health import Freshness, freshness

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lag", "verdict"),
    [
        (None, Freshness.NEVER),
        (timedelta(seconds=120), Freshness.FRESH),
        (timedelta(seconds=120, milliseconds=1), Freshness.LAGGING),
        (timedelta(seconds=360), Freshness.LAGGING),
        (timedelta(seconds=360, milliseconds=1), Freshness.STALE),
    ],
)
def test_freshness_is_judged_by_poll_intervals(lag: timedelta | None, verdict: Freshness) -> None:
    as_of = None if lag is None else NOW - lag
    assert freshness(as_of, now=NOW, poll_interval=timedelta(seconds=60)) is verdict
