"""The changes that may have to do with an incident."""

from datetime import timedelta
from typing import Any

from domain.records import RelationName
from models.tables.asset import AssetRow
from models.tables.change import ChangeRow
from tests import given
from tests.gql.asking import Graph, viewer

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
BEGAN = given.NOW - timedelta(hours=1)
QUERY = """
    query R($first: Int, $after: String) { incidents { edges { node { title
        changes(first: $first, after: $after) {
            edges { cursor node { title } confidence explicit because }
            pageInfo { hasNextPage hasPreviousPage endCursor } totalCount
        }
    } } } }
"""


async def changed(
    service: AssetRow, title: str, *, ended: timedelta, began: timedelta = 2 * DAY
) -> ChangeRow:
    """A change that began and ended so long before the incident."""
    change = await given.change(title, starts_at=BEGAN - began, ends_at=BEGAN - ended)
    await given.affects(change, service)
    return change


async def told(graph: Graph, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 — any argument
    (edge,) = (await graph.ask(QUERY, **arguments))["incidents"]["edges"]
    changes: dict[str, Any] = edge["node"]["changes"]
    return changes


async def test_changes_near_in_place_and_time_are_told_the_surest_first(graph: Graph) -> None:
    # given an incident of a shop that needs a database
    integration = await given.integration()
    shop = await given.service("Shop", integration, [await given.incident(started_at=BEGAN)])
    database = await given.service("Database", integration)
    await given.related(shop, RelationName.DEPENDS_ON, database, integration)

    # when there are changes on both, and some too early, too late or elsewhere
    await changed(shop, "an hour", ended=60 * MINUTE)
    await changed(shop, "half a day", ended=720 * MINUTE)
    await changed(shop, "running", ended=-DAY)
    await changed(database, "below", ended=60 * MINUTE)
    await changed(database, "below a day ago", ended=DAY)
    await changed(shop, "too early", ended=DAY + timedelta(milliseconds=1))
    await changed(shop, "too late", ended=-DAY, began=-MINUTE)
    await changed(await given.service("Mail", integration), "elsewhere", ended=MINUTE)

    # then those are told with their confidence
    changes = await told(graph)
    assert [(edge["node"]["title"], edge["confidence"]) for edge in changes["edges"]] == [
        ("running", 100),
        ("an hour", 98),
        ("half a day", 80),
        ("below", 78),
        ("below a day ago", 40),
    ]
    assert not any(edge["explicit"] for edge in changes["edges"])
    assert [edge["because"] for edge in changes["edges"][:4:3]] == [
        "It concerns Shop, which the incident affects, and had not ended when the incident began.",
        (
            "It concerns Database, on which a service of the incident depends,"
            " and ended 60 min before the incident began."
        ),
    ]


async def test_what_a_vendor_names_is_certain_whenever_it_was(graph: Graph) -> None:
    integration = await given.integration()
    incident = await given.incident(started_at=BEGAN)
    shop = await given.service("Shop", integration, [incident])
    cause = await changed(shop, "cause", ended=60 * MINUTE)
    cure = await given.change("cure", starts_at=given.NOW, ends_at=given.NOW)
    for change, name in ((cause, RelationName.CAUSED_BY), (cure, RelationName.FIXED_BY)):
        await given.related(incident, name, change, integration)
    edges = (await told(graph))["edges"]
    assert [
        (edge["node"]["title"], edge["confidence"], edge["explicit"], edge["because"])
        for edge in edges
    ] == [
        ("cure", 100, True, "A vendor names it as the incident's cure."),
        ("cause", 100, True, "A vendor names it as the incident's cause."),
    ]


async def test_they_are_paged(graph: Graph) -> None:
    integration = await given.integration()
    shop = await given.service("Shop", integration, [await given.incident(started_at=BEGAN)])
    for number in range(5):
        await changed(shop, f"c{number}", ended=60 * MINUTE)
    seen: list[str] = []
    page: dict[str, Any] = {}
    after = None
    for _ in range(3):
        page = await told(graph, first=2, after=after)
        seen += [edge["node"]["title"] for edge in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        after = page["pageInfo"]["endCursor"]
        assert page["totalCount"] == 5
    assert not page["pageInfo"]["hasNextPage"]
    assert seen == [f"c{number}" for number in range(5)]
    list_cursor = (await graph.ask("{ incidents { pageInfo { endCursor } } }"))["incidents"]
    wrong = list_cursor["pageInfo"]["endCursor"]
    assert await graph.code(QUERY, after=wrong) == "BAD_CURSOR"


async def test_changes_out_of_scope_are_not_told(graph: Graph) -> None:
    mine, other = await given.integration("mine"), await given.integration("other")
    shop = await given.service("Shop", mine, [await given.incident(started_at=BEGAN)])
    hidden = await changed(shop, "hidden", ended=MINUTE)
    await given.link(hidden, other)
    await changed(shop, "seen", ended=MINUTE)
    (edge,) = (await graph.ask(QUERY, actor=viewer("mine")))["incidents"]["edges"]
    assert [one["node"]["title"] for one in edge["node"]["changes"]["edges"]] == ["seen"]


async def test_those_of_50_incidents_take_as_many_statements_as_those_of_one(
    graph: Graph, statements: list[str]
) -> None:
    integration = await given.integration()
    shop = await given.service(
        "Shop", integration, [await given.incident(started_at=BEGAN) for _ in range(50)]
    )
    await changed(shop, "it", ended=MINUTE)
    statements.clear()
    data = await graph.ask(
        "{ incidents(first: 50) { edges { node { changes { edges { node { title } } } } } } }"
    )
    assert len(data["incidents"]["edges"]) == 50
    # The page, causes, cures, and the changes nearby.
    assert len(statements) == 4
