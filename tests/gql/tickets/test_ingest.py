"""Tickets that are sent through the graph, and their histories."""

from typing import Any, Final

import pytest

from domain.records import RelationName
from gql.nodes import global_id
from models.reads.statement import rows
from tests import given
from tests.gql.asking import Graph, viewer

SEND: Final = """
    mutation Send($events: [TicketEventInput!]!) {
        ingestTickets(input: {events: $events}) {
            results { id updatedAt outcome ticket { sourceId title status } }
            userErrors { code path message }
            warnings { code path }
        }
    }
"""
HISTORY: Final = """
    query History($first: Int, $after: String) {
        tickets { edges { node { sourceId history(first: $first, after: $after) {
            edges { node { at status priority tier by } }
            pageInfo { hasNextPage endCursor } totalCount
        } } } }
    }
"""


def event(minute: int = 0, **said: object) -> dict[str, Any]:
    """An event of the ticket T-1, so many minutes after it was made."""
    return {
        "id": "T-1",
        "priority": "P3",
        "tier": "standard",
        "status": "NEW",
        "createdAt": "2026-03-02T09:00:00Z",
        "updatedAt": f"2026-03-02T09:{minute:02}:00.000Z",
    } | said


async def send(graph: Graph, *events: dict[str, Any]) -> dict[str, Any]:
    """Send events; return the payload."""
    payload: dict[str, Any] = (await graph.ask(SEND, events=list(events)))["ingestTickets"]
    return payload


async def test_each_event_has_its_result_in_its_place(graph: Graph) -> None:
    payload = await send(
        graph,
        event(0, title="I cannot pay"),
        event(9, status="RESOLVED"),
        event(5, status="PENDING"),
        event(9, status="RESOLVED"),
        event(0, title="I can pay"),
        event(0, id="T-2", updatedAt="2026-03-02T10:00:00+01:00"),
    )
    outcomes = [one["outcome"] for one in payload["results"]]
    assert outcomes == ["CREATED", "UPDATED", "LATE", "DUPLICATE", "DUPLICATE", "CREATED"]
    assert payload["results"][2] == {
        "id": "T-1",
        "updatedAt": "2026-03-02T09:05:00.000Z",
        "outcome": "LATE",
        "ticket": {"sourceId": "T-1", "title": "I cannot pay", "status": "RESOLVED"},
    }
    assert payload["results"][5]["ticket"]["title"] == "T-2"
    assert payload["userErrors"] == []
    assert payload["warnings"] == [
        {"code": "LATE_EVENT", "path": ["events", "2"]},
        {"code": "PAYLOAD_DIFFERS", "path": ["events", "4"]},
    ]


async def test_a_history_shows_late_events_in_their_place(graph: Graph) -> None:
    await send(graph, event(0), event(9, status="RESOLVED", priority="P1", tier="PREMIUM"))
    await send(graph, event(5, status="PENDING"))

    (edge,) = (await graph.ask(HISTORY))["tickets"]["edges"]
    history = edge["node"]["history"]
    assert [one["node"]["status"] for one in history["edges"]] == ["RESOLVED", "PENDING", "NEW"]
    assert history["edges"][0]["node"] == {
        "at": "2026-03-02T09:09:00.000Z",
        "status": "RESOLVED",
        "priority": "P1",
        "tier": "PREMIUM",
        "by": "Ada",
    }
    assert history["totalCount"] == 3


