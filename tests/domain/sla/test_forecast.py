"""What is to come if nothing changes."""

import pytest

from domain.sla.calendar import HOUR_MS, BusinessCalendar
from domain.sla.clock import clock
from domain.sla.forecast import Forecast, HourLoad, forecast, load
from domain.sla.history import History
from domain.sla.policy import SlaPolicy
from domain.sla.terms import SlaClockKind
from tests.domain.sla.promises import history, instant, minutes, policy, promise


def foreseen(subject: History, at: str, made: SlaPolicy | None = None) -> Forecast:
    promised = made or policy()
    read = clock(SlaClockKind.RESOLUTION, subject, promised, instant(at))
    assert read is not None
    return forecast(read, promised, instant(at))


def instants(found: Forecast) -> list[int | None]:
    return [found.alert_ms, found.breach_ms, found.if_resumed_ms]


def test_a_running_clock_is_foreseen_to_the_millisecond() -> None:
    found = foreseen(history("NEW P1 10:00"), "11:00")
    assert instants(found) == [instant("13:24"), instant("14:00"), None]
    assert found.breach_ms == found.clock.breach_ms


def test_what_has_been_reached_is_not_to_come() -> None:
    assert instants(foreseen(history("NEW P1 10:00"), "13:24")) == [None, instant("14:00"), None]
    assert instants(foreseen(history("NEW P1 10:00"), "14:00")) == [None, None, None]


def test_a_paused_clock_is_foreseen_as_if_it_resumed_now() -> None:
    s12 = history("NEW P1 10:00", "OPEN P1 10:10", "PENDING P1 12:00")
    assert instants(foreseen(s12, "14:00")) == [None, None, instant("16:00")]


@pytest.mark.parametrize("status", ["RESOLVED", "CANCELLED"])
def test_a_clock_at_rest_has_nothing_to_come(status: str) -> None:
    rest = history("NEW P1 10:00", f"{status} P1 12:00")
    assert instants(foreseen(rest, "14:00")) == [None, None, None]


def test_a_calendar_that_never_opens_has_nothing_to_come() -> None:
    never = promise(minutes(60, BusinessCalendar(name="never")))
    assert instants(foreseen(history("NEW P1 10:00"), "11:00", never)) == [None, None, None]
    assert never.idle_calendars(instant("10:00")) == ("never",)
    assert policy().idle_calendars(instant("10:00")) == ()


def test_a_clock_that_has_not_begun_is_foreseen_from_its_creation() -> None:
    assert foreseen(history("NEW P1 10:00"), "08:00").breach_ms == instant("14:00")


def test_the_load_has_every_hour_of_utc() -> None:
    twelve = instant("12:00")
    busy = HourLoad(start_ms=twelve + HOUR_MS, alerts=2, breaches=1)
    assert load([busy], start_ms=instant("12:10"), hours=3) == (
        HourLoad(start_ms=twelve, alerts=0, breaches=0),
        busy,
        HourLoad(start_ms=twelve + 2 * HOUR_MS, alerts=0, breaches=0),
    )
