"""One question over all kinds of records."""

from datetime import timedelta

import pytest

from domain.records import RelationName
from tests import given
from tests.gql.asking import Graph

SPAN = """
    { incidents(first: 50) { edges { node {
        title
        changes(first: 2) { edges { confidence node {
            title
            services {
                name
                dependsOn { name }
                events(first: 2) { edges { node { title } } }
                tickets(first: 2) { edges { node { title } } }
            }
        } } }
    } } } }
"""


@pytest.mark.parametrize("incidents", [1, 30])
async def test_it_takes_as_many_statements_whatever_it_finds(
    graph: Graph, statements: list[str], incidents: int
) -> None:
    integration = await given.integration()
    database = await given.service("Database", integration)
    for number in range(incidents):
        service = await given.service(f"S{number}", integration, [await given.incident("it")])
        await given.related(service, RelationName.DEPENDS_ON, database, integration)
        hour = timedelta(hours=1)
        change = await given.change("c", starts_at=given.NOW - 2 * hour, ends_at=given.NOW)
        for record in (change, await given.event("e"), await given.ticket("t")):
            await given.affects(record, service)
    statements.clear()

    data = await graph.ask(SPAN)

    nodes = [edge["node"] for edge in data["incidents"]["edges"]]
    assert len(nodes) == incidents
    for node in nodes:
        (change_edge,) = node["changes"]["edges"]
        (service_node,) = change_edge["node"]["services"]
        assert change_edge["confidence"] == 100
        assert service_node["dependsOn"] == [{"name": "Database"}]
        assert service_node["events"]["edges"] == [{"node": {"title": "e"}}]
        assert service_node["tickets"]["edges"] == [{"node": {"title": "t"}}]
    # Incidents; causes, cures, changes nearby; services; what they depend on, their
    # events, their tickets.
    assert len(statements) == 8
