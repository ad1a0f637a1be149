"""The help desk's tickets come close to what is promised, whatever that is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulators.demo.help_desk import Promise, made, promised, worked_on

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PROMISE = Promise(tier="PREMIUM", priority="P1", response=20 * MINUTE, alert_part=0.85)


def rule(target: str, calendar: str = "always", **conditions: list[str]) -> dict[str, Any]:
    response = {"target": target, "calendar": calendar}
    conditions = {"subjects": [], "tiers": ["PREMIUM"], "priorities": ["P1"]} | conditions
    return conditions | {"response": response}


def sla(*rules: dict[str, Any]) -> dict[str, Any]:
    calendars = [{"name": "always", "always": True}, {"name": "berlin", "always": False}]
    return {"alertPercent": 85.0, "rules": list(rules), "calendars": calendars}


def test_the_soonest_answer_around_the_clock_is_found() -> None:
    found = promised(
        sla(
            rule("PT1M", "berlin"),
            rule("PT2M", subjects=["INCIDENT"]),
            rule("PT3M", tiers=[]),
            rule("PT1H30M"),
            rule("PT20M", priorities=["P2", "P3"]),
        )
    )
    assert found == Promise(tier="PREMIUM", priority="P2", response=20 * MINUTE, alert_part=0.85)
    assert promised(sla(rule("PT1M", "berlin"))) is None


def test_one_new_ticket_is_due_and_the_others_soon_are() -> None:
    ages = [NOW - datetime.fromisoformat(str(one["createdAt"])) for one in made(PROMISE, NOW)]
    alert_at = 17 * MINUTE
    assert ages[0] > alert_at
    assert all(alert_at - 2 * MINUTE < age < alert_at for age in ages[1:])


@pytest.mark.parametrize(
    ("number", "status", "minutes", "becomes"),
    [
        (1, "NEW", 18, None),
        (1, "NEW", 19, "OPEN"),
        (1, "OPEN", 20, None),
        (3, "NEW", 23, None),
        (3, "NEW", 24, "OPEN"),
        (3, "OPEN", 39, None),
        (3, "OPEN", 40, "RESOLVED"),
    ],
)
def test_tickets_are_answered_in_time_or_too_late_and_resolved(
    number: int, status: str, minutes: int, becomes: str | None
) -> None:
    created = NOW - minutes * MINUTE
    ticket = {"sourceId": f"HD-{number}", "status": status, "createdAt": created.isoformat()}
    ticket |= {"tier": "PREMIUM", "priority": "P1"}
    events = list(worked_on([ticket], PROMISE, NOW))
    assert [event["status"] for event in events] == ([becomes] if becomes else [])


def test_the_tickets_of_others_are_left_alone() -> None:
    other = {"sourceId": "CS0001", "status": "NEW", "createdAt": "2026-01-01T00:00:00.000Z"}
    assert list(worked_on([other], PROMISE, NOW)) == []
