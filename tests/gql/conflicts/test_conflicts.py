"""Conflicts as the graph shows them."""

from datetime import timedelta
from typing import Any

from domain.exchange import ConflictKind, ConflictStatus, WarningCode
from gql.nodes import global_id
from tests import given
from tests.gql.asking import NOBODY, Graph, viewer
from tests.rows.conflicts import conflict

LIST = """
    query C($first: Int = 20, $after: String, $filter: ConflictFilter) {
        conflicts(first: $first, after: $after, filter: $filter) {
            totalCount edges { node { field } } pageInfo { hasNextPage endCursor }
        }
    }
"""
ONE = """
    query C($by: ConflictBy!) {
        conflict(by: $by) {
            id number field kind status version baseValue platformValue externalValue
            platformEditedBy externalEditedBy strategy resolvedBy warning
            platformEditedAt externalEditedAt detectedAt resolvedAt
            incident { title } integration { key }
        }
    }
"""


async def fields(graph: Graph, **wanted: Any) -> list[str]:  # noqa: ANN401 — a filter
    """Return the fields of the conflicts that a filter finds."""
    found = (await graph.ask(LIST, filter=wanted))["conflicts"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"]["field"] for edge in found["edges"]]


async def test_one_is_found_by_id_by_number_and_as_a_node(graph: Graph) -> None:
    incident, integration = await given.incident("It burns"), await given.integration()
    row = await conflict(incident, integration, warning=WarningCode.OWNER_OVERRIDDEN)
    named = global_id("Conflict", row.id)
    by_id = (await graph.ask(ONE, by={"id": named}))["conflict"]
    assert by_id == {
        "id": named,
        "number": row.number,
        "field": "title",
        "kind": "SIMULTANEOUS",
        "status": "OPEN",
        "version": 1,
        "baseValue": "a",
        "platformValue": "p",
        "externalValue": "x",
        "platformEditedBy": "dana",
        "externalEditedBy": "eve",
        "platformEditedAt": "2026-03-02T13:24:00.000Z",
        "externalEditedAt": "2026-03-02T13:24:00.000Z",
        "detectedAt": "2026-03-02T13:24:00.000Z",
        "strategy": "MANUAL_REVIEW",
        "resolvedAt": None,
        "resolvedBy": None,
        "warning": "OWNER_OVERRIDDEN",
        "incident": {"title": "It burns"},
        "integration": {"key": "prod-snow"},
    }
    assert (await graph.ask(ONE, by={"number": row.number}))["conflict"] == by_id
    node = "query N($id: ID!) { node(id: $id) { ... on Conflict { number } } }"
    assert (await graph.ask(node, id=named))["node"] == {"number": row.number}
    assert (await graph.ask(ONE, by={"number": 10_000}))["conflict"] is None


async def test_the_last_found_comes_first_whatever_its_status(graph: Graph) -> None:
    incident, integration = await given.incident(), await given.integration()
    statuses = [ConflictStatus.OPEN, ConflictStatus.IGNORED, ConflictStatus.RESOLVED_PLATFORM]
    for place, status in enumerate([*statuses, *statuses]):
        at = given.NOW + timedelta(minutes=place)
        await conflict(incident, integration, field=f"f{place}", status=status, detected_at=at)
    page = (await graph.ask(LIST, first=4))["conflicts"]
    shown = [edge["node"]["field"] for edge in page["edges"]]
    assert (shown, page["totalCount"]) == (["f5", "f4", "f3", "f2"], 6)
    rest = (await graph.ask(LIST, first=4, after=page["pageInfo"]["endCursor"]))["conflicts"]
    assert [edge["node"]["field"] for edge in rest["edges"]] == ["f1", "f0"]
    assert not rest["pageInfo"]["hasNextPage"]


async def test_filters_ask_for_all_they_name(graph: Graph) -> None:
    mine, other = await given.incident(assignee="Ada"), await given.incident()
    snow, jira = await given.integration(), await given.integration("jira", provider="jira")
    await conflict(mine, snow, field="one", kind=ConflictKind.DIVERGED)
    await conflict(mine, jira, field="two", status=ConflictStatus.IGNORED)
    await conflict(other, jira, field="three")
    assert await fields(graph, status=["OPEN"]) == ["three", "one"]
    assert await fields(graph, status=["OPEN", "IGNORED"], kind=["SIMULTANEOUS"]) == [
        "three",
        "two",
    ]
    assert await fields(graph, integrationId=global_id("Integration", snow.id)) == ["one"]
    assert await fields(graph, incidentId=global_id("Incident", other.id)) == ["three"]
    assert await fields(graph, field="two") == ["two"]
    assert await fields(graph, assignedToMe=True) == ["two", "one"]
    assert await fields(graph, status=[]) == []
    wrong = {"incidentId": global_id("Integration", snow.id)}
    assert await graph.code(LIST, filter=wrong) == "BAD_INPUT"


async def test_an_incident_shows_its_own_and_that_of_each_field(graph: Graph) -> None:
    incident, integration = await given.incident(), await given.integration()
    await conflict(incident, integration)
    await conflict(incident, integration, field="status", status=ConflictStatus.SUPERSEDED)
    await conflict(await given.incident(), integration)
    query = """
        query I($by: IncidentBy!) { incident(by: $by) {
            conflicts(filter: {status: [OPEN]}) { totalCount edges { node { field } } }
            all: conflicts(first: 1) { totalCount pageInfo { hasNextPage } }
            fields { name conflict { platformValue externalValue } }
        } }
    """
    shown = (await graph.ask(query, by={"id": global_id("Incident", incident.id)}))["incident"]
    assert shown["conflicts"] == {"totalCount": 1, "edges": [{"node": {"field": "title"}}]}
    assert shown["all"] == {"totalCount": 2, "pageInfo": {"hasNextPage": True}}
    held = {one["name"]: one["conflict"] for one in shown["fields"] if one["conflict"]}
    assert held == {"title": {"platformValue": "p", "externalValue": "x"}}


async def test_incidents_with_an_open_conflict_are_found_and_counted(graph: Graph) -> None:
    incident, integration = await given.incident("disputed"), await given.integration()
    await conflict(incident, integration)
    ended = await given.incident("calm")
    await conflict(ended, integration, status=ConflictStatus.IGNORED)
    query = """
        query O($has: Boolean) {
            overview { openConflicts }
            incidents(filter: {hasOpenConflict: $has}) { edges { node { title } } }
        }
    """
    for has, title in ((True, "disputed"), (False, "calm")):
        data = await graph.ask(query, has=has)
        assert data["overview"] == {"openConflicts": 1}
        assert [edge["node"]["title"] for edge in data["incidents"]["edges"]] == [title]


async def test_what_is_out_of_scope_is_not_there(graph: Graph) -> None:
    # given an incident of two vendors, and a reader who sees one of them
    incident = await given.incident()
    mine, other = await given.integration("mine"), await given.integration("other")
    for one in (mine, other):
        await given.link(incident, one)
    row = await conflict(incident, other)
    await conflict(incident, mine, field="status")
    query = """
        query S($number: Int!) {
            conflict(by: {number: $number}) { field }
            conflicts { totalCount edges { node { field } } }
            overview { openConflicts }
            incidents(filter: {hasOpenConflict: true}) {
                edges { node { fields { name conflict { field } } } }
            }
        }
    """
    data = await graph.ask(query, actor=viewer("mine"), number=row.number)
    assert data["conflict"] is None
    assert data["conflicts"] == {"totalCount": 1, "edges": [{"node": {"field": "status"}}]}
    assert data["overview"] == {"openConflicts": 1}
    (edge,) = data["incidents"]["edges"]
    assert [one["name"] for one in edge["node"]["fields"] if one["conflict"]] == ["status"]
    assert await graph.code(LIST, actor=NOBODY) == "FORBIDDEN"


async def test_many_incidents_cost_no_more_statements_than_one(
    graph: Graph, statements: list[str]
) -> None:
    integration = await given.integration()
    for _ in range(3):
        await conflict(await given.incident(), integration)
    query = (
        "{ incidents { edges { node { conflicts { edges { node { integration { key } } } } } } } }"
    )
    await graph.ask(query)
    assert len(statements) == 3
