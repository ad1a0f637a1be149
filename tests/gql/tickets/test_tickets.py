"""Tickets, and their lists."""

from datetime import timedelta
from typing import Any

import pytest

from domain.records import Priority, RelationName, TicketStatus
from tests import given
from tests.gql.asking import Graph, viewer

PAGE = """
    query Page($first: Int, $after: String, $offset: Int, $filter: TicketFilter,
               $orderBy: TicketOrder) {
        tickets(first: $first, after: $after, offset: $offset, filter: $filter,
                orderBy: $orderBy) {
            edges { node { id title } }
            pageInfo { hasNextPage hasPreviousPage endCursor } totalCount
        }
    }
"""
BY = "query By($by: TicketBy!) { ticket(by: $by) { id title sourceId tier incident { title } } }"


async def listed(graph: Graph, **arguments: Any) -> list[str]:  # noqa: ANN401 — any argument
    data = await graph.ask(PAGE, **arguments)
    return [edge["node"]["title"] for edge in data["tickets"]["edges"]]


@pytest.mark.parametrize("field", ["UPDATED_AT", "PRIORITY"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_cover_ties_once_each(graph: Graph, field: str, direction: str) -> None:
    for number in range(5):
        priority = Priority.P1 if number == 3 else Priority.P3
        later = timedelta(hours=number == 3)
        await given.ticket(f"t{number}", priority=priority, updated_at=given.NOW - later)
    order = {"field": field, "direction": direction}
    seen: list[str] = []
    page: dict[str, Any] = {}
    after = None
    for _ in range(3):
        page = (await graph.ask(PAGE, first=2, after=after, orderBy=order))["tickets"]
        seen += [edge["node"]["title"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert not page["pageInfo"]["hasNextPage"]
    assert seen[0 if direction == "ASC" else -1] == "t3"
    assert sorted(seen) == [f"t{number}" for number in range(5)]
    other = {"field": "PRIORITY" if field == "UPDATED_AT" else "UPDATED_AT"}
    assert await graph.code(PAGE, after=after, orderBy=other) == "BAD_CURSOR"


async def test_an_offset_passes_over_rows_with_a_filter_too(graph: Graph) -> None:
    for number in range(5):
        status = TicketStatus.OPEN if number % 2 else TicketStatus.NEW
        later = timedelta(minutes=number)
        await given.ticket(f"t{number}", status=status, updated_at=given.NOW - later)
    for wanted in (None, {"status": ["OPEN", "NEW"]}):
        page = (await graph.ask(PAGE, first=2, offset=2, filter=wanted))["tickets"]
        assert [edge["node"]["title"] for edge in page["edges"]] == ["t2", "t3"]
        assert page["pageInfo"]["hasPreviousPage"]
        assert page["pageInfo"]["hasNextPage"]
        assert page["totalCount"] == 5
    assert await listed(graph, offset=5) == []


async def test_an_offset_has_bounds_and_excludes_a_cursor(graph: Graph) -> None:
    await given.ticket()
    cursor = (await graph.ask(PAGE))["tickets"]["pageInfo"]["endCursor"]
    for arguments in ({"offset": -1}, {"offset": 10_001}, {"offset": 1, "after": cursor}):
        assert await graph.code(PAGE, **arguments) == "BAD_INPUT"


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"status": ["OPEN"]}, {"a", "b"}),
        ({"priority": ["P1"], "status": ["OPEN", "CLOSED"]}, {"b", "c"}),
        ({"tier": ["gold", "none"]}, {"c"}),
        ({"tier": []}, set()),
        ({"search": "ops-77"}, {"c"}),
    ],
)
async def test_a_filter_keeps_what_has_all_it_names(
    graph: Graph, filter: dict[str, object], expected: set[str]
) -> None:
    await given.ticket("a")
    await given.ticket("b", priority=Priority.P1)
    await given.ticket(
        "c", status=TicketStatus.CLOSED, priority=Priority.P1, tier="gold", source_id="OPS-77"
    )
    for order in ("UPDATED_AT", "PRIORITY"):
        assert set(await listed(graph, filter=filter, orderBy={"field": order})) == expected


async def test_a_ticket_is_found_by_any_of_its_names(graph: Graph) -> None:
    integration = await given.integration("other")
    ticket = await given.ticket("it", source_id="OPS-1")
    await given.link(ticket, integration, external_key="RITM7")
    incident = await given.incident("broken")
    await given.related(ticket, RelationName.PART_OF, incident, integration)
    for name in ("OPS-1", "RITM7"):
        found = (await graph.ask(BY, by={"sourceId": name}))["ticket"]
        assert (found["title"], found["incident"]) == ("it", {"title": "broken"})
        assert (await graph.ask(BY, by={"id": found["id"]}))["ticket"] == found
        hidden = await graph.ask(BY, actor=viewer("mine"), by={"sourceId": name})
        assert hidden["ticket"] is None
    assert (await graph.ask(BY, by={"sourceId": "OPS-2"}))["ticket"] is None
    data = await graph.ask(
        "{ incidents { edges { node { tickets { edges { node { title } } } } } } }"
    )
    tickets = data["incidents"]["edges"][0]["node"]["tickets"]
    assert tickets["edges"] == [{"node": {"title": "it"}}]


async def test_a_name_that_several_share_finds_none(graph: Graph) -> None:
    await given.ticket(source_id="OPS-1")
    await given.ticket(source_id="OPS-1")
    assert (await graph.ask(BY, by={"sourceId": "OPS-1"}))["ticket"] is None
