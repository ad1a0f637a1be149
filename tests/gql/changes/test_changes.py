"""Changes, and their lists."""

from datetime import timedelta
from typing import Any

import pytest

from domain.records import ChangeRisk, ChangeStatus, RelationName
from tests import given
from tests.gql.asking import Graph, viewer

HOUR = timedelta(hours=1)
PAGE = """
    query Page($first: Int, $after: String, $filter: ChangeFilter) {
        changes(first: $first, after: $after, filter: $filter) {
            edges { node { id title } } pageInfo { hasNextPage endCursor } totalCount
        }
    }
"""
ONE = "query One($id: ID!) { change(id: $id) { title number status risk startsAt endsAt } }"


async def listed(graph: Graph, **arguments: Any) -> list[str]:  # noqa: ANN401 — any argument
    data = await graph.ask(PAGE, **arguments)
    return [edge["node"]["title"] for edge in data["changes"]["edges"]]


async def test_changes_are_paged_from_the_last_changed_with_ties_once_each(graph: Graph) -> None:
    for number in range(5):
        await given.change(f"c{number}", updated_at=given.NOW + timedelta(hours=number == 2))
    await given.change("deleted", deleted_at=given.NOW)
    seen: list[str] = []
    page: dict[str, Any] = {}
    after = None
    for _ in range(3):
        page = (await graph.ask(PAGE, first=2, after=after))["changes"]
        seen += [edge["node"]["title"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["totalCount"] == 5
    assert not page["pageInfo"]["hasNextPage"]
    assert seen[0] == "c2"
    assert sorted(seen) == [f"c{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"status": ["SCHEDULED", "FAILED"]}, {"planned", "failed", "endless"}),
        ({"status": ["FAILED"], "risk": ["HIGH"]}, {"failed"}),
        ({"risk": []}, set()),
        ({"window": {"from": "2026-03-02T13:24:00Z"}}, {"planned", "endless"}),
        ({"window": {"to": "2026-03-02T13:24:00Z"}}, {"failed", "endless"}),
        (
            {"window": {"from": "2026-03-02T11:24:00Z", "to": "2026-03-02T13:24:00Z"}},
            {"failed", "endless"},
        ),
        ({"window": {"from": "2026-03-02T12:24:00.001Z"}}, {"planned", "endless"}),
        ({"search": "chg77"}, {"failed"}),
    ],
)
async def test_a_filter_keeps_what_has_all_it_names(
    graph: Graph, filter: dict[str, object], expected: set[str]
) -> None:
    now = given.NOW
    await given.change("planned", starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    await given.change("endless", starts_at=now - 2 * HOUR)
    await given.change(
        "failed",
        number="CHG77",
        status=ChangeStatus.FAILED,
        risk=ChangeRisk.HIGH,
        starts_at=now - 2 * HOUR,
        ends_at=now - HOUR,
    )
    await given.change("undated", status=ChangeStatus.DRAFT)
    assert set(await listed(graph, filter=filter)) == expected


async def test_a_filter_follows_services(graph: Graph) -> None:
    mail = await given.service("Mail")
    await given.affects(await given.change("on mail"), mail)
    await given.change("elsewhere")
    found = (await graph.ask("{ services { edges { node { id } } } }"))["services"]["edges"]
    ids = [edge["node"]["id"] for edge in found]
    assert await listed(graph, filter={"serviceIds": ids}) == ["on mail"]
    assert await listed(graph, filter={"serviceIds": []}) == []


async def test_a_deleted_change_stays_readable_by_id_and_one_out_of_scope_is_not(
    graph: Graph,
) -> None:
    change = await given.change("it", starts_at=given.NOW)
    await given.link(change, await given.integration("other"))
    named = (await graph.ask(PAGE))["changes"]["edges"][0]["node"]["id"]
    change.deleted_at = given.NOW
    await change.save()

    assert (await graph.ask(ONE, id=named))["change"]["startsAt"] == "2026-03-02T13:24:00.000Z"
    node = "query N($id: ID!) { node(id: $id) { ... on Change { title deletedAt } } }"
    assert (await graph.ask(node, id=named))["node"]["title"] == "it"
    for query, field in ((ONE, "change"), (node, "node")):
        assert (await graph.ask(query, actor=viewer("mine"), id=named))[field] is None


async def test_a_change_tells_the_incidents_it_caused_or_cured_and_its_links(
    graph: Graph,
) -> None:
    integration = await given.integration()
    change = await given.change()
    for title, name in (("broke", RelationName.CAUSED_BY), ("mended", RelationName.FIXED_BY)):
        incident = await given.incident(title)
        await given.link(incident, integration)
        await given.related(incident, name, change, integration)
    data = await graph.ask(
        "{ changes { edges { node { incidents { totalCount edges { node { title } } }"
        " links { externalKey url lastSeenAt goneAt integration { key } } } } } }"
    )
    (node,) = (edge["node"] for edge in data["changes"]["edges"])
    titles = {edge["node"]["title"] for edge in node["incidents"]["edges"]}
    assert (titles, node["incidents"]["totalCount"]) == ({"broke", "mended"}, 2)
    (link,) = node["links"]
    assert link["externalKey"] == change.number
    assert link["url"].startswith("https://example.service-now.com/")
    assert (link["lastSeenAt"], link["goneAt"]) == ("2026-03-02T13:24:00.000Z", None)
