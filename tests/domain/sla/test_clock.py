"""What the clock does between, beside and after the vectors (rules S2 to S6)."""

from dataclasses import replace
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sla.calendar import HOUR_MS, MINUTE_MS
from domain.sla.clock import Clock, clock, clocks, worst
from domain.sla.history import History
from domain.sla.policy import SlaPolicy
from domain.sla.terms import AlertLevel, OnReopen, SlaClockKind, SlaPhase, SlaState
from tests.domain.sla.promises import P2_ALWAYS, history, instant, policy
from tests.domain.sla.random_tickets import Case, cases

RESOLUTION: Final = SlaClockKind.RESOLUTION
RESPONSE: Final = SlaClockKind.RESPONSE


def read(
    subject: History, at: str, made: SlaPolicy | None = None, kind: SlaClockKind = RESOLUTION
) -> Clock:
    found = clock(kind, subject, made or policy(), instant(at))
    assert found is not None
    return found


def test_a_clock_that_is_not_measured_is_none() -> None:
    assert clocks(history("NEW P4 10:00"), policy(), instant("12:00")) == ()
    raised = history("NEW P4 10:00", "OPEN P1 11:00")
    response, resolution = clocks(raised, policy(), instant("12:00"))
    # what went by unmeasured is nobody's promise
    assert (response.elapsed_ms, resolution.elapsed_ms) == (0, HOUR_MS)


def test_before_the_first_update_a_ticket_is_new_with_that_ones_priority() -> None:
    late = replace(history("OPEN P2 13:00"), created_ms=instant("10:00"))
    assert read(late, "12:00", kind=RESPONSE).phase is SlaPhase.RUNNING
    answered = read(late, "14:00", kind=RESPONSE)
    # Berlin closes at 16:00, so all three hours count
    assert (answered.phase, answered.elapsed_ms) == (SlaPhase.STOPPED, 3 * HOUR_MS)
    assert answered.stopped_ms == instant("13:00")


def test_no_time_counts_before_the_creation() -> None:
    early = replace(history("OPEN P1 09:00"), created_ms=instant("10:00"))
    assert read(early, "09:30").elapsed_ms == 0
    assert read(early, "09:30").breach_ms == instant("14:00")
    assert read(early, "11:00").elapsed_ms == HOUR_MS
    assert read(early, "11:00", kind=RESPONSE).elapsed_ms == 0


def test_a_pause_does_not_hold_the_response() -> None:
    waiting = history("PENDING P1 10:00")
    assert read(waiting, "11:00", kind=RESPONSE).phase is SlaPhase.STOPPED
    assert read(waiting, "11:00").phase is SlaPhase.PAUSED
    assert (read(waiting, "11:00").elapsed_ms, read(waiting, "11:00").breach_ms) == (0, None)


def test_a_paused_clock_keeps_its_state() -> None:
    late = history("NEW P1 10:00", "ON_HOLD P1 13:30")
    assert (read(late, "20:00").phase, read(late, "20:00").state) == (
        SlaPhase.PAUSED,
        SlaState.ALERT,
    )


def test_a_stopped_clock_is_kept_or_breached() -> None:
    late = history("NEW P1 10:00", "RESOLVED P1 13:30", "CLOSED P1 18:00")
    closed = read(late, "20:00")
    assert (closed.phase, closed.state, closed.elapsed_ms) == (
        SlaPhase.STOPPED,
        SlaState.OK,
        210 * MINUTE_MS,
    )
    assert (closed.stopped_ms, closed.remaining_ms) == (instant("13:30"), 30 * MINUTE_MS)
    assert (closed.next_transition_ms, closed.breach_ms) == (None, None)


def test_the_response_never_restarts() -> None:
    again = history("NEW P1 10:00", "OPEN P1 10:05", "RESOLVED P1 11:00", "NEW P1 12:00")
    made = policy(on_reopen=OnReopen.RESTART)
    answered = read(again, "15:00", made, RESPONSE)
    assert (answered.phase, answered.elapsed_ms, answered.cycle) == (
        SlaPhase.STOPPED,
        5 * MINUTE_MS,
        1,
    )
    assert read(again, "15:00", made).cycle == 2


