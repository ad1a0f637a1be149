"""What people say to conflicts, through the graph."""

from typing import Any

from domain.access.roles import Actor, Role
from domain.exchange import ConflictStatus
from domain.records import Direction
from gql.nodes import global_id
from models.reads.statement import rows
from models.tables.conflict import ConflictRow
from models.tables.integration import IntegrationRow
from tests import given
from tests.gql.asking import Graph, viewer
from tests.rows.conflicts import conflict

RESOLVE = """
    mutation R($input: ResolveConflictInput!) {
        resolveConflict(input: $input) {
            conflict { status resolvedBy resolvedAt version }
            userErrors { code path message } warnings { code }
        }
    }
"""
IGNORE = """
    mutation I($input: IgnoreConflictInput!) {
        ignoreConflict(input: $input) {
            conflict { status } userErrors { code path } warnings { code }
        }
    }
"""
MANY = """
    mutation M($input: ResolveConflictsInput!) {
        resolveConflicts(input: $input) {
            conflicts { number status } userErrors { code path } warnings { code }
        }
    }
"""


async def quarrelled(**columns: Any) -> ConflictRow:  # noqa: ANN401 — columns
    """An open conflict whose incident says p, and whose vendor is known to say x."""
    incident = await given.incident("p", revisions={"title": [1, 0, None, "dana"]})
    known = await IntegrationRow.first() or await given.integration()
    await given.link(incident, known, base={"title": "x"})
    return await conflict(incident, known, **columns)


def named(row: ConflictRow) -> str:
    return global_id("Conflict", row.id)


async def test_a_word_ends_it_and_is_shown(graph: Graph) -> None:
    row = await quarrelled()
    wanted = {"id": named(row), "keep": "EXTERNAL", "expectedVersion": 1}
    done = (await graph.ask(RESOLVE, input=wanted))["resolveConflict"]
    assert done == {
        "conflict": {
            "status": "RESOLVED_EXTERNAL",
            "resolvedBy": "Ada",
            "resolvedAt": "2026-03-02T13:24:00.000Z",
            "version": 1,
        },
        "userErrors": [],
        "warnings": [],
    }
    (incident,) = await rows("SELECT title FROM incident")
    assert incident["title"] == "x"
    assert {"push", "events"} <= set(graph.woken)


async def test_what_is_refused_says_why_and_where(graph: Graph) -> None:
    row = await quarrelled(version=2)
    late = {"id": named(row), "keep": "PLATFORM", "expectedVersion": 1}
    refused = (await graph.ask(RESOLVE, input=late))["resolveConflict"]
    assert refused["conflict"] is None
    assert [error["code"] for error in refused["userErrors"]] == ["STALE_VERSION"]

    ignored = (await graph.ask(IGNORE, input={"id": named(row)}))["ignoreConflict"]
    assert ignored == {"conflict": {"status": "IGNORED"}, "userErrors": [], "warnings": []}

    other = {"id": named(row), "keep": "PLATFORM"}
    (error,) = (await graph.ask(RESOLVE, input=other))["resolveConflict"]["userErrors"]
    assert (error["code"], error["path"]) == ("ALREADY_RESOLVED", ["id"])
    assert error["message"] == (
        f"conflict {row.number} is IGNORED since 2026-03-02 13:24:00 UTC, by Ada"
    )

    unknown = {"id": global_id("Conflict", "none"), "keep": "PLATFORM"}
    (error,) = (await graph.ask(RESOLVE, input=unknown))["resolveConflict"]["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["id"])


async def test_a_direction_that_sends_nothing_forbids_to_keep_ours(graph: Graph) -> None:
    row = await quarrelled()
    await IntegrationRow.all().update(direction=Direction.INBOUND)
    wanted = {"id": named(row), "keep": "PLATFORM"}
    (error,) = (await graph.ask(RESOLVE, input=wanted))["resolveConflict"]["userErrors"]
    assert (error["code"], error["path"]) == ("DIRECTION_FORBIDS", ["keep"])


async def test_who_only_reads_decides_nothing(graph: Graph) -> None:
    row = await quarrelled()
    asks = (
        (RESOLVE, "resolveConflict", {"id": named(row), "keep": "PLATFORM"}),
        (IGNORE, "ignoreConflict", {"id": named(row)}),
        (MANY, "resolveConflicts", {"filter": {}, "keep": "EXTERNAL"}),
    )
    for query, field, wanted in asks:
        for actor, code in ((viewer("*"), "FORBIDDEN"), (_leader("dana"), "FORBIDDEN")):
            refused = (await graph.ask(query, actor=actor, input=wanted))[field]
            assert [error["code"] for error in refused["userErrors"]] == [code]
    hidden = (await graph.ask(RESOLVE, actor=viewer("x"), input=asks[0][2]))["resolveConflict"]
    assert [error["code"] for error in hidden["userErrors"]] == ["NOT_FOUND"]
    assert await ConflictRow.filter(status=ConflictStatus.OPEN).count() == 1


async def test_many_end_at_once(graph: Graph) -> None:
    found = [await quarrelled() for _ in range(3)]
    wanted = {"filter": {"field": "title"}, "keep": "EXTERNAL", "limit": 2}
    done = (await graph.ask(MANY, input=wanted))["resolveConflicts"]
    assert done["conflicts"] == [
        {"number": row.number, "status": "RESOLVED_EXTERNAL"} for row in found[:2]
    ]
    too_many = {"filter": {}, "keep": "EXTERNAL", "limit": 1_001}
    refused = (await graph.ask(MANY, input=too_many))["resolveConflicts"]
    assert refused["userErrors"] == [{"code": "INVALID", "path": ["limit"]}]


def _leader(name: str) -> Actor:
    """Return a commander of other incidents."""
    roles = frozenset({Role.INCIDENT_COMMANDER})
    return Actor(id=name, name=name, roles=roles, scopes=frozenset({"*"}))
