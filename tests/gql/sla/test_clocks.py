"""Clocks, as the graph shows them at any moment, looked at or not.

The letters are those of the vectors.
"""

from typing import Any, Final

import pytest

from domain.records import IncidentStatus, Priority
from models.reads.statement import rows
from models.tables.sla_clock import SlaSubjectRow
from models.tables.ticket import TicketRow
from tests import given
from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import POLICY, at

CLOCK: Final = """
    slaState escalationLevel
    clocks {
        kind phase state cycle target elapsed remaining percent startedAt stoppedAt pausedAt
        nextTransitionAt breachAt calendar policyVersion because
    }
"""


async def clock(pane: Pane, time: str) -> dict[str, Any]:
    (found,) = (await pane.ticket(CLOCK, time))["clocks"]
    return dict(found)


def instant(time: str) -> str:
    return f"{at(time):%Y-%m-%dT%H:%M:%S.000Z}"


@pytest.mark.parametrize(
    ("time", "state", "next_transition", "breach"),
    [
        ("10:00", "OK", "13:24", "14:00"),
        ("13:23", "OK", "13:24", "14:00"),
        ("13:24", "ALERT", "14:00", "14:00"),
        ("13:59", "ALERT", "14:00", "14:00"),
        ("14:00", "BREACH", "16:00", None),
    ],
)
async def test_s_1_to_s_3_a_clock_is_read_at_the_moment_of_the_question(
    pane: Pane, time: str, state: str, next_transition: str, breach: str | None
) -> None:
    await pane.watched.send("10:00", "NEW")
    await pane.watched.look("10:00")
    read = await pane.ticket(CLOCK, time)
    (found,) = read["clocks"]
    assert (read["slaState"], found["state"]) == (state, state)
    assert found["nextTransitionAt"] == instant(next_transition)
    assert found["breachAt"] == (instant(breach) if breach else None)


async def test_a_clock_is_read_before_anybody_looked_at_it(pane: Pane) -> None:
    await pane.watched.send("10:00", "NEW")
    assert await rows("SELECT id FROM sla_clock") == []
    found = await clock(pane, "12:00")
    assert found["elapsed"] == "PT2H"
    assert found["percent"] == 50.0


async def test_s_12_a_pause_is_told_with_its_reason(pane: Pane) -> None:
    watched = pane.watched
    await watched.send("10:00", "NEW")
    for time, status in (("10:10", "OPEN"), ("12:00", "PENDING"), ("13:00", "ON_HOLD")):
        await watched.look(time)
        await watched.send(time, status)
    paused = await clock(pane, "14:00")
    version = (await pane.ask("{ sla { version } }"))["sla"]["version"]
    assert paused == {
        "kind": "RESOLUTION",
        "phase": "PAUSED",
        "state": "OK",
        "cycle": 1,
        "target": "PT4H",
        "elapsed": "PT2H",
        "remaining": "PT2H",
        "percent": 50.0,
        "startedAt": instant("10:00"),
        "stoppedAt": None,
        "pausedAt": instant("12:00"),
        "nextTransitionAt": None,
        "breachAt": None,
        "calendar": "always",
        "policyVersion": version,
        "because": "the ticket is ON_HOLD since 2026-03-02 13:00:00 UTC, "
        "and the policy pauses the clock in ON_HOLD and PENDING",
    }
    await watched.look("15:00")
    await watched.send("15:00", "OPEN")
    running = await clock(pane, "15:00")
    assert (running["phase"], running["pausedAt"]) == ("RUNNING", None)
    assert running["because"] == "time counts: the calendar always is open"
    assert (running["nextTransitionAt"], running["breachAt"]) == (
        instant("16:24"),
        instant("17:00"),
    )


async def test_a_clock_outside_of_its_hours_says_until_when(pane: Pane) -> None:
    berlin = "berlin: {timezone: Europe/Berlin, weekly: {mon: [09:00-17:00], tue: [09:00-17:00]}}"
    text = POLICY.replace("always: {always: true}", f"always: {{always: true}}\n  {berlin}")
    await pane.watched.go_by(text.replace("240m, calendar: always", "240m, calendar: berlin"))
    await pane.watched.send("10:00", "OPEN")
    found = await clock(pane, "16:00")
    assert found["phase"] == "RUNNING"
    assert found["because"] == (
        "nothing counts: the calendar berlin is closed until 2026-03-03 08:00:00 UTC"
    )


async def test_s_20_a_raise_to_a_promise_around_the_clock_does_not_count_the_night(
    pane: Pane,
) -> None:
    berlin = "berlin: {timezone: Europe/Berlin, weekly: {mon: [09:00-12:00], tue: [09:00-12:00]}}"
    text = POLICY.replace("always: {always: true}", f"always: {{always: true}}\n  {berlin}")
    await pane.watched.go_by(text.replace("480m, calendar: always", "480m, calendar: berlin", 1))
    await pane.watched.send("10:00", "NEW", "P2")
    await pane.watched.look("20:00")
    await pane.watched.send("20:00", "NEW", "P1")
    await pane.watched.look("20:00")
    found = await clock(pane, "20:00")
    assert (found["elapsed"], found["target"], found["state"]) == ("PT1H", "PT4H", "OK")
    assert (found["nextTransitionAt"], found["breachAt"]) == (instant("22:24"), instant("23:00"))
    assert await rows("SELECT id FROM alert") == []


