"""What clocks have raised, as the graph lists it, and what people say to it there."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from domain.access.roles import Actor, Role
from domain.records import IncidentStatus, Priority, ServiceCriticality
from models.reads.statement import rows
from models.tables.sla_clock import SlaSubjectRow
from models.tables.ticket import TicketRow
from tests import given
from tests.gql.asking import ADA, viewer
from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import POLICY, at

PAGE: Final = """
    query Page($first: Int, $after: String, $filter: AlertFilter) {
        alerts(first: $first, after: $after, filter: $filter) {
            edges { node {
                id key level clock cycle percent target crossedAt raisedAt escalationLevel
                suppressed suppressedBecause acknowledgedAt acknowledgedBy snoozedUntil
                subject { __typename id title slaState }
                notifications { channel state attempt sentAt error }
            } }
            pageInfo { hasNextPage endCursor } totalCount
        }
    }
"""
ANSWERS: Final = """
    mutation($id: ID!, $until: DateTime!) {
        acknowledgeAlert(input: {id: $id}) {
            alert { acknowledgedAt acknowledgedBy } userErrors { code path } warnings { code }
        }
        snoozeAlert(input: {id: $id, until: $until}) {
            alert { snoozedUntil snoozedBy acknowledgedBy } userErrors { code path }
        }
    }
"""
LATER: Final = "2026-03-02T15:00:00.000Z"


async def page(pane: Pane, actor: Actor = ADA, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 — any argument
    found: dict[str, Any] = (await pane.ask(PAGE, actor=actor, **arguments))["alerts"]
    return found


async def levels(
    pane: Pane, filter: Mapping[str, object] | None = None, *, actor: Actor = ADA
) -> list[str]:
    found = await page(pane, actor, filter=filter)
    shown = [edge["node"]["level"] for edge in found["edges"]]
    assert found["totalCount"] == len(shown)
    return shown


async def test_an_alert_tells_what_was_reached_and_who_is_told(pane: Pane) -> None:
    await pane.watched.send("10:00", "NEW")
    await pane.watched.minutely("13:20", "13:25")
    (edge,) = (await page(pane))["edges"]
    alert = edge["node"]
    (ticket,) = await rows("SELECT id FROM ticket")
    assert alert.pop("id")
    assert alert.pop("subject")["__typename"] == "Ticket"
    assert alert == {
        "key": f"{ticket['id']}/RESOLUTION/1/14400000/ALERT",
        "level": "ALERT",
        "clock": "RESOLUTION",
        "cycle": 1,
        "percent": 85.0,
        "target": "PT4H",
        "crossedAt": "2026-03-02T13:24:00.000Z",
        "raisedAt": "2026-03-02T13:24:00.000Z",
        "escalationLevel": 1,
        "suppressed": False,
        "suppressedBecause": None,
        "acknowledgedAt": None,
        "acknowledgedBy": None,
        "snoozedUntil": None,
        "notifications": [
            {"channel": "slack", "state": "READY", "attempt": 0, "sentAt": None, "error": None}
        ],
    }


async def test_a_ticket_tells_its_state_its_level_its_history_and_its_alerts_at_once(
    pane: Pane,
) -> None:
    await pane.watched.send("10:00", "NEW")
    await pane.watched.minutely("13:20", "14:01")
    detail = await pane.ticket(
        """
        sourceId slaState escalationLevel clocks { state remaining }
        history { edges { node { status } } }
        alerts { totalCount edges { node { level raisedAt escalationLevel } } }
        """
    )
    assert detail == {
        "sourceId": "T-1",
        "slaState": "BREACH",
        "escalationLevel": 2,
        "clocks": [{"state": "BREACH", "remaining": "-PT1M"}],
        "history": {"edges": [{"node": {"status": "NEW"}}]},
        "alerts": {
            "totalCount": 2,
            "edges": [
                {
                    "node": {
                        "level": "BREACH",
                        "raisedAt": "2026-03-02T14:00:00.000Z",
                        "escalationLevel": 2,
                    }
                },
                {
                    "node": {
                        "level": "ALERT",
                        "raisedAt": "2026-03-02T13:24:00.000Z",
                        "escalationLevel": 1,
                    }
                },
            ],
        },
    }


async def test_d_e_what_is_suppressed_is_shown_when_asked_for_and_with_its_reason(
    pane: Pane,
) -> None:
    await pane.watched.send("10:00", "NEW")
    await pane.watched.minutely("13:24", "13:27")
    await pane.watched.go_by(POLICY.replace("target: 240m", "target: 230m"))
    await pane.watched.minutely("13:27", "13:50")
    assert await levels(pane) == ["BREACH", "ALERT"]
    found = await page(pane, filter={"includeSuppressed": True})
    _, suppressed, _ = [edge["node"] for edge in found["edges"]]
    assert (suppressed["suppressed"], suppressed["notifications"]) == (True, [])
    assert suppressed["suppressedBecause"] == (
        "the ALERT of this RESOLUTION clock was told at 13:24:00 UTC, "
        "within the policy's dedup window"
    )
    assert (await pane.ticket("alerts { totalCount }"))["alerts"] == {"totalCount": 3}


@pytest.fixture
async def told(pane: Pane) -> Pane:
    """A ticket and an incident that have raised something each; the incident's service is TIER1."""
    await pane.watched.go_by(POLICY.replace("escalate_at: [1.5]", "escalate_at: []"))
    incident = await given.incident(
        priority=Priority.P1,
        status=IncidentStatus.NEW,
        started_at=at("10:00"),
        updated_at=at("10:00"),
    )
    await given.service("api", incidents=[incident], criticality=ServiceCriticality.TIER1)
    await SlaSubjectRow.create(id=incident.id, kind="INCIDENT", look_at=0)
    await pane.watched.look("10:16")
    await pane.watched.send("10:00", "OPEN", "P2", "T-2")
    await pane.watched.look("16:48")
    return pane


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({}, ["ALERT", "ALERT", "BREACH"]),
        ({"level": ["BREACH"]}, ["BREACH"]),
        ({"level": []}, []),
        ({"clock": "RESOLUTION"}, ["ALERT", "ALERT"]),
        ({"priority": ["P2", "P3"]}, ["ALERT"]),
        ({"tier": ["PREMIUM"]}, ["ALERT"]),
        ({"tier": ["TIER1"]}, ["ALERT", "BREACH"]),
        ({"tier": ["TIER2", ""]}, []),
        ({"raised": {"from": "2026-03-02T10:16:00Z", "to": "2026-03-02T16:48:00Z"}}, ["BREACH"]),
        ({"raised": {"from": "2026-03-02T16:48:00Z"}}, ["ALERT", "ALERT"]),
    ],
)
async def test_a_filter_keeps_what_has_all_it_names(
    told: Pane, filter: dict[str, object], expected: list[str]
) -> None:
    assert await levels(told, filter) == expected


