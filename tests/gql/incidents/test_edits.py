"""Incidents that are created, edited and commented through the graph."""

from typing import Any

from domain.access.roles import Actor, Role
from domain.records import Direction
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from tests import given
from tests.gql.asking import Graph, viewer

CREATE = """
    mutation C($input: CreateIncidentInput!) {
        createIncident(input: $input) {
            incident { id number title severity status version }
            userErrors { code path }
        }
    }
"""
EDIT = """
    mutation E($input: EditIncidentInput!) {
        editIncident(input: $input) {
            incident { title assignee labels status resolvedAt version }
            userErrors { code path } warnings { code path message }
        }
    }
"""
NOTE = """
    mutation N($input: AddNoteInput!) {
        addNote(input: $input) { note { id author body visibility } userErrors { code path } }
    }
"""
NEW: dict[str, Any] = {"title": "It burns", "severity": "SEV2", "idempotencyKey": "k1"}


async def created(graph: Graph, **more: object) -> dict[str, Any]:
    data = await graph.ask(CREATE, input={**NEW, **more})
    assert data["createIncident"]["userErrors"] == []
    incident: dict[str, Any] = data["createIncident"]["incident"]
    return incident


async def edited(graph: Graph, actor: Actor | None = None, **more: object) -> dict[str, Any]:
    named = {} if actor is None else {"actor": actor}
    data = await graph.ask(EDIT, **named, input=more)
    payload: dict[str, Any] = data["editIncident"]
    return payload


async def test_an_incident_is_created_under_a_number_of_ours(graph: Graph) -> None:
    incident = await created(graph)
    assert (incident["number"], incident["title"], incident["severity"]) == (
        "WP-1",
        "It burns",
        "SEV2",
    )
    assert (await created(graph))["id"] == incident["id"]


async def test_a_key_that_was_used_for_another_request_is_refused(graph: Graph) -> None:
    await created(graph)
    data = await graph.ask(CREATE, input={**NEW, "title": "Something else"})
    assert data["createIncident"] == {
        "incident": None,
        "userErrors": [{"code": "IDEMPOTENCY_MISMATCH", "path": ["idempotencyKey"]}],
    }


async def test_absent_fields_stay_and_null_empties(graph: Graph) -> None:
    incident = await created(graph)
    first = await edited(graph, id=incident["id"], assignee="Dana", addLabels=["db", "eu"])
    assert first["incident"]["assignee"] == "Dana"
    then = await edited(graph, id=incident["id"], assignee=None, removeLabels=["eu"])
    assert then["incident"]["assignee"] is None
    assert then["incident"]["labels"] == ["db"]
    assert then["incident"]["title"] == "It burns"


async def test_the_end_follows_the_status(graph: Graph) -> None:
    incident = await created(graph)
    ended = await edited(graph, id=incident["id"], status="RESOLVED")
    assert ended["incident"]["resolvedAt"] is not None
    again = await edited(graph, id=incident["id"], status="IN_PROGRESS")
    assert again["incident"]["resolvedAt"] is None


async def test_a_version_that_has_moved_on_refuses_the_edit(graph: Graph) -> None:
    incident = await created(graph)
    seen = incident["version"]
    await edited(graph, id=incident["id"], title="p", expectedVersion=seen)
    late = await edited(graph, id=incident["id"], title="q", expectedVersion=seen)
    assert late["incident"] is None
    assert late["userErrors"] == [{"code": "STALE_VERSION", "path": []}]


async def test_wrong_values_name_their_place(graph: Graph) -> None:
    incident = await created(graph)
    for wrong, path in (
        ({"title": None}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"description": "x" * 100_001}, "description"),
        ({"addLabels": ["two words"]}, "addLabels"),
    ):
        refused = await edited(graph, id=incident["id"], **wrong)
        assert refused["userErrors"] == [{"code": "INVALID", "path": [path]}], wrong


async def test_an_edit_that_is_not_sent_warns(graph: Graph) -> None:
    incident = await given.incident(number="INC7")
    integration = await given.integration("prod-snow")
    await given.link(incident, integration)
    await IntegrationRow.all().update(direction=Direction.INBOUND)
    found = await graph.ask('{ incident(by: {number: "INC7"}) { id } }')
    payload = await edited(graph, id=found["incident"]["id"], title="p")
    assert [(one["code"], one["path"]) for one in payload["warnings"]] == [("NOT_SENT", ["title"])]
    assert "prod-snow" in payload["warnings"][0]["message"]
    assert await rows("SELECT id FROM outbox") == []


async def test_a_note_is_written_once(graph: Graph) -> None:
    incident = await created(graph)
    note = {"incidentId": incident["id"], "body": "rebooted", "idempotencyKey": "n1"}
    first = (await graph.ask(NOTE, input=note))["addNote"]["note"]
    assert (first["author"], first["body"], first["visibility"]) == ("Ada", "rebooted", "INTERNAL")
    assert (await graph.ask(NOTE, input=note))["addNote"]["note"] == first


async def test_only_who_leads_an_incident_may_edit_it(graph: Graph) -> None:
    incident = await created(graph)
    commander = Actor(
        id="c", name="Dana", roles=frozenset({Role.INCIDENT_COMMANDER}), scopes=frozenset({"*"})
    )
    for actor in (viewer("*"), commander):
        refused = await edited(graph, actor, id=incident["id"], title="p")
        assert refused["userErrors"] == [{"code": "FORBIDDEN", "path": []}]
    await edited(graph, id=incident["id"], assignee="Dana")
    allowed = await edited(graph, commander, id=incident["id"], title="p")
    assert allowed["incident"]["title"] == "p"
