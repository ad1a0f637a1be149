"""Why a clock counts, waits or has ended, in a sentence."""

from dataclasses import replace

import pytest

from domain.sla.calendar import BusinessCalendar
from domain.sla.clock import clock
from domain.sla.explain import because, ended_because, since_ms
from domain.sla.history import History
from domain.sla.terms import SlaClockKind, SlaSubjectKind
from tests.domain.sla.promises import history, instant, minutes, policy

IDLE = BusinessCalendar(name="idle")


def said(past: History, at: str, kind: SlaClockKind = SlaClockKind.RESOLUTION) -> str:
    read = clock(kind, past, policy(), instant(at))
    assert read is not None
    return because(read, past, policy(), instant(at))


def test_a_clock_that_counts_names_its_calendar() -> None:
    assert said(history("NEW P1 10:00"), "11:00") == "time counts: the calendar always is open"


def test_a_closed_calendar_says_until_when() -> None:
    past = history("NEW P2 15:00")
    assert said(past, "15:59") == "time counts: the calendar berlin is open"
    assert said(past, "16:00") == (
        "nothing counts: the calendar berlin is closed until 2026-03-03 08:00:00 UTC"
    )


def test_a_calendar_that_never_opens_again_says_so() -> None:
    past, made = history("NEW P1 10:00"), policy(p1=(minutes(15, IDLE), minutes(240, IDLE)))
    read = clock(SlaClockKind.RESOLUTION, past, made, instant("11:00"))
    assert read is not None
    assert because(read, past, made, instant("11:00")) == (
        "nothing counts: the calendar idle does not open any more"
    )


def test_a_pause_names_the_status_and_the_policy() -> None:
    past = history("OPEN P1 10:00", "PENDING P1 12:00", "PENDING P2 12:30", "ON_HOLD P2 13:00")
    rule = "and the policy pauses the clock in ON_HOLD and PENDING"
    assert said(past, "12:45") == f"the ticket is PENDING since 2026-03-02 12:00:00 UTC, {rule}"
    assert said(past, "14:00") == f"the ticket is ON_HOLD since 2026-03-02 13:00:00 UTC, {rule}"
    paused = policy().pause_on
    assert since_ms(past, paused, instant("14:00")) == instant("12:00")


def test_each_pause_begins_anew() -> None:
    past = history("OPEN P1 10:00", "PENDING P1 11:00", "OPEN P1 12:00", "PENDING P1 13:00")
    assert since_ms(past, policy().pause_on, instant("14:00")) == instant("13:00")


@pytest.mark.parametrize("status", ["RESOLVED", "CANCELLED"])
def test_an_end_names_the_status_that_brought_it(status: str) -> None:
    past = history("OPEN P1 10:00", f"{status} P1 12:00", "CLOSED P1 15:00")
    assert said(past, "12:30") == f"the ticket is {status} since 2026-03-02 12:00:00 UTC"
    # as it came to rest, whatever has become of the ticket since
    assert ended_because(past, instant("12:00")) == said(past, "16:00")


def test_an_answer_ends_the_response() -> None:
    past = history("NEW P1 10:00", "OPEN P1 10:10")
    assert said(past, "11:00", SlaClockKind.RESPONSE) == (
        "the ticket is OPEN since 2026-03-02 10:10:00 UTC"
    )


def test_an_incident_counts_as_what_a_ticket_would_be() -> None:
    past = replace(history("NEW P1 10:00", "OPEN P1 10:10"), subject=SlaSubjectKind.INCIDENT)
    assert ended_because(past, instant("10:10")) == (
        "the incident counts as OPEN since 2026-03-02 10:10:00 UTC"
    )
