"""Services and their incidents."""

from datetime import timedelta

from tests import given
from tests.gql.asking import Graph, viewer

LIST = """
    query L($search: String, $after: String) {
        services(first: 2, after: $after, search: $search) {
            edges { node { id name criticality } } pageInfo { hasNextPage endCursor } totalCount
        }
    }
"""


async def test_services_are_paged_by_name(graph: Graph) -> None:
    integration = await given.integration()
    for name in ("Mail", "Chat", "Mail"):
        await given.service(name, integration)
    page = (await graph.ask(LIST))["services"]
    rest = (await graph.ask(LIST, after=page["pageInfo"]["endCursor"]))["services"]
    names = [edge["node"]["name"] for edge in page["edges"] + rest["edges"]]
    assert names == ["Chat", "Mail", "Mail"]
    assert page["totalCount"] == 3
    assert not rest["pageInfo"]["hasNextPage"]


async def test_a_search_ignores_capitals_and_takes_no_pattern(graph: Graph) -> None:
    integration = await given.integration()
    for name in ("E-Mail", "100% up", "1000 users"):
        await given.service(name, integration)
    for search, expected in {"mail": ["E-Mail"], "100%": ["100% up"], "!": []}.items():
        data = await graph.ask(LIST, search=search)
        assert [edge["node"]["name"] for edge in data["services"]["edges"]] == expected


async def test_a_service_shows_a_page_of_its_incidents_and_how_many_there_are(
    graph: Graph, statements: list[str]
) -> None:
    integration = await given.integration()
    incidents = [
        await given.incident(f"i{n}", updated_at=given.NOW - timedelta(hours=n)) for n in range(3)
    ]
    await given.service("Chat", integration, incidents[:1])
    await given.service("Mail", integration, incidents)
    statements.clear()
    data = await graph.ask(
        "{ services { edges { node { name incidents(first: 2) {"
        " totalCount pageInfo { hasNextPage } edges { node { title } } } } } } }"
    )
    chat, mail = (edge["node"]["incidents"] for edge in data["services"]["edges"])
    assert [edge["node"]["title"] for edge in mail["edges"]] == ["i0", "i1"]
    assert (mail["totalCount"], mail["pageInfo"]["hasNextPage"]) == (3, True)
    assert (chat["totalCount"], chat["pageInfo"]["hasNextPage"]) == (1, False)
    # One for the services, one for their incidents, one for the counts.
    assert len(statements) == 3


async def test_a_service_out_of_scope_reads_as_null(graph: Graph) -> None:
    await given.service("Mail", await given.integration("other"))
    named = (await graph.ask(LIST))["services"]["edges"][0]["node"]["id"]
    query = "query S($id: ID!) { service(id: $id) { name } }"
    assert (await graph.ask(query, id=named))["service"] == {"name": "Mail"}
    assert (await graph.ask(query, actor=viewer("mine"), id=named))["service"] is None
