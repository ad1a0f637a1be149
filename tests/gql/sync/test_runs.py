"""Sync runs: started, cancelled and listed."""

from datetime import timedelta

from domain.records import RunPhase
from tests import given
from tests.gql.asking import Graph, viewer

START = """
    mutation S($input: StartSyncInput!) {
        startSync(input: $input) {
            runs { id kind phase status integration { key } }
            userErrors { code path }
            warnings { code path }
        }
    }
"""
CANCEL = """
    mutation C($ids: [ID!]!) {
        cancelSync(input: {runIds: $ids}) { runs { status } userErrors { code path } }
    }
"""


async def test_a_second_start_returns_the_run_that_is_under_way(graph: Graph) -> None:
    await given.integration()
    first = (await graph.ask(START, input={"kinds": ["INCIDENT"]}))["startSync"]
    again = (await graph.ask(START, input={"kinds": ["INCIDENT"]}))["startSync"]
    assert first["runs"][0]["phase"] == "BACKFILL"
    assert first["runs"][0]["integration"] == {"key": "prod-snow"}
    assert first["warnings"] == []
    assert again["runs"] == first["runs"]
    assert again["warnings"] == [{"code": "ALREADY_RUNNING", "path": ["runs", "0"]}]
    assert "pull" in graph.woken


async def test_a_cancelled_run_shows_so_and_an_unknown_one_cancels_none(graph: Graph) -> None:
    await given.integration()
    started = (await graph.ask(START, input={"kinds": ["INCIDENT"]}))["startSync"]
    named = started["runs"][0]["id"]
    refused = (await graph.ask(CANCEL, ids=[named, "nonsense"]))["cancelSync"]
    assert refused == {"runs": [], "userErrors": [{"code": "NOT_FOUND", "path": ["runIds", "1"]}]}
    done = (await graph.ask(CANCEL, ids=[named]))["cancelSync"]
    assert done == {"runs": [{"status": "CANCELLED"}], "userErrors": []}


async def test_a_start_of_nothing_is_refused(graph: Graph) -> None:
    data = await graph.ask(START, input={"kinds": []})
    assert data["startSync"]["userErrors"] == [{"code": "INVALID", "path": ["kinds"]}]


async def test_runs_are_paged_from_the_last_one_and_counted_by_phase(graph: Graph) -> None:
    integration = await given.integration()
    for place in range(3):
        await given.run(integration, read=place, queued_at=given.NOW + timedelta(minutes=place))
    await given.run(integration, read=9, phase=RunPhase.BACKFILL)
    query = """
        query R($after: String) { integrations { edges { node {
            runs(first: 2, after: $after, phase: INCREMENTAL) {
                totalCount edges { node { read } } pageInfo { hasNextPage endCursor }
            }
        } } } }
    """
    page = (await graph.ask(query))["integrations"]["edges"][0]["node"]["runs"]
    after = page["pageInfo"]["endCursor"]
    rest = (await graph.ask(query, after=after))["integrations"]["edges"][0]["node"]["runs"]
    assert [edge["node"]["read"] for edge in page["edges"] + rest["edges"]] == [2, 1, 0]
    assert page["totalCount"] == 3
    assert not rest["pageInfo"]["hasNextPage"]


async def test_a_run_out_of_scope_is_no_node(graph: Graph) -> None:
    await given.integration()
    named = (await graph.ask(START, input={"kinds": ["INCIDENT"]}))["startSync"]["runs"][0]["id"]
    query = "query N($id: ID!) { node(id: $id) { ... on SyncRun { status } } }"
    assert (await graph.ask(query, id=named))["node"] == {"status": "QUEUED"}
    assert (await graph.ask(query, actor=viewer("mine"), id=named))["node"] is None
