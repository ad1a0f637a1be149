"""An account that is kept goes on where it ended; a large one stays quick."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from simulators.pagerduty.history import History
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.simulators.conftest import Clock


def test_a_second_start_goes_on(clock: Clock, tmp_path: Path) -> None:
    # given an account in which something happened, and that ended
    path, account = tmp_path / "account.db", Account(token="t")  # noqa: S106 — of a simulator
    first = PagerDuty(now=clock, account=account, store=path)
    key = first.trigger("Down", incident_key="k")["id"]
    first.acknowledge(key)
    before, services = first.incident(key), first.store.count("service")
    first.store.close()

    # when it starts again within the time-out, then nothing is lost or doubled
    clock.move(minutes=1)
    second = PagerDuty(now=clock, account=account, store=path)
    assert second.incident(key) == before
    assert second.store.count("service") == services

    # and new records have names of their own
    other = second.trigger("Other")
    assert (other["incident_number"], other["id"] != key) == (2, True)
    entries = second.store.count("log_entry")
    assert entries == second.store.newest("log_entry")


async def test_a_made_up_past_is_spread_over_its_days(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock
) -> None:
    history = History(incidents=300, entries=6, days=30, still_open=0.1)
    pagerduty.load(history)
    again = PagerDuty(now=clock, account=Account(token="t"))  # noqa: S106 — of a simulator
    again.load(history)
    assert again.incident(7) == pagerduty.incident(7)
    assert pagerduty.store.count("log_entry") == 1_800
    params = {"total": "true", "statuses[]": "acknowledged"}
    still_open = (await http.get("/incidents", params=params)).json()["total"]
    assert 10 < still_open < 60
    day = {"since": "2026-02-20T00:00:00Z", "until": "2026-02-21T00:00:00Z", "total": "true"}
    assert (await http.get("/incidents", params=day)).json()["total"] == 10
    one = pagerduty.incident(300)
    first = clock.at - timedelta(hours=3)
    assert first.isoformat() < one["created_at"] <= one["updated_at"]


def test_what_is_undone_together_leaves_nothing(pagerduty: PagerDuty) -> None:
    def fails() -> None:
        with pagerduty.store.together():
            pagerduty.trigger("Down")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert pagerduty.store.count("incident") == 0
    assert pagerduty.store.count("log_entry") == 0
