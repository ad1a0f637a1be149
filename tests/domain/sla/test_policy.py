"""Which promise is made to whom, and when two policies are the same (rules S3, S4, S11, S14)."""

from dataclasses import replace
from fractions import Fraction
from typing import Final

import pytest

from domain.records import Priority, TicketStatus
from domain.sla.policy import Rule, SlaPolicy, version_of
from domain.sla.terms import AlertLevel, OnReopen, SlaClockKind, SlaSubjectKind
from tests.domain.sla.promises import ALWAYS, BERLIN, NEW_YORK, minutes, policy, span

TICKET, INCIDENT = SlaSubjectKind
URGENT: Final = Rule(
    name="urgent",
    tiers=frozenset({"GOLD", "PREMIUM"}),
    priorities=frozenset({Priority.P1}),
    response=minutes(15),
    resolution=minutes(240),
)
OURS: Final = Rule(name="ours", subjects=frozenset({INCIDENT}), resolution=minutes(480))
MADE: Final = SlaPolicy(
    rules=(URGENT, OURS, Rule(name="everyone", response=minutes(60))), calendars=(ALWAYS, BERLIN)
)


@pytest.mark.parametrize(
    ("subject", "tier", "priority", "rule"),
    [
        (TICKET, "PREMIUM", Priority.P1, "urgent"),
        (INCIDENT, "GOLD", Priority.P1, "urgent"),
        (INCIDENT, "GOLD", Priority.P2, "ours"),
        (INCIDENT, "", None, "ours"),
        (TICKET, "GOLD", None, "everyone"),
        (TICKET, "unheard of", Priority.P1, "everyone"),
    ],
)
def test_the_first_rule_that_fits_wins(
    subject: SlaSubjectKind, tier: str, priority: Priority | None, rule: str
) -> None:
    assert MADE.rule_for(subject, tier, priority).name == rule


def test_a_clock_that_a_rule_leaves_out_is_not_measured() -> None:
    targets = {
        kind: MADE.target_for(kind, subject=INCIDENT, tier="", priority=None)
        for kind in SlaClockKind
    }
    assert targets == {SlaClockKind.RESPONSE: None, SlaClockKind.RESOLUTION: minutes(480)}


def test_a_policy_without_a_last_resort_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="fits everything"):
        replace(MADE, rules=(URGENT,)).rule_for(TICKET, "", None)


@pytest.mark.parametrize(
    ("target_ms", "alert_ms"),
    [(span("7"), span("5:57")), (100, 85), (101, 86), (1, 1), (20, 17)],
)
def test_a_threshold_is_rounded_up_to_the_millisecond(target_ms: int, alert_ms: int) -> None:
    escalating = replace(MADE, escalate_at=(Fraction("1.5"),))
    assert [(one.level, one.at_ms) for one in escalating.thresholds(target_ms)] == [
        (AlertLevel.ALERT, alert_ms),
        (AlertLevel.BREACH, target_ms),
        (AlertLevel.ESCALATION, -(-3 * target_ms // 2)),
    ]


def test_equal_policies_have_equal_versions() -> None:
    assert version_of(policy()) == version_of(policy())
    # what is told to nobody is not told
    quiet = replace(MADE, notify={AlertLevel.ALERT: ()})
    assert version_of(quiet) == version_of(MADE)


@pytest.mark.parametrize(
    "other",
    [
        replace(MADE, alert_at=Fraction(9, 10)),
        replace(MADE, escalate_at=(Fraction(2),)),
        replace(MADE, dedup_window_ms=0),
        replace(MADE, pause_on=frozenset()),
        replace(MADE, stop_on=frozenset({TicketStatus.CLOSED})),
        replace(MADE, on_reopen=OnReopen.COUNT),
        replace(MADE, calendars=(ALWAYS, replace(BERLIN, timezone="Europe/Paris"))),
        replace(MADE, calendars=(ALWAYS, replace(BERLIN, holidays=NEW_YORK.holidays))),
        replace(MADE, calendars=(ALWAYS, replace(BERLIN, weekly=((),) * 7))),
        replace(MADE, rules=(OURS, URGENT, MADE.rules[2])),
        replace(MADE, rules=(replace(URGENT, tiers=frozenset()), *MADE.rules[1:])),
        replace(MADE, rules=(replace(URGENT, response=minutes(14)), *MADE.rules[1:])),
        replace(MADE, rules=(replace(URGENT, response=minutes(15, BERLIN)), *MADE.rules[1:])),
        replace(MADE, notify={AlertLevel.ALERT: ("slack",)}),
    ],
)
def test_a_policy_that_means_something_else_has_another_version(other: SlaPolicy) -> None:
    assert version_of(other) != version_of(MADE)
