"""Pages of incidents."""

from datetime import timedelta
from typing import Any

import pytest

from domain.records import IncidentStatus, Severity
from tests import given
from tests.gql.asking import Graph, viewer

PAGE = """
    query Page($first: Int, $after: String, $last: Int, $before: String,
               $filter: IncidentFilter, $orderBy: IncidentOrder) {
        incidents(first: $first, after: $after, last: $last, before: $before,
                  filter: $filter, orderBy: $orderBy) {
            edges { cursor node { title } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            totalCount
        }
    }
"""


def titles(data: dict[str, Any]) -> list[str]:
    return [edge["node"]["title"] for edge in data["incidents"]["edges"]]


async def listed(graph: Graph, **arguments: Any) -> list[str]:  # noqa: ANN401 — any argument
    return titles(await graph.ask(PAGE, **arguments))


@pytest.mark.parametrize("field", ["UPDATED_AT", "CREATED_AT", "SEVERITY", "NUMBER"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_cover_ties_once_each_in_both_directions(
    graph: Graph, field: str, direction: str
) -> None:
    # given seven incidents of which all tie but one
    for number in range(7):
        late = timedelta(minutes=number == 3)
        await given.incident(
            f"i{number}", number="INC1", updated_at=given.NOW + late, created_at=given.NOW - late
        )
    order = {"field": field, "direction": direction}
    whole = await listed(graph, orderBy=order)

    # when they are read two by two from either end
    forwards: list[str] = []
    after = None
    while True:
        data = await graph.ask(PAGE, first=2, after=after, orderBy=order)
        forwards += titles(data)
        info = data["incidents"]["pageInfo"]
        assert info["hasPreviousPage"] == (after is not None)
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break
    backwards: list[str] = []
    before = None
    while True:
        data = await graph.ask(PAGE, last=2, before=before, orderBy=order)
        backwards = titles(data) + backwards
        info = data["incidents"]["pageInfo"]
        before = info["startCursor"]
        if not info["hasPreviousPage"]:
            break

    # then both are the whole list
    assert forwards == whole
    assert backwards == whole
    assert sorted(whole) == [f"i{number}" for number in range(7)]


async def test_the_last_changed_comes_first_and_deleted_ones_are_left_out(graph: Graph) -> None:
    await given.incident("old", updated_at=given.NOW - timedelta(hours=1))
    await given.incident("new")
    await given.incident("deleted", deleted_at=given.NOW)
    assert await listed(graph) == ["new", "old"]


async def test_the_whole_is_counted_under_the_filter(graph: Graph) -> None:
    for severity in (Severity.SEV1, Severity.SEV1, Severity.SEV2):
        await given.incident(severity=severity)
    await given.incident(severity=Severity.SEV1, deleted_at=given.NOW)
    data = await graph.ask(PAGE, first=1, filter={"severity": ["SEV1"]})
    assert data["incidents"]["totalCount"] == 2
    assert data["incidents"]["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("field", ["UPDATED_AT", "CREATED_AT"])
@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"status": ["NEW", "CLOSED"]}, {"a", "c"}),
        ({"status": ["NEW"], "severity": ["SEV1"]}, {"a"}),
        ({"severity": ["SEV1", "SEV2"]}, {"a", "b"}),
        ({"status": []}, set()),
        ({"severity": []}, set()),
        ({"assignee": "ada"}, {"b"}),
        ({"unassigned": True}, {"a", "c"}),
        ({"unassigned": False}, {"b"}),
        ({"updated": {"from": "2026-03-02T13:24:00Z"}}, {"a", "b"}),
        ({"updated": {"to": "2026-03-02T13:24:00Z"}}, {"c"}),
    ],
)
async def test_a_filter_keeps_what_has_all_it_names(
    graph: Graph, field: str, filter: dict[str, object], expected: set[str]
) -> None:
    await given.incident("a", severity=Severity.SEV1)
    await given.incident("b", status=IncidentStatus.ON_HOLD, severity=Severity.SEV2, assignee="ada")
    await given.incident(
        "c", status=IncidentStatus.CLOSED, updated_at=given.NOW - timedelta(seconds=1)
    )
    order = {"field": field}
    assert set(await listed(graph, filter=filter, orderBy=order)) == expected


async def test_a_filter_follows_services_and_integrations(graph: Graph) -> None:
    first, second = await given.integration("one"), await given.integration("two")
    a, b = await given.incident("a"), await given.incident("b")
    await given.link(a, first)
    await given.link(b, second)
    await given.service("Mail", first, [a])
    data = await graph.ask("{ services { edges { node { id } } } }")
    service = data["services"]["edges"][0]["node"]["id"]
    data = await graph.ask('{ integration(by: {key: "two"}) { id } }')

    assert await listed(graph, filter={"serviceIds": [service]}) == ["a"]
    assert await listed(graph, filter={"integrationId": data["integration"]["id"]}) == ["b"]


async def test_a_filter_refuses_the_id_of_another_type(graph: Graph) -> None:
    await given.integration()
    data = await graph.ask('{ integration(by: {key: "prod-snow"}) { id } }')
    wrong = {"serviceIds": [data["integration"]["id"]]}
    assert await graph.code(PAGE, filter=wrong) == "BAD_INPUT"


async def test_a_cursor_of_another_order_is_refused(graph: Graph) -> None:
    await given.incident()
    data = await graph.ask(PAGE)
    after = data["incidents"]["pageInfo"]["endCursor"]
    order = {"field": "NUMBER"}
    assert await graph.code(PAGE, after=after, orderBy=order) == "BAD_CURSOR"


@pytest.mark.parametrize("size", [0, 101])
async def test_a_page_has_1_to_100_rows(graph: Graph, size: int) -> None:
    assert await graph.code(PAGE, first=size) == "BAD_INPUT"


async def test_a_scope_shows_what_is_linked_in_it_and_what_is_linked_nowhere(
    graph: Graph,
) -> None:
    mine, other = await given.integration("mine"), await given.integration("other")
    for title, integrations in {"m": [mine], "o": [other], "b": [mine, other], "n": []}.items():
        incident = await given.incident(title)
        for integration in integrations:
            await given.link(incident, integration)

    assert set(await listed(graph, actor=viewer("mine"))) == {"m", "b", "n"}
    assert set(await listed(graph, actor=viewer("*"))) == {"m", "o", "b", "n"}
    assert set(await listed(graph, actor=viewer())) == {"n"}
    data = await graph.ask(PAGE, actor=viewer("mine"))
    assert data["incidents"]["totalCount"] == 3
