"""Events, and their lists."""

from datetime import timedelta
from typing import Any

import pytest

from domain.records import EventSeverity, EventStatus, RelationName
from tests import given
from tests.gql.asking import Graph, viewer

PAGE = """
    query Page($first: Int, $after: String, $filter: EventFilter) {
        events(first: $first, after: $after, filter: $filter) {
            edges { node { id title incident { title } } }
            pageInfo { hasNextPage endCursor } totalCount
        }
    }
"""
ONE = "query One($id: ID!) { event(id: $id) { title severity status source dedupKey } }"


async def listed(graph: Graph, **arguments: Any) -> list[str]:  # noqa: ANN401 — any argument
    data = await graph.ask(PAGE, **arguments)
    return [edge["node"]["title"] for edge in data["events"]["edges"]]


async def test_events_are_paged_from_the_last_to_occur_with_ties_once_each(graph: Graph) -> None:
    for number in range(5):
        await given.event(f"e{number}", occurred_at=given.NOW + timedelta(hours=number == 2))
    await given.event("deleted", deleted_at=given.NOW)
    seen: list[str] = []
    page: dict[str, Any] = {}
    after = None
    for _ in range(3):
        page = (await graph.ask(PAGE, first=2, after=after))["events"]
        seen += [edge["node"]["title"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["totalCount"] == 5
    assert not page["pageInfo"]["hasNextPage"]
    assert seen[0] == "e2"
    assert sorted(seen) == [f"e{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"status": ["FIRING"]}, {"a", "b"}),
        ({"status": ["FIRING", "CLEARED"], "severity": ["CRITICAL"]}, {"b", "c"}),
        ({"severity": []}, set()),
        ({"occurred": {"from": "2026-03-02T13:24:00Z"}}, {"a", "b"}),
        ({"occurred": {"to": "2026-03-02T13:24:00Z"}}, {"c"}),
        ({"search": "night-watch", "status": ["CLEARED"]}, {"c"}),
    ],
)
async def test_a_filter_keeps_what_has_all_it_names(
    graph: Graph, filter: dict[str, object], expected: set[str]
) -> None:
    await given.event("a")
    await given.event("b", severity=EventSeverity.CRITICAL)
    await given.event(
        "c",
        severity=EventSeverity.CRITICAL,
        status=EventStatus.CLEARED,
        source="night-watch",
        occurred_at=given.NOW - timedelta(milliseconds=1),
    )
    assert set(await listed(graph, filter=filter)) == expected


async def test_an_event_and_its_incident_tell_of_each_other(graph: Graph) -> None:
    integration = await given.integration()
    incident = await given.incident("broken")
    for title in ("first", "second", "gone"):
        event = await given.event(title, deleted_at=given.NOW if title == "gone" else None)
        await given.related(event, RelationName.PART_OF, incident, integration)
    await given.event("alone")
    found = {
        edge["node"]["title"]: edge["node"]["incident"]
        for edge in (await graph.ask(PAGE))["events"]["edges"]
    }
    assert found == {"first": {"title": "broken"}, "second": {"title": "broken"}, "alone": None}
    data = await graph.ask(
        "{ incidents { edges { node { events { totalCount edges { node { title } } } } } } }"
    )
    events = data["incidents"]["edges"][0]["node"]["events"]
    assert events["totalCount"] == 2
    assert {edge["node"]["title"] for edge in events["edges"]} == {"first", "second"}


async def test_an_event_out_of_scope_reads_as_null(graph: Graph) -> None:
    await given.link(await given.event("it"), await given.integration("other"))
    named = (await graph.ask(PAGE))["events"]["edges"][0]["node"]["id"]
    assert (await graph.ask(ONE, id=named))["event"]["source"] == "monitoring"
    assert (await graph.ask(ONE, actor=viewer("mine"), id=named))["event"] is None
    assert await listed(graph, actor=viewer("mine")) == []
