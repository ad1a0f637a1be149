from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from simulators.company import SERVICES
from simulators.demo.desk import route
from simulators.demo.plot import Act, Incident, at_once, incident, timeline
from simulators.jira.workflows import CHANGE, INCIDENT, REQUEST

OPENED = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
NEW = Incident(
    number="INC0000001",
    title="Slow",
    priority="3",
    state="1",
    service=SERVICES[0],
    opened_at=OPENED,
)
MANY = [replace(NEW, number=f"INC{number:07d}") for number in range(500)]


@pytest.mark.parametrize("minutes", [(), (0,), (5, 90), (-3, 4)])
def test_what_surrounds_an_incident_never_follows_what_is_last_known_of_it(
    minutes: tuple[int, ...],
) -> None:
    moves = [(OPENED + timedelta(minutes=late), "2") for late in minutes]
    last = max([OPENED, *(at for at, _ in moves)])
    for told in MANY:
        steps = list(timeline(told, moves))
        assert max(at for at, _, _ in steps) <= last
        acts = [act for _, act, _ in sorted(steps, key=lambda step: step[0])]
        assert acts.index(Act.OPEN) < acts.index(Act.ASK)
        assert acts.count(Act.FOLLOW) == 1 + len(moves)


def test_what_caused_an_incident_was_over_before_it_was_opened() -> None:
    for told in MANY:
        before = {act: at for at, act, _ in timeline(told, []) if act not in (Act.OPEN, Act.ASK)}
        assert (Act.END in before) == told.has_change
        assert (Act.DEPLOY in before) == told.has_deployment
        if told.has_change:
            assert before[Act.PLAN] < before[Act.START] < before[Act.END] < OPENED
        if told.has_deployment:
            assert before[Act.DEPLOY] < OPENED


def test_an_incident_of_today_is_told_in_the_order_of_acts() -> None:
    order = list(Act)
    for told in MANY:
        acts = at_once(told)
        assert acts == sorted(acts, key=order.index)
        assert Act.END not in acts


def test_an_incident_is_known_to_one_other_vendor_at_most() -> None:
    assert not any(told.is_paged and told.has_twin for told in MANY)
    assert any(told.is_paged for told in MANY)
    assert any(told.has_twin for told in MANY)
    assert all(replace(told, priority="1").is_paged for told in MANY)
    assert not any(replace(told, priority="4").is_paged for told in MANY)


def test_customers_ask_once_each() -> None:
    asked = [told.customers for told in MANY]
    assert all(len({one.key for one in some}) == len(some) for some in asked)
    assert {len(some) for some in asked} == {0, 1, 2}


def test_an_incident_of_no_known_service_has_no_story() -> None:
    row = {"number": "INC1", "short_description": "", "priority": "1", "state": "1"}
    times = {"opened_at": "2026-03-02 10:00:00", "sys_created_on": "2026-03-02 10:00:00"}
    assert incident(row | times | {"business_service": ""}) is None


def test_an_issue_goes_the_shortest_way() -> None:
    assert route(INCIDENT, "1", "Completed") == ["Work in progress", "Completed"]
    assert route(INCIDENT, "10102", "Pending") == ["Work in progress", "Pending"]
    assert route(REQUEST, "10120", "Resolved") == ["Resolved"]
    assert route(CHANGE, "1", "Implementing")[-2:] == ["Awaiting implementation", "Implementing"]
    assert route(CHANGE, "10114", "Implementing") == []
    assert route(CHANGE, "10102", "Implementing") == []