async def test_the_alerts_of_one_subject_are_found_by_its_id(told: Pane) -> None:
    subject = (await page(told, filter={"tier": ["PREMIUM"]}))["edges"][0]["node"]["subject"]
    assert await levels(told, {"subjectId": subject["id"]}) == ["ALERT"]
    service = "U2VydmljZTox"
    assert await told.graph.code(PAGE, filter={"subjectId": service}) == "BAD_INPUT"


async def test_pages_cover_ties_once_each(pane: Pane) -> None:
    for number in range(5):
        await pane.watched.send("10:00", "NEW", key=f"T-{number}")
    await pane.watched.look("13:24")
    seen: list[str] = []
    after, has_more = None, True
    while has_more:
        found = await page(pane, first=2, after=after)
        seen += [edge["node"]["key"] for edge in found["edges"]]
        after, has_more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]
    assert (len(seen), len(set(seen))) == (5, 5)


async def test_an_alert_is_seen_by_who_may_see_its_subject(told: Pane) -> None:
    ticket = await TicketRow.get(source_id="T-2")
    await given.link(ticket, await given.integration("desk"))
    await given.integration("other")
    assert await levels(told, actor=viewer("desk")) == ["ALERT", "ALERT", "BREACH"]
    assert await levels(told, actor=viewer("other")) == ["ALERT", "BREACH"]
    hidden = (await page(told, filter={"tier": ["PREMIUM"]}))["edges"][0]["node"]["id"]
    query = "query N($id: ID!) { node(id: $id) { id } overview { recentAlerts { id } } }"
    for actor, expected in ((viewer("desk"), {"id": hidden}), (viewer("other"), None)):
        data = await told.ask(query, actor=actor, id=hidden)
        assert data["node"] == expected
        shown = [one["id"] for one in data["overview"]["recentAlerts"]]
        assert (hidden in shown) == (expected is not None)


async def test_an_alert_goes_with_a_record_that_is_no_more(told: Pane) -> None:
    await TicketRow.filter(source_id="T-2").delete()
    assert await levels(told) == ["ALERT", "BREACH"]


async def test_an_answer_is_shown_with_the_alert(told: Pane) -> None:
    alert = (await page(told, filter={"level": ["BREACH"]}))["edges"][0]["node"]
    until = "2026-03-02T18:00:00.000Z"
    data = await told.ask(ANSWERS, id=alert["id"], until=until)
    assert data["acknowledgeAlert"] == {
        "alert": {"acknowledgedAt": "2026-03-02T16:48:00.000Z", "acknowledgedBy": "Ada"},
        "userErrors": [],
        "warnings": [],
    }
    assert data["snoozeAlert"] == {
        "alert": {"snoozedUntil": until, "snoozedBy": "Ada", "acknowledgedBy": "Ada"},
        "userErrors": [],
    }


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (viewer("*"), "FORBIDDEN"),
        (
            Actor(
                id="m",
                name="M",
                roles=frozenset({Role.INTEGRATION_MANAGER}),
                scopes=frozenset({"*"}),
            ),
            "FORBIDDEN",
        ),
    ],
    ids=["viewer", "manager"],
)
async def test_who_may_not_answer_is_refused(told: Pane, actor: Actor, code: str) -> None:
    alert = (await page(told))["edges"][0]["node"]
    data = await told.ask(ANSWERS, actor=actor, id=alert["id"], until="2026-03-02T18:00:00Z")
    for payload in data.values():
        assert payload["alert"] is None
        assert [error["code"] for error in payload["userErrors"]] == [code]


async def test_what_cannot_be_answered_is_refused_where_it_stands(told: Pane) -> None:
    alert = (await page(told))["edges"][0]["node"]
    past = await told.ask(ANSWERS, id=alert["id"], until=LATER)
    assert past["snoozeAlert"]["userErrors"] == [{"code": "INVALID", "path": ["until"]}]
    for other in ("QWxlcnQ6bm9uZQ==", alert["subject"]["id"]):
        data = await told.ask(ANSWERS, id=other, until="2026-03-02T18:00:00Z")
        for payload in data.values():
            assert payload["userErrors"] == [{"code": "NOT_FOUND", "path": ["id"]}]