async def test_pages_of_a_history_cover_it_once(graph: Graph) -> None:
    await send(graph, *(event(minute) for minute in range(5)))
    seen: list[str] = []
    page: dict[str, Any] = {}
    after = None
    for _ in range(3):
        (edge,) = (await graph.ask(HISTORY, first=2, after=after))["tickets"]["edges"]
        page = edge["node"]["history"]
        seen += [one["node"]["at"][14:16] for one in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == ["04", "03", "02", "01", "00"]
    assert not page["pageInfo"]["hasNextPage"]


async def test_histories_of_many_tickets_are_read_at_once(
    graph: Graph, statements: list[str]
) -> None:
    await send(graph, *(event(0, id=f"T-{number}") for number in range(20)))
    statements.clear()
    await graph.ask("{ tickets { edges { node { history { edges { node { at } } } } } } }")
    assert len(statements) == 2


@pytest.mark.parametrize(
    ("said", "code", "path"),
    [
        ({"createdAt": "yesterday"}, "INVALID", ["createdAt"]),
        ({"updatedAt": "2026-02-30T09:00:00Z"}, "INVALID", ["updatedAt"]),
        ({"updatedAt": "2026-03-02T09:00:00"}, "INVALID", ["updatedAt"]),
        ({"updatedAt": "1970-01-01T00:00:00Z"}, "INVALID", ["updatedAt"]),
        ({"createdAt": "2100-01-01T00:00:00Z"}, "INVALID", ["createdAt"]),
        ({"id": ""}, "INVALID", ["id"]),
        ({"id": " T-1"}, "INVALID", ["id"]),
        ({"id": "T\0"}, "INVALID", ["id"]),
        ({"id": "T" * 101}, "INVALID", ["id"]),
        ({"tier": "x" * 81}, "INVALID", ["tier"]),
        ({"title": "  "}, "INVALID", ["title"]),
        ({"title": "one\ntwo"}, "INVALID", ["title"]),
        ({"title": "x" * 1_001}, "INVALID", ["title"]),
        ({"serviceIds": ["nonsense"]}, "NOT_FOUND", ["serviceIds", "0"]),
        ({"serviceIds": ["x"] * 101}, "INVALID", ["serviceIds"]),
        ({"incidentId": global_id("Incident", "gone")}, "NOT_FOUND", ["incidentId"]),
    ],
)
async def test_a_wrong_event_is_rejected_alone(
    graph: Graph, said: dict[str, object], code: str, path: list[str]
) -> None:
    payload = await send(graph, event(0, id="T-0"), event(0, **said), event(0, id="T-2"))

    assert [one["outcome"] for one in payload["results"]] == ["CREATED", "REJECTED", "CREATED"]
    assert payload["results"][1]["ticket"] is None
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == (code, ["events", "1", *path])
    found = await rows("SELECT source_id FROM ticket ORDER BY source_id")
    assert [row["source_id"] for row in found] == ["T-0", "T-2"]


@pytest.mark.parametrize(
    "said", [{"status": "DONE"}, {"priority": "P9"}, {"colour": "red"}, {"id": None}]
)
async def test_what_does_not_fit_the_schema_refuses_all(
    graph: Graph, said: dict[str, object]
) -> None:
    answer = await graph.answer(SEND, events=[event(0, id="T-0"), event(0, **said)])
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_INPUT"]
    assert await rows("SELECT id FROM ticket") == []


async def test_services_and_an_incident_follow_the_last_event_that_names_them(
    graph: Graph,
) -> None:
    shop, mail = await given.service("Shop"), await given.service("Mail")
    incident = await given.incident("Payments fail")
    services = [global_id("Service", one.id) for one in (shop, mail)]
    payload = await send(
        graph,
        event(1, serviceIds=services, incidentId=global_id("Incident", incident.id)),
        event(2, serviceIds=services[:1]),
        event(3),
    )
    assert payload["userErrors"] == []
    shown = await graph.ask(
        "{ tickets { edges { node { services { name } incident { title } } } }"
        "  incidents { edges { node { tickets { edges { node { sourceId } } } } } } }"
    )
    (ticket,) = (edge["node"] for edge in shown["tickets"]["edges"])
    assert ticket == {"services": [{"name": "Shop"}], "incident": {"title": "Payments fail"}}
    (of_incident,) = (edge["node"] for edge in shown["incidents"]["edges"])
    assert of_incident == {"tickets": {"edges": [{"node": {"sourceId": "T-1"}}]}}


async def test_an_incident_out_of_scope_is_not_shown(graph: Graph) -> None:
    integration, incident = await given.integration("other"), await given.incident("Secret")
    await given.link(incident, integration)
    await send(graph, event(0, incidentId=global_id("Incident", incident.id)))
    asked = "{ tickets { edges { node { sourceId incident { title } } } } }"
    (edge,) = (await graph.ask(asked, actor=viewer("mine")))["tickets"]["edges"]
    assert edge["node"] == {"sourceId": "T-1", "incident": None}


async def test_a_mirrored_ticket_may_be_part_of_an_incident_in_both_ways(graph: Graph) -> None:
    integration, incident = await given.integration("other"), await given.incident("Down")
    ticket = await given.ticket("it", incident_id=incident.id)
    await given.link(incident, integration)
    await given.related(ticket, RelationName.PART_OF, incident, integration)
    shown = await graph.ask("{ incidents { edges { node { tickets { totalCount } } } } }")
    assert shown["incidents"]["edges"][0]["node"]["tickets"]["totalCount"] == 1


async def test_too_many_events_are_refused_together(graph: Graph) -> None:
    asked = SEND.replace("ticket { sourceId title status }", "")
    many = [event(0, id=f"T-{number}") for number in range(1_001)]
    payload = (await graph.ask(asked, events=many))["ingestTickets"]
    assert payload["results"] == []
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("LIMIT_EXCEEDED", ["events"])
    assert (await graph.ask(asked, events=[]))["ingestTickets"]["userErrors"] == []


async def test_results_cost_as_much_as_there_are_events(graph: Graph) -> None:
    many = [event(0, id=f"T-{number}") for number in range(400)]
    asked = SEND.replace("status }", "status services { links { url } } }")
    assert await graph.code(asked, events=many) == "QUERY_TOO_COMPLEX"
    answer = await graph.answer(asked, events=many[:3])
    # the mutation, its payload and two plain lists; a result with a ticket, 3 services, 9 links
    assert answer["extensions"]["cost"]["requested"] == 10 + 1 + 2 * 10 + 3 * (1 + 1 + 3 + 9)


async def test_one_who_may_not_send_is_told_so(graph: Graph) -> None:
    answer = await graph.ask(SEND, actor=viewer("*"), events=[event(0)])
    (error,) = answer["ingestTickets"]["userErrors"]
    assert error["code"] == "FORBIDDEN"
    assert await rows("SELECT id FROM ticket") == []


async def test_what_is_sent_is_told_to_those_who_listen(graph: Graph) -> None:
    await send(graph, event(0), event(5, status="OPEN"))
    await send(graph, event(0), event(2, status="PENDING"))
    told = await rows("SELECT kind, changed FROM event_log ORDER BY number")
    assert [(row["kind"], row["changed"]) for row in told] == [
        ("CREATED", "[]"),
        ("UPDATED", '["history"]'),
    ]
    assert graph.woken == ["events", "events"]
