"""What happens to conflicts, as it happens."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from typing import Any

from domain.events.entry import ConflictEventKind, NewEntry, SyncEventKind, Topic
from domain.exchange import ConflictStatus
from gql.nodes import global_id
from tests import given
from tests.gql.asking import NOBODY, Graph, viewer
from tests.gql.test_live import PATIENCE, Stream, cursor, tailing
from tests.rows.conflicts import conflict, heard

CONFLICTS = """
    subscription C($after: Cursor, $filter: ConflictFilter) {
        conflicts(after: $after, filter: $filter) {
            __typename
            ... on StreamItem { cursor occurredAt }
            ... on ConflictEvent { kind conflict { field status incident { title } } }
            ... on GapEvent { from to because }
        }
    }
"""


async def told(stream: Stream, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(PATIENCE):
        return [(await anext(stream))["conflicts"] for _ in range(count)]


async def test_what_happens_is_told_in_order_and_goes_on_after_a_cursor(graph: Graph) -> None:
    integration = await given.integration()
    row = await conflict(await given.incident("It burns"), integration)
    await given.told(
        heard(row),
        NewEntry(topic=Topic.SYNC, kind=SyncEventKind.RUN_STARTED, occurred_at=given.NOW),
        heard(row, ConflictEventKind.UPDATED),
    )
    stream = graph.events(CONFLICTS, after=cursor(0))
    async with tailing(graph), aclosing(stream):
        first, second = await told(stream, 2)
        assert (first["kind"], second["kind"]) == ("OPENED", "UPDATED")
        assert first["conflict"] == {
            "field": "title",
            "status": "OPEN",
            "incident": {"title": "It burns"},
        }
        assert second["cursor"] == cursor(3)
        # and live
        await given.told(heard(row, ConflictEventKind.IGNORED))
        graph.live.nudge()
        assert [one["kind"] for one in await told(stream, 1)] == ["IGNORED"]
    resumed = graph.events(CONFLICTS, after=first["cursor"])
    async with tailing(graph), aclosing(resumed):
        assert [one["kind"] for one in await told(resumed, 2)] == ["UPDATED", "IGNORED"]


async def test_a_filter_keeps_to_what_is_asked_for(graph: Graph) -> None:
    integration, other = await given.integration(), await given.integration("other")
    incident = await given.incident()
    for at, field in ((integration, "status"), (other, "title"), (integration, "severity")):
        await given.told(heard(await conflict(incident, at, field=field)))
    ended = await conflict(incident, integration, field="late", status=ConflictStatus.IGNORED)
    await given.told(heard(ended, ConflictEventKind.IGNORED))
    wanted = {"status": ["OPEN"], "integrationId": global_id("Integration", integration.id)}
    stream = graph.events(CONFLICTS, after=cursor(0), filter=wanted)
    async with tailing(graph), aclosing(stream):
        items = await told(stream, 2)
    assert [item["conflict"]["field"] for item in items] == ["status", "severity"]


async def test_access_is_asked_for_each_event(graph: Graph) -> None:
    mine, other = await given.integration("mine"), await given.integration("other")
    incident = await given.incident()
    for one in (mine, other):
        await given.link(incident, one)
    for at, field in ((other, "title"), (mine, "status")):
        await given.told(heard(await conflict(incident, at, field=field)))
    stream = graph.events(CONFLICTS, actor=viewer("mine"), after=cursor(0))
    async with tailing(graph), aclosing(stream):
        (item,) = await told(stream, 1)
    assert item["conflict"]["field"] == "status"
    assert await graph.refusal(CONFLICTS, actor=NOBODY) == "FORBIDDEN"


async def test_what_is_past_its_retention_is_told_as_a_gap(graph: Graph) -> None:
    row = await conflict(await given.incident(), await given.integration())
    await given.told(heard(row), heard(row), heard(row))
    await given.forgotten(through=2)
    stream = graph.events(CONFLICTS, after=cursor(1))
    async with tailing(graph), aclosing(stream):
        gap, event = await told(stream, 2)
    assert (gap["__typename"], gap["to"], event["cursor"]) == ("GapEvent", cursor(2), cursor(3))
    assert await graph.refusal(CONFLICTS, after="torn") == "CURSOR_UNKNOWN"


async def test_silence_is_broken_by_a_heartbeat_with_the_newest_place(graph: Graph) -> None:
    row = await conflict(await given.incident(), await given.integration())
    await given.told(heard(row))
    stream = graph.events(CONFLICTS, after=cursor(0), filter={"status": ["IGNORED"]})
    async with tailing(graph, heartbeat=timedelta(milliseconds=20)), aclosing(stream):
        (beat,) = await told(stream, 1)
    assert (beat["__typename"], beat["cursor"]) == ("HeartbeatEvent", cursor(1))
