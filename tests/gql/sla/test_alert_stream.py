"""What happens to alerts and states, as it happens."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from domain.events.entry import AlertEventKind, NewEntry, SlaEventKind, Topic
from domain.sla.terms import AlertLevel, SlaClockKind, SlaState
from gql.nodes import global_id
from tests import given
from tests.gql.asking import NOBODY, Graph, viewer
from tests.gql.test_live import PATIENCE, Stream, cursor, tailing

ALERTS = """
    subscription A($after: Cursor, $filter: AlertFilter) {
        alerts(after: $after, filter: $filter) {
            __typename
            ... on StreamItem { cursor occurredAt }
            ... on AlertEvent { kind alert { level clock subject { title } } }
            ... on GapEvent { from to askAgain }
        }
    }
"""
CHANGES = """
    subscription S($after: Cursor, $filter: SlaChangeFilter) {
        slaChanges(after: $after, filter: $filter) {
            __typename
            ... on StreamItem { cursor }
            ... on SlaEvent { state subject { __typename title } }
            ... on SlaConfigEvent { kind message }
            ... on GapEvent { from to askAgain }
        }
    }
"""


async def told(stream: Stream, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(PATIENCE):
        return [next(iter((await anext(stream)).values())) for _ in range(count)]


def titles(items: Sequence[dict[str, Any]], of: str) -> list[str]:
    shown = [item["alert"] if of == "alert" else item for item in items]
    return [one["subject"]["title"] for one in shown]


async def test_an_alert_is_told_when_it_is_raised_and_when_somebody_answers_it(
    graph: Graph,
) -> None:
    ids = await given.alerts(await given.ticket("No light"))
    await given.told(*given.raised(ids))
    async with tailing(graph), aclosing(graph.events(ALERTS, after=cursor(0))) as stream:
        (first,) = await told(stream, 1)
        assert first == {
            "__typename": "AlertEvent",
            "cursor": cursor(1),
            "occurredAt": "2026-03-02T13:24:00.000Z",
            "kind": "RAISED",
            "alert": {"level": "ALERT", "clock": "RESOLUTION", "subject": {"title": "No light"}},
        }
        # and live
        await given.told(*given.raised(ids, AlertEventKind.ACKNOWLEDGED))
        graph.live.nudge()
        (second,) = await told(stream, 1)
    assert (second["kind"], second["cursor"]) == ("ACKNOWLEDGED", cursor(2))


async def test_alerts_are_told_that_fit_the_filter(graph: Graph) -> None:
    chair, lamp = await given.ticket("chair"), await given.ticket("lamp")
    for ids in (
        await given.alerts(chair),
        await given.alerts(lamp),
        await given.alerts(chair, clock=SlaClockKind.RESPONSE),
        await given.alerts(chair, level=AlertLevel.BREACH),
        await given.alerts(chair, is_suppressed=True),
        await given.alerts(chair),
    ):
        await given.told(*given.raised(ids))
    wanted = {
        "level": ["ALERT", "ESCALATION"],
        "clock": "RESOLUTION",
        "subjectId": global_id("Ticket", chair.id),
    }
    stream = graph.events(ALERTS, after=cursor(0), filter=wanted)
    async with tailing(graph), aclosing(stream):
        assert [item["cursor"] for item in await told(stream, 2)] == [cursor(1), cursor(6)]


async def test_alerts_and_changes_are_told_to_whom_their_subject_may_be_shown(
    graph: Graph,
) -> None:
    mine, other = await given.integration("mine"), await given.integration("other")
    for title, integration in (("theirs", other), ("ours", mine)):
        incident = await given.incident(title)
        await given.link(incident, integration)
        ids = await given.alerts(incident)
        await given.told(*given.raised(ids), given.stands(incident, SlaState.ALERT))
    for query, of in ((ALERTS, "alert"), (CHANGES, "change")):
        stream = graph.events(query, actor=viewer("mine"), after=cursor(0))
        async with tailing(graph), aclosing(stream):
            assert titles(await told(stream, 1), of) == ["ours"]
        assert await graph.refusal(query, actor=NOBODY) == "FORBIDDEN"


async def test_changes_of_state_are_told_of_tickets_and_incidents(graph: Graph) -> None:
    ticket, incident = await given.ticket("a chair"), await given.incident("It burns")
    await given.told(
        given.stands(ticket, SlaState.ALERT),
        given.stands(incident, SlaState.BREACH),
        given.stands(ticket, None),
    )
    of_ticket = {"__typename": "Ticket", "title": "a chair"}
    of_incident = {"__typename": "Incident", "title": "It burns"}
    shown: list[dict[str, object]] = [
        {"state": "ALERT", "subject": of_ticket},
        {"state": "BREACH", "subject": of_incident},
        {"state": None, "subject": of_ticket},
    ]
    for wanted, places in (
        ({}, (1, 2, 3)),
        ({"subject": "TICKET"}, (1, 3)),
        ({"state": ["BREACH", "OK"]}, (2,)),
    ):
        stream = graph.events(CHANGES, after=cursor(0), filter=wanted)
        async with tailing(graph), aclosing(stream):
            items = await told(stream, len(places))
        assert items == [
            {"__typename": "SlaEvent", "cursor": cursor(place), **shown[place - 1]}
            for place in places
        ]


async def test_what_becomes_of_the_policy_file_is_told_to_those_who_filter_nothing(
    graph: Graph,
) -> None:
    refused = NewEntry(
        topic=Topic.SLA,
        kind=SlaEventKind.POLICY_REFUSED,
        occurred_at=graph.runtime.now(),
        message="sla_config.yaml: line 3, column 1: not a number",
    )
    ticket = await given.ticket("a chair")
    await given.told(refused, given.stands(ticket, SlaState.ALERT))
    stream = graph.events(CHANGES, actor=viewer("*"), after=cursor(0))
    async with tailing(graph), aclosing(stream):
        first, second = await told(stream, 2)
    assert first == {
        "__typename": "SlaConfigEvent",
        "cursor": cursor(1),
        "kind": "POLICY_REFUSED",
        "message": "sla_config.yaml: line 3, column 1: not a number",
    }
    assert second["__typename"] == "SlaEvent"
    for wanted in ({"subject": "TICKET"}, {"state": ["ALERT"]}):
        stream = graph.events(CHANGES, after=cursor(0), filter=wanted)
        async with tailing(graph), aclosing(stream):
            assert [item["cursor"] for item in await told(stream, 1)] == [cursor(2)]


@pytest.mark.parametrize(
    ("query", "again"), [(ALERTS, ["alerts"]), (CHANGES, ["tickets", "incidents", "sla"])]
)
async def test_a_gap_says_what_to_ask_again(graph: Graph, query: str, again: list[str]) -> None:
    ticket = await given.ticket()
    ids = await given.alerts(ticket)
    await given.told(*given.raised(ids), *given.raised(ids))
    await given.told(*given.raised(ids), given.stands(ticket, SlaState.ALERT))
    await given.forgotten(through=2)
    async with tailing(graph), aclosing(graph.events(query, after=cursor(1))) as stream:
        gap, event = await told(stream, 2)
    assert gap["askAgain"] == again
    assert (gap["from"], gap["to"]) == (cursor(1), cursor(2))
    assert event["__typename"] in {"AlertEvent", "SlaEvent"}
    assert await graph.refusal(query, after="torn") == "CURSOR_UNKNOWN"


async def test_silence_is_broken_by_a_heartbeat_with_the_newest_place(graph: Graph) -> None:
    ids = await given.alerts(await given.ticket())
    await given.told(*given.raised(ids))
    stream = graph.events(ALERTS, after=cursor(0), filter={"level": ["BREACH"]})
    async with tailing(graph, heartbeat=timedelta(milliseconds=20)), aclosing(stream):
        (beat,) = await told(stream, 1)
    assert (beat["__typename"], beat["cursor"]) == ("HeartbeatEvent", cursor(1))