async def test_s11_a_clock_at_rest_stands_as_it_came_to_rest(pane: Pane) -> None:
    watched = pane.watched
    await watched.send("10:00", "OPEN")
    await watched.look("12:00")
    await watched.send("12:00", "RESOLVED")
    await watched.look("12:00")
    before = await clock(pane, "12:00")
    assert (before["phase"], before["state"], before["elapsed"]) == ("STOPPED", "OK", "PT2H")
    assert before["because"] == "the ticket is RESOLVED since 2026-03-02 12:00:00 UTC"
    await watched.go_by(POLICY.replace("target: 240m", "target: 60m"))
    await watched.look("12:01")
    assert await clock(pane, "18:00") == before


async def test_s11_a_clock_that_counts_goes_by_the_policy_in_force_at_once(pane: Pane) -> None:
    await pane.watched.send("10:00", "OPEN")
    await pane.watched.look("12:40")
    await pane.watched.go_by(POLICY.replace("target: 240m", "target: 180m"))
    found = await clock(pane, "12:40")
    assert (found["state"], found["target"]) == ("ALERT", "PT3H")
    assert round(found["percent"], 2) == 88.89


async def test_what_is_not_measured_has_no_clocks_and_no_state(pane: Pane) -> None:
    await pane.watched.send("10:00", "OPEN", "P3")
    await pane.watched.look("10:00")
    assert await pane.ticket(CLOCK) == {"slaState": None, "escalationLevel": 0, "clocks": []}


async def test_an_incident_is_a_subject_too(pane: Pane) -> None:
    await given.incident(
        priority=Priority.P1,
        status=IncidentStatus.NEW,
        started_at=at("10:00"),
        updated_at=at("10:00"),
    )
    data = await pane.ask(
        "{ incidents { edges { node { slaState clocks { kind state because } } } } }", "10:14"
    )
    (edge,) = data["incidents"]["edges"]
    assert edge["node"]["slaState"] == "ALERT"
    assert [(one["kind"], one["state"]) for one in edge["node"]["clocks"]] == [
        ("RESPONSE", "ALERT"),
        ("RESOLUTION", "OK"),
    ]


@pytest.mark.parametrize("field", ["status", "priority"])
async def test_a_value_of_the_past_that_nobody_has_mapped_is_passed_over(
    pane: Pane, field: str
) -> None:
    # given an incident that was in a state, or of a priority, which only its vendor knows
    incident = await given.incident(
        priority=Priority.P1,
        status=IncidentStatus.NEW,
        started_at=at("10:00"),
        updated_at=at("10:05"),
    )
    after = IncidentStatus.NEW if field == "status" else Priority.P1
    await given.edit(incident, field=field, before="-100", after=after, at=at("10:05"))
    await SlaSubjectRow.create(id=incident.id, kind="INCIDENT", look_at=0)

    # when its clocks are read, and watched
    query = "{ incidents { edges { node { slaState } } } alerts { totalCount } }"
    data = await pane.ask(query, "10:14")
    await pane.watched.look("10:14")

    # then it counts as what came after
    assert data["incidents"]["edges"][0]["node"]["slaState"] == "ALERT"
    assert (await pane.ask(query, "10:14"))["alerts"]["totalCount"] == 1


async def test_clocks_of_a_page_are_read_with_a_constant_number_of_statements(
    pane: Pane, statements: list[str]
) -> None:
    query = """
        { tickets(first: 20) { edges { node {
            title slaState escalationLevel clocks { kind state because }
            alerts(first: 3) { totalCount edges { node { level notifications { channel } } } }
        } } } }
    """
    counts = []
    for number in range(1, 8):
        await pane.watched.send("10:00", "NEW", key=f"T-{number}")
        if number in {1, 7}:
            await pane.watched.look("13:30")
            await pane.ask(query)
            statements.clear()
            await pane.ask(query)
            counts.append(len(statements))
    # tickets, clocks, policy, creations, steps, alerts and their number, messages
    assert counts == [8, 8]


async def test_a_deleted_ticket_owes_nothing(pane: Pane) -> None:
    await pane.watched.send("10:00", "NEW")
    await pane.watched.look("13:30")
    shown = await pane.ticket("id")
    await TicketRow.all().update(deleted_at=at("13:30"))
    data = await pane.ask(
        "query N($id: ID!) { node(id: $id) { ... on SlaSubject { slaState clocks { kind } } } }",
        id=shown["id"],
    )
    assert data["node"] == {"slaState": None, "clocks": []}
