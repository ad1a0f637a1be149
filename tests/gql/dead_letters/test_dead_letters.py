"""Deliveries that failed for good, as the graph shows and mends them."""

from typing import Any

from domain.access.roles import Actor, Role
from domain.exchange import DeliveryState, WriteKind, WriteState
from domain.records import RecordKind
from models.tables.integration import IntegrationRow
from models.tables.sync_run import FaultyRecordRow
from operations.metrics import Figure
from tests import given
from tests.gql.asking import ADA, Graph, viewer

LETTER = """
    id number direction externalId fields status code message createdAt discardedBy discardReason
    attempts { at httpStatus outcome message } integration { key } record { title } payload
"""
LIST = f"""
    query L($status: [DeadLetterStatus!], $first: Int, $after: String) {{
        integration(by: {{key: "prod-snow"}}) {{
            id deadLetters(first: $first, after: $after, status: $status) {{
                edges {{ node {{ {LETTER} }} }} pageInfo {{ endCursor hasNextPage }} totalCount
            }}
        }}
    }}
"""
ONE = f"query O($number: Int!) {{ deadLetter(by: {{number: $number}}) {{ {LETTER} }} }}"
RETRY = """
    mutation R($id: ID!) {
        retryDeadLetter(input: {id: $id}) { deadLetter { status } userErrors { code path } }
    }
"""
DISCARD = """
    mutation D($id: ID!, $reason: String!) {
        discardDeadLetter(input: {id: $id, reason: $reason}) {
            deadLetter { status discardedBy discardReason }
            userErrors { code path } warnings { code path }
        }
    }
"""
RETRY_ALL = """
    mutation A($input: RetryDeadLettersInput!) {
        retryDeadLetters(input: $input) { deadLetters { number status } userErrors { code path } }
    }
"""
TRY = {"at": 1_772_457_840_000, "status": 503, "outcome": "VENDOR_ERROR", "message": "down"}


def acting(role: Role, name: str = "dana", *scopes: str) -> Actor:
    return Actor(
        id=name, name=name, roles=frozenset({role}), scopes=frozenset(scopes or {"prod-snow"})
    )


async def dead(to: IntegrationRow, number: int, **columns: Any) -> str:  # noqa: ANN401 — columns
    """A write that is dead, of an incident of dana's; the incident's title tells its number."""
    incident = await given.incident(f"No. {number}", assignee="dana")
    await given.link(incident, to, external_id=f"sys{number}")
    dead_one = {"state": WriteState.DEAD, "number": number, "tries": [TRY]}
    said = {"code": "VENDOR_ERROR", "error": "down"}
    return (await given.write(incident, to, **dead_one | said | columns)).id


async def told(to: IntegrationRow, number: int, **columns: Any) -> str:  # noqa: ANN401 — columns
    """A delivery that is dead."""
    dead_one = {"state": DeliveryState.DEAD, "number": number, "due_at": None, "code": "BAD_ANSWER"}
    return (await given.delivery(to, **dead_one | columns)).id


async def one(graph: Graph, number: int, actor: Actor = ADA) -> dict[str, Any]:
    found: dict[str, Any] = (await graph.ask(ONE, actor=actor, number=number))["deadLetter"]
    return found


async def test_a_write_that_is_dead_tells_what_why_and_how_often(graph: Graph) -> None:
    await dead(await given.integration(), 7)
    found = await one(graph, 7)
    assert found.pop("id")
    assert found == {
        "number": 7,
        "direction": "OUTBOUND",
        "externalId": "sys7",
        "fields": ["title"],
        "status": "DEAD",
        "code": "VENDOR_ERROR",
        "message": "down",
        "createdAt": "2026-03-02T13:24:00.000Z",
        "discardedBy": None,
        "discardReason": None,
        "attempts": [
            {
                "at": "2026-03-02T13:24:00.000Z",
                "httpStatus": 503,
                "outcome": "VENDOR_ERROR",
                "message": "down",
            }
        ],
        "integration": {"key": "prod-snow"},
        "record": {"title": "No. 7"},
        "payload": '{"title":"No. 7"}',
    }


