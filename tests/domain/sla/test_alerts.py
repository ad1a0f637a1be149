"""Alerts are raised once, told once, and heeded (rules S8 to S10, D-a to D-e, invariant P18)."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sla.alerts import Alert, Sight, alerts_due, escalation_level, next_look_ms
from domain.sla.calendar import MINUTE_MS
from domain.sla.clock import Clock, clock, clocks
from domain.sla.history import History
from domain.sla.policy import SlaPolicy
from domain.sla.terms import AlertLevel, OnReopen, SlaClockKind
from tests.domain.sla.promises import P2_ALWAYS, history, instant, minutes, policy
from tests.domain.sla.random_tickets import Case, cases

ALERT, BREACH, ESCALATION = AlertLevel
S1: Final = history("NEW P1 10:00")
ESCALATING: Final = policy(escalate_at=(Fraction("1.5"), Fraction(2)))


def resolution(subject: History, made: SlaPolicy, now_ms: int) -> list[Clock]:
    read = clock(SlaClockKind.RESOLUTION, subject, made, now_ms)
    return [] if read is None else [read]


class Watch:
    """A subject that is looked at again and again; it keeps what is raised."""

    def __init__(self, subject: History = S1, made: SlaPolicy | None = None) -> None:
        self.subject, self.policy = subject, made or policy()
        self.alerts: list[Alert] = []

    def sight(self, now_ms: int, known: Sequence[Alert] | None = None) -> Sight:
        return Sight(
            subject_id="t1",
            clocks=resolution(self.subject, self.policy, now_ms),
            known=self.alerts if known is None else known,
            now_ms=now_ms,
        )

    def look(self, *at: str) -> None:
        for now_ms in map(instant, at):
            self.alerts += alerts_due(self.sight(now_ms), self.policy)

    def look_each_minute(self, first: str, last: str) -> None:
        for now_ms in range(instant(first), instant(last) + 1, MINUTE_MS):
            self.alerts += alerts_due(self.sight(now_ms), self.policy)

    @property
    def raised(self) -> list[tuple[AlertLevel, int]]:
        return [(alert.level, alert.raised_ms) for alert in self.alerts]

    @property
    def level(self) -> int:
        return escalation_level(self.alerts, cycle=1)


def test_d_a_each_level_is_raised_once() -> None:
    watch = Watch()
    watch.look_each_minute("13:20", "14:10")
    assert watch.raised == [(ALERT, instant("13:24")), (BREACH, instant("14:00"))]
    assert [alert.escalation_level for alert in watch.alerts] == [1, 2]
    assert watch.level == 2


def test_d_b_a_late_look_raises_the_highest_and_says_when_it_was_crossed() -> None:
    watch = Watch()
    watch.look("13:20", "14:05")
    [alert] = watch.alerts
    assert (alert.level, alert.crossed_ms, alert.raised_ms) == (
        BREACH,
        instant("14:00"),
        instant("14:05"),
    )
    assert (alert.escalation_level, watch.level) == (1, 1)
    assert round(alert.percent, 1) == 102.1
    watch.look("14:06")
    assert len(watch.alerts) == 1


def test_after_a_higher_level_no_lower_one_is_raised() -> None:
    watch = Watch()
    watch.look("14:05")
    # that it has waited is told late, so that it has not breached after all
    watch.subject = history("NEW P1 10:00", "PENDING P1 12:00", "OPEN P1 12:20")
    watch.look("14:05", "14:20")
    assert watch.raised == [(BREACH, instant("14:05"))]


def test_a_clock_that_is_set_back_raises_no_lower_level() -> None:
    watch = Watch()
    watch.look("14:05", "13:55", "14:00", "14:05")
    assert watch.raised == [(BREACH, instant("14:05"))]


def test_acknowledging_an_escalation_raises_no_breach_after_it() -> None:
    watch = Watch(made=ESCALATING)
    watch.look("16:00")
    watch.alerts[0] = replace(watch.alerts[0], acknowledged_ms=instant("16:10"))
    watch.look("16:11", "18:00")
    assert watch.raised == [(ESCALATION, instant("16:00"))]


def test_d_c_two_that_look_together_raise_one_identity() -> None:
    watch = Watch()
    both = [alerts_due(watch.sight(instant("13:24")), watch.policy) for _ in range(2)]
    assert both[0] == both[1]
    assert [alert.key for alert in both[0]] == [f"t1/RESOLUTION/1/{240 * MINUTE_MS}/ALERT"]


def test_d_d_a_target_that_comes_back_raises_nothing_again() -> None:
    watch = Watch(made=policy(p2=P2_ALWAYS))
    watch.look("13:24")
    for steps in (["OPEN P2 13:25"], ["OPEN P2 13:25", "OPEN P1 13:26"]):
        watch.subject = history("NEW P1 10:00", *steps)
        watch.look("13:26", "13:27")
    assert watch.raised == [(ALERT, instant("13:24"))]


def test_d_e_the_like_within_the_window_is_kept_and_not_told() -> None:
    watch = Watch()
    watch.look_each_minute("13:20", "13:26")
    watch.policy = policy(p1=(minutes(15), minutes(230)))
    watch.look_each_minute("13:27", "14:10")
    assert watch.raised == [
        (ALERT, instant("13:24")),
        (ALERT, instant("13:27")),
        (BREACH, instant("13:50")),
    ]
    assert [alert.is_suppressed for alert in watch.alerts] == [False, True, False]
    assert [alert.escalation_level for alert in watch.alerts] == [1, 1, 2]
    assert watch.level == 2


@pytest.mark.parametrize(
    ("minute", "suppressed"), [("13:38", True), ("13:39", False), ("13:10", True), ("13:09", False)]
)
def test_the_window_ends_after_15_minutes(minute: str, suppressed: bool) -> None:
    # two of them by a clock that was set back
    watch = Watch()
    watch.look("13:24")
    watch.policy = policy(p1=(minutes(15), minutes(220)))
    watch.look(minute)
    assert [alert.is_suppressed for alert in watch.alerts] == [False, suppressed]


def test_a_breach_is_told_however_soon_after_the_alert() -> None:
    watch = Watch(made=policy(p1=(minutes(15), minutes(60))))
    watch.look_each_minute("10:50", "11:05")
    assert watch.raised == [(ALERT, instant("10:51")), (BREACH, instant("11:00"))]
    assert watch.level == 2


def test_what_was_not_told_does_not_hold_back_the_next() -> None:
    watch = Watch()
    for target, at in ((240, "13:24"), (241, "13:30"), (242, "13:39")):
        watch.policy = policy(p1=(minutes(15), minutes(target)))
        watch.look(at)
    assert [alert.is_suppressed for alert in watch.alerts] == [False, True, False]


def test_nothing_was_crossed_before_the_policy_was_in_force() -> None:
    made = policy(p1=(minutes(15), minutes(180)))
    sight = replace(
        Watch(made=made).sight(instant("12:40")), known=(), in_force_ms=instant("12:40")
    )
    [alert] = alerts_due(sight, made)
    assert (alert.level, alert.crossed_ms) == (ALERT, instant("12:40"))


@pytest.mark.parametrize("status", ["RESOLVED", "CANCELLED"])
def test_a_clock_at_rest_raises_nothing(status: str) -> None:
    watch = Watch(history("NEW P1 10:00", f"{status} P1 14:03"))
    watch.look("13:20", "14:05")
    assert watch.alerts == []


def test_a_paused_clock_raises_what_it_reached() -> None:
    watch = Watch(history("NEW P1 10:00", "PENDING P1 14:03"))
    watch.look("14:05")
    assert watch.raised == [(BREACH, instant("14:05"))]


def test_a_reopened_ticket_is_not_alerted_twice() -> None:
    watch = Watch(history("NEW P1 10:00", "RESOLVED P1 14:30", "OPEN P1 20:00"))
    watch.look("14:00", "14:30", "20:00", "21:00")
    assert watch.raised == [(BREACH, instant("14:00"))]


def test_a_restart_begins_at_level_0() -> None:
    made = policy(on_reopen=OnReopen.RESTART)
    watch = Watch(history("NEW P1 10:00", "RESOLVED P1 14:30", "OPEN P1 20:00"), made)
    watch.look("13:24", "14:00", "20:00")
    assert watch.level == 2
    assert escalation_level(watch.alerts, cycle=2) == 0
    watch.look("23:24")
    assert (watch.alerts[-1].cycle, watch.alerts[-1].escalation_level) == (2, 1)


def test_both_clocks_raise_the_level_of_the_subject() -> None:
    now_ms = instant("14:00")
    both = [clock(kind, S1, policy(), now_ms) for kind in SlaClockKind]
    read = [one for one in both if one is not None]
    sight = Sight(subject_id="t1", clocks=read, known=(), now_ms=now_ms)
    due = alerts_due(sight, policy())
    assert [(alert.kind, alert.level, alert.escalation_level) for alert in due] == [
        (SlaClockKind.RESPONSE, BREACH, 1),
        (SlaClockKind.RESOLUTION, BREACH, 2),
    ]


def test_escalations_follow_a_breach_each_by_itself() -> None:
    watch = Watch(made=ESCALATING)
    watch.look_each_minute("13:00", "18:30")
    assert watch.raised == [
        (ALERT, instant("13:24")),
        (BREACH, instant("14:00")),
        (ESCALATION, instant("16:00")),
        (ESCALATION, instant("18:00")),
    ]
    assert [alert.key.rpartition("/")[2] for alert in watch.alerts[2:]] == [
        "ESCALATION@1.5",
        "ESCALATION@2",
    ]
    assert watch.level == 4


def test_whoever_acknowledges_hears_of_the_breach_but_not_of_escalations() -> None:
    watch = Watch(made=ESCALATING)
    watch.look("13:24")
    watch.alerts[0] = replace(watch.alerts[0], acknowledged_ms=instant("13:30"))
    watch.look_each_minute("13:31", "18:30")
    assert watch.raised == [(ALERT, instant("13:24")), (BREACH, instant("14:00"))]


def test_a_snooze_ends() -> None:
    watch = Watch(made=ESCALATING)
    watch.look("13:24", "14:00")
    watch.alerts[1] = replace(watch.alerts[1], snoozed_until_ms=instant("16:30"))
    watch.look_each_minute("15:00", "16:29")
    assert len(watch.alerts) == 2
    # the tick is to look again when it ends, though the clock's own transition is later
    [paused] = watch.sight(instant("16:10")).clocks
    assert paused.next_transition_ms == instant("18:00")
    assert next_look_ms(paused, watch.sight(instant("16:10"))) == instant("16:30")
    watch.look("16:30")
    assert watch.raised[2:] == [(ESCALATION, instant("16:30"))]
    assert watch.alerts[2].crossed_ms == instant("16:00")


def test_an_acknowledged_clock_is_looked_at_when_it_moves_only() -> None:
    watch = Watch(made=ESCALATING)
    watch.look("14:00")
    watch.alerts[0] = replace(
        watch.alerts[0],
        acknowledged_ms=instant("14:10"),
        snoozed_until_ms=instant("19:00"),
    )
    [last] = watch.sight(instant("18:00")).clocks
    assert next_look_ms(last, watch.sight(instant("18:00"))) is None


def test_another_clock_of_the_subject_is_not_held() -> None:
    watch = Watch(made=ESCALATING)
    response = replace(
        alerts_due(watch.sight(instant("14:00")), watch.policy)[0],
        kind=SlaClockKind.RESPONSE,
        key="t1/RESPONSE",
        acknowledged_ms=instant("14:10"),
    )
    due = alerts_due(watch.sight(instant("16:00"), [response]), watch.policy)
    assert [alert.level for alert in due] == [ESCALATION]


@settings(deadline=None)
@given(case=cases(), ticks=st.lists(st.integers(0, 4000), max_size=12))
def test_each_identity_is_raised_once_and_the_level_counts_what_was_told(
    case: Case, ticks: list[int]
) -> None:
    made = replace(case.policy, escalate_at=(Fraction(2),))
    alerts: list[Alert] = []
    for tick in sorted(ticks):
        now_ms = case.history.created_ms + tick * MINUTE_MS
        read = clocks(case.history, made, now_ms)
        sight = Sight(subject_id="t1", clocks=read, known=alerts, now_ms=now_ms)
        due = alerts_due(sight, made)
        told = escalation_level([*alerts, *due], cycle=read[-1].cycle)
        assert [alert.escalation_level for alert in due[-1:]] in ([], [told])
        alerts += due
    assert len({alert.key for alert in alerts}) == len(alerts)
    assert all(alert.crossed_ms <= alert.raised_ms for alert in alerts)
