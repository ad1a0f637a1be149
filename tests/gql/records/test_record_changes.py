"""What happens to records of all kinds, in one subscription."""

import asyncio
from contextlib import aclosing
from typing import Any

from domain.events.entry import NewEntry, RecordEventKind, SyncEventKind, Topic
from gql.nodes import global_id
from models.reads.statement import rows
from operations.integrations.remove import DeleteIntegration, delete_integration
from tests import given
from tests.gql.asking import ADA, NOBODY, Graph, viewer
from tests.gql.test_live import PATIENCE, Stream, cursor, tailing

CHANGES = """
    subscription C($after: Cursor, $kinds: [RecordKind!]) {
        recordChanges(after: $after, kinds: $kinds) {
            __typename
            ... on StreamItem { cursor occurredAt }
            ... on RecordEvent {
                kind changed edits { field after } record { __typename title links { url } }
            }
        }
    }
"""


async def heard(stream: Stream, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(PATIENCE):
        return [(await anext(stream))["recordChanges"] for _ in range(count)]


def titles(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["record"]["__typename"], item["record"]["title"]) for item in items]


async def test_records_of_all_kinds_are_told_in_their_order(graph: Graph) -> None:
    incident = await given.incident("i")
    edit = await given.edit(incident, field="title", after="i")
    await given.told(
        given.about(await given.change("c"), changed=["status", "title"]),
        NewEntry(topic=Topic.SYNC, kind=SyncEventKind.RUN_STARTED, occurred_at=given.NOW),
        given.about(await given.event("e"), RecordEventKind.CREATED),
        given.about(await given.ticket("t", deleted_at=given.NOW), RecordEventKind.DELETED),
        given.about(await given.service("s")),
        given.about(incident, edits=[edit]),
    )
    stream = graph.events(CHANGES, after=cursor(0))
    async with tailing(graph), aclosing(stream):
        items = await heard(stream, 5)
    assert titles(items) == [
        ("Change", "c"),
        ("Event", "e"),
        ("Ticket", "t"),
        ("Service", "s"),
        ("Incident", "i"),
    ]
    assert [item["kind"] for item in items[:3]] == ["UPDATED", "CREATED", "DELETED"]
    assert (items[0]["changed"], items[0]["edits"]) == (["status", "title"], [])
    assert (items[4]["changed"], items[4]["edits"]) == ([], [{"field": "title", "after": "i"}])
    assert items[4]["cursor"] == cursor(6)


async def test_only_the_kinds_asked_for_are_told(graph: Graph) -> None:
    await given.told(
        given.about(await given.incident("i")),
        given.about(await given.ticket("t")),
        given.about(await given.change("c")),
    )
    stream = graph.events(CHANGES, after=cursor(0), kinds=["CHANGE", "TICKET"])
    async with tailing(graph), aclosing(stream):
        assert titles(await heard(stream, 2)) == [("Ticket", "t"), ("Change", "c")]


async def test_a_record_out_of_scope_is_passed_over(graph: Graph) -> None:
    mine, other = await given.integration("mine"), await given.integration("other")
    for title, integration in (("theirs", other), ("ours", mine)):
        change = await given.change(title)
        await given.link(change, integration)
        await given.told(given.about(change))
    stream = graph.events(CHANGES, actor=viewer("mine"), after=cursor(0))
    async with tailing(graph), aclosing(stream):
        assert titles(await heard(stream, 1)) == [("Change", "ours")]


VANISHED = """
    subscription V($after: Cursor) {
        recordChanges(after: $after) {
            __typename
            ... on RecordEvent { record { title } }
            ... on GoneEvent { recordId }
        }
    }
"""


async def test_what_went_for_good_with_an_integration_is_told_by_its_id(graph: Graph) -> None:
    # given records of two integrations that were deleted
    mine, other = await given.integration("mine"), await given.integration("other")
    service = await given.service("shop")
    await given.link(service, mine)
    for integration in (mine, other):
        await given.link(await given.incident(integration.key), integration)
    (went,) = await rows("SELECT id FROM incident WHERE title = 'mine'")
    for integration in (other, mine):
        ask = DeleteIntegration(integration_id=integration.id, confirm_key=integration.key)
        await delete_integration(graph.runtime, ADA, ask)
    await given.told(given.about(await given.change("c")))

    # then who had it in scope is told of it, and others are not
    stream = graph.events(VANISHED, actor=viewer("mine"), after=cursor(0))
    async with tailing(graph), aclosing(stream):
        items = await heard(stream, 3)
    assert items == [
        {"__typename": "GoneEvent", "recordId": global_id("Incident", went["id"])},
        {"__typename": "GoneEvent", "recordId": global_id("Service", service.id)},
        {"__typename": "RecordEvent", "record": {"title": "c"}},
    ]


async def test_who_may_read_nothing_hears_nothing(graph: Graph) -> None:
    assert await graph.refusal(CHANGES, actor=NOBODY) == "FORBIDDEN"
