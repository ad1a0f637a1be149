"""Services and their incidents."""

from datetime import timedelta

from domain.records import RelationName
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
    found = {"mail": ["E-Mail"], "100": ["100% up", "1000 users"], "100%": ["100% up"], "!": []}
    for search, expected in found.items():
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


async def test_services_tell_what_they_depend_on_and_what_depends_on_them(graph: Graph) -> None:
    # given a shop that needs a database, which needs a disk, and a deleted service
    integration = await given.integration()
    shop, database, disk, gone = [
        await given.service(name, integration, deleted_at=given.NOW if name == "Gone" else None)
        for name in ("Shop", "Database", "Disk", "Gone")
    ]
    for of, to in ((shop, database), (database, disk), (database, gone)):
        await given.related(of, RelationName.DEPENDS_ON, to, integration)

    data = await graph.ask(
        "{ services { edges { node { name dependsOn { name } dependents { name } } } } }"
    )

    told = {
        edge["node"]["name"]: [
            [one["name"] for one in edge["node"][way]] for way in ("dependsOn", "dependents")
        ]
        for edge in data["services"]["edges"]
    }
    assert told == {
        "Shop": [["Database"], []],
        "Database": [["Disk"], ["Shop"]],
        "Disk": [[], ["Database"]],
    }


async def test_a_relation_of_an_integration_out_of_scope_is_not_told(graph: Graph) -> None:
    mine, other = await given.integration("mine"), await given.integration("other")
    shop, database = await given.service("Shop", mine), await given.service("Database", mine)
    await given.related(shop, RelationName.DEPENDS_ON, database, other)
    query = "{ services { edges { node { dependsOn { name } } } } }"
    for actor, expected in (
        (viewer("*"), [[], [{"name": "Database"}]]),
        (viewer("mine"), [[], []]),
    ):
        data = await graph.ask(query, actor=actor)
        assert [edge["node"]["dependsOn"] for edge in data["services"]["edges"]] == expected


async def test_a_service_shows_the_records_of_all_kinds_on_it(graph: Graph) -> None:
    mail, chat = await given.service("Mail"), await given.service("Chat")
    for title in ("first", "second"):
        for make in (given.incident, given.change, given.event, given.ticket):
            await given.affects(await make(title), mail)
    await given.affects(await given.change("both"), mail, chat)
    await given.affects(await given.event("gone", deleted_at=given.NOW), mail)
    page = "(first: 1) { totalCount edges { node { title services { name } } } }"
    data = await graph.ask(
        f"{{ services {{ edges {{ node {{ name title services {{ name }} incidents{page}"
        f" changes{page} events{page} tickets{page} }} }} }} }}"
    )
    chat_node, mail_node = (edge["node"] for edge in data["services"]["edges"])
    counts = {name: mail_node[name]["totalCount"] for name in ("incidents", "events", "tickets")}
    assert counts == {"incidents": 2, "events": 2, "tickets": 2}
    assert mail_node["changes"]["totalCount"] == 3
    assert chat_node["changes"]["edges"] == [
        {"node": {"title": "both", "services": [{"name": "Chat"}, {"name": "Mail"}]}}
    ]
    assert (chat_node["title"], chat_node["services"]) == ("Chat", [{"name": "Chat"}])