async def test_a_row_that_cannot_be_read_is_shown_as_it_came(graph: Graph) -> None:
    snow = await given.integration()
    letter = await told(snow, 3, body=None, external_id="sys3", error="no time")
    await FaultyRecordRow.create(
        id=letter,
        integration_id=snow.id,
        kind=RecordKind.CHANGE,
        external_id="sys3",
        detail="no time",
        payload={"number": "CHG3", "api_token": "s3cr3t"},
        seen_at=given.NOW,
    )
    found = await one(graph, 3)
    assert (found["direction"], found["externalId"]) == ("INBOUND", "sys3")
    assert (found["fields"], found["record"], found["message"]) == ([], None, "no time")
    assert found["payload"] == '{"api_token":"***","number":"CHG3"}'


async def test_a_list_begins_with_the_last_and_has_dead_ones_only_unless_asked(
    graph: Graph,
) -> None:
    snow = await given.integration()
    await dead(snow, 1)
    await told(snow, 2)
    await dead(snow, 3, state=WriteState.DONE)
    await given.write(await given.incident(), snow)
    await dead(await given.integration("other"), 4)

    async def listed(**asked: Any) -> tuple[list[int], dict[str, Any]]:  # noqa: ANN401 — variables
        page = (await graph.ask(LIST, **asked))["integration"]["deadLetters"]
        return [edge["node"]["number"] for edge in page["edges"]], page

    numbers, page = await listed()
    assert (numbers, page["totalCount"]) == ([2, 1], 2)
    assert (await listed(status=["DELIVERED", "DEAD"]))[0] == [3, 2, 1]
    assert (await listed(status=[]))[0] == []
    first, page = await listed(first=1)
    assert (first, page["pageInfo"]["hasNextPage"]) == ([2], True)
    assert (await listed(first=1, after=page["pageInfo"]["endCursor"]))[0] == [1]


async def test_a_letter_is_found_by_its_id_too(graph: Graph) -> None:
    await told(await given.integration(), 2)
    named = (await one(graph, 2))["id"]
    query = """
        query N($id: ID!) {
            node(id: $id) { ... on DeadLetter { number direction } }
            deadLetter(by: {id: $id}) { number }
        }
    """
    assert await graph.ask(query, id=named) == {
        "node": {"number": 2, "direction": "INBOUND"},
        "deadLetter": {"number": 2},
    }
    hidden = await graph.ask(query, actor=viewer("other"), id=named)
    assert hidden == {"node": None, "deadLetter": None}
    assert (await graph.ask(ONE, number=99))["deadLetter"] is None


async def test_what_a_letter_says_is_for_who_keeps_the_integration_or_leads_the_incident(
    graph: Graph,
) -> None:
    snow = await given.integration()
    await dead(snow, 1)
    await told(snow, 2)
    keeper = acting(Role.INTEGRATION_MANAGER, "mia")
    leader, other = [acting(Role.INCIDENT_COMMANDER, name) for name in ("dana", "eve")]
    for actor, may_read in (
        (ADA, (True, True)),
        (keeper, (True, True)),
        (leader, (True, False)),
        (other, (False, False)),
        (viewer("prod-snow"), (False, False)),
    ):
        said = [(await one(graph, number, actor))["payload"] for number in (1, 2)]
        assert tuple(text is not None for text in said) == may_read, actor.name


async def test_no_secret_is_in_what_a_letter_says(graph: Graph) -> None:
    snow = await given.integration()
    await told(snow, 1, body='{"event": {"api_token": "canary"}}', headers={"x-secret": "canary"})
    await dead(snow, 2, payload={"password": "canary", "title": "t"})
    assert (await one(graph, 1))["payload"] == (
        '{"body":{"event":{"api_token":"***"}},"headers":{"x-secret":"***"}}'
    )
    assert (await one(graph, 2))["payload"] == '{"password":"***","title":"t"}'