@pytest.mark.parametrize(
    ("on_reopen", "elapsed", "cycle", "started"),
    [
        (OnReopen.RESUME, 180, 1, "10:00"),
        (OnReopen.RESTART, 60, 2, "20:00"),
        (OnReopen.COUNT, 660, 1, "10:00"),
    ],
)
def test_what_becomes_of_a_reopened_ticket_is_the_policys(
    on_reopen: OnReopen, elapsed: int, cycle: int, started: str
) -> None:
    reopened = history("NEW P1 10:00", "RESOLVED P1 12:00", "CLOSED P1 14:00", "OPEN P1 20:00")
    found = read(reopened, "21:00", policy(on_reopen=on_reopen))
    assert (found.elapsed_ms, found.cycle) == (elapsed * MINUTE_MS, cycle)
    assert (found.started_ms, found.stopped_ms) == (instant(started), None)


def test_of_what_was_cancelled_nothing_is_owed() -> None:
    cancelled = read(history("NEW P1 10:00", "CANCELLED P1 14:30"), "15:00")
    assert (cancelled.phase, cancelled.state) == (SlaPhase.CANCELLED, SlaState.OK)


def test_a_cancelled_ticket_that_is_taken_up_again_is_measured_again() -> None:
    revived = history("NEW P1 10:00", "CANCELLED P1 11:00", "OPEN P1 15:00")
    assert (read(revived, "15:00").phase, read(revived, "16:00").elapsed_ms) == (
        SlaPhase.RUNNING,
        2 * HOUR_MS,
    )
    assert read(revived, "16:00", kind=RESPONSE).phase is SlaPhase.CANCELLED


def test_a_step_of_a_clock_ahead_of_ours_is_looked_at_when_it_begins() -> None:
    ahead = history("NEW P1 10:00", "PENDING P1 12:00", "OPEN P1 15:00")
    paused = read(ahead, "14:00")
    assert (paused.phase, paused.next_transition_ms) == (SlaPhase.PAUSED, instant("15:00"))


def test_an_escalation_is_one_more_transition() -> None:
    made = policy(escalate_at=(Fraction("1.5"), Fraction(2)))
    subject = history("NEW P1 10:00")
    found = read(subject, "14:00", made)
    assert (found.state, found.next_transition_ms) == (SlaState.BREACH, instant("16:00"))
    last = read(subject, "18:00", made)
    assert (last.state, last.next_transition_ms) == (SlaState.BREACH, None)
    assert [(one.threshold.level, one.at_ms) for one in last.crossed] == [
        (AlertLevel.ALERT, instant("13:24")),
        (AlertLevel.BREACH, instant("14:00")),
        (AlertLevel.ESCALATION, instant("16:00")),
        (AlertLevel.ESCALATION, instant("18:00")),
    ]


def test_a_threshold_is_crossed_when_the_target_comes_that_it_is_of() -> None:
    raised = history("NEW P2 10:00", "OPEN P1 14:30")
    found = read(raised, "15:00", policy(p2=P2_ALWAYS))
    assert [one.at_ms for one in found.crossed] == [instant("14:30")] * 2


def test_a_threshold_is_crossed_within_a_time_that_counts() -> None:
    paused = history("NEW P1 10:00", "PENDING P1 12:00", "OPEN P1 15:00")
    assert [one.at_ms for one in read(paused, "17:00").crossed] == [
        instant("16:24"),
        instant("17:00"),
    ]


def test_a_subject_is_as_bad_as_its_worse_clock() -> None:
    late = clocks(history("NEW P1 10:00"), policy(), instant("10:14"))
    assert worst(one.state for one in late) is SlaState.ALERT
    both = clocks(history("NEW P1 10:00"), policy(), instant("10:15"))
    assert worst(one.state for one in both) is SlaState.BREACH
    assert worst(()) is None


@settings(deadline=None)
@given(cases(), st.integers(0, 500 * MINUTE_MS))
def test_the_time_used_never_falls(case: Case, later: int) -> None:
    made = replace(case.policy, on_reopen=OnReopen.RESUME)
    used = [
        found.elapsed_ms
        for now in (case.now * MINUTE_MS, case.now * MINUTE_MS + later)
        if (found := clock(case.kind, case.history, made, now)) is not None
    ]
    assert used == sorted(used)


@settings(deadline=None)
@given(cases())
def test_the_state_changes_at_the_next_transition_and_not_before(case: Case) -> None:
    now = case.now * MINUTE_MS
    found = clock(case.kind, case.history, case.policy, now)
    assert found is not None
    at = found.next_transition_ms
    if at is None:
        return
    before = clock(case.kind, case.history, case.policy, at - 1)
    after = clock(case.kind, case.history, case.policy, at)
    assert before is not None
    assert after is not None
    assert (before.state, before.phase, before.next_transition_ms) == (
        found.state,
        found.phase,
        at,
    )
    is_step = any(step.at_ms == at for step in case.history.steps)
    assert is_step or len(after.crossed) > len(before.crossed)