async def test_what_is_no_json_is_shown_as_it_came_and_what_is_gone_as_nothing(
    graph: Graph,
) -> None:
    snow = await given.integration()
    await told(snow, 1, body="not json", headers={})
    await told(snow, 2, body=None)
    assert (await one(graph, 1))["payload"] == '{"body":"not json","headers":{}}'
    assert (await one(graph, 2))["payload"] is None


async def test_a_letter_is_retried_and_given_up(graph: Graph) -> None:
    snow = await given.integration()
    await dead(snow, 1)
    named = (await one(graph, 1))["id"]
    assert (await graph.ask(RETRY, id=named))["retryDeadLetter"] == {
        "deadLetter": {"status": "RETRYING"},
        "userErrors": [],
    }
    assert "push" in graph.woken
    refused = (await graph.ask(DISCARD, id=named, reason="x"))["discardDeadLetter"]
    assert refused["userErrors"] == [{"code": "INVALID", "path": ["id"]}]

    await dead(snow, 2, kind=WriteKind.CREATE, fields_=[])
    done = await graph.ask(DISCARD, id=(await one(graph, 2))["id"], reason="a drill")
    assert done["discardDeadLetter"] == {
        "deadLetter": {"status": "DISCARDED", "discardedBy": "Ada", "discardReason": "a drill"},
        "userErrors": [],
        "warnings": [{"code": "NOT_SENT", "path": ["id"]}],
    }


async def test_all_of_an_integration_are_retried_at_once(graph: Graph) -> None:
    snow = await given.integration()
    for number in (1, 2):
        await dead(snow, number)
    await told(snow, 3)
    named = (await graph.ask(LIST))["integration"]["id"]
    done = (await graph.ask(RETRY_ALL, input={"integrationId": named}))["retryDeadLetters"]
    assert done == {
        "deadLetters": [{"number": n, "status": "RETRYING"} for n in (1, 2, 3)],
        "userErrors": [],
    }
    assert {"push", "apply"} <= set(graph.woken)
    asked = {"integrationId": named, "ids": ["x"]}
    refused = (await graph.ask(RETRY_ALL, input=asked))["retryDeadLetters"]
    assert refused["userErrors"] == [{"code": "NOT_FOUND", "path": ["ids", "0"]}]


async def test_a_viewer_mends_nothing(graph: Graph) -> None:
    await dead(await given.integration(), 1)
    named = (await one(graph, 1))["id"]
    refused = await graph.ask(RETRY, actor=viewer("*"), id=named)
    assert refused["retryDeadLetter"]["userErrors"][0]["code"] == "FORBIDDEN"
    refused = await graph.ask(DISCARD, actor=viewer("*"), id=named, reason="x")
    assert refused["discardDeadLetter"]["userErrors"][0]["code"] == "FORBIDDEN"


async def test_what_waits_and_what_was_counted_is_in_status_and_overview(graph: Graph) -> None:
    snow, other = await given.integration(), await given.integration("other")
    incident = await given.incident()
    await given.write(incident, snow)
    await dead(snow, 1)
    await told(other, 2)
    await given.counted(snow, Figure.OUTBOUND_FAILED, 5)
    query = """
        { overview { deadLetters pendingWrites }
          integration(by: {key: "prod-snow"}) { sync {
            oldestPendingWriteAt
            metrics { outboundSuccess outboundFailed conflictsDetected driftDiscrepancies }
        } } }
    """
    shown = await graph.ask(query)
    assert shown["overview"] == {"deadLetters": 2, "pendingWrites": 1}
    assert shown["integration"]["sync"] == {
        "oldestPendingWriteAt": "2026-03-02T13:24:00.000Z",
        "metrics": {
            "outboundSuccess": 0,
            "outboundFailed": 5,
            "conflictsDetected": 0,
            "driftDiscrepancies": 0,
        },
    }
    mine = await graph.ask("{ overview { deadLetters } }", actor=viewer("prod-snow"))
    assert mine["overview"] == {"deadLetters": 1}
