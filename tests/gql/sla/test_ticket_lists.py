"""Lists of tickets by how their clocks are at the moment of the question, without a look."""

from datetime import timedelta
from random import Random
from typing import Any, Final

import pytest

from domain.records import Priority, TicketStatus
from domain.sla.terms import SlaState
from operations.sla.tick import evaluate_due
from operations.tickets.event import TicketEvent
from operations.tickets.ingest import IngestTickets, ingest_tickets
from tests.gql.asking import viewer
from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import POLICY, at
from tests.world import ADMIN

PAGE: Final = """
    query Page($first: Int, $after: String, $offset: Int, $filter: TicketFilter,
               $orderBy: TicketOrder) {
        tickets(first: $first, after: $after, offset: $offset, filter: $filter,
                orderBy: $orderBy) {
            edges { node {
                sourceId slaState clocks { kind phase state breachAt nextTransitionAt }
            } }
            pageInfo { hasNextPage endCursor } totalCount
        }
    }
"""
# Both promises, so that a ticket's clocks can disagree.
BOTH: Final = POLICY.replace(
    "    resolution: {target: 240m",
    "    response: {target: 60m, calendar: always}\n    resolution: {target: 240m",
)


@pytest.fixture
async def busy(pane: Pane) -> Pane:
    """Tickets of all fates; after noon only time goes on, and nobody looks."""
    watched = pane.watched
    await watched.go_by(BOTH)
    for key, priority in (("quick", "P1"), ("slow", "P2"), ("free", "P3")):
        await watched.send("10:00", "NEW", priority, key)
    for key in ("answered", "waiting", "solved", "dropped", "late", "given up"):
        await watched.send("10:00", "NEW", "P1", key)
    await watched.look("10:30")
    await watched.send("10:30", "OPEN", "P1", "answered")
    await watched.send("10:30", "PENDING", "P1", "waiting")
    await watched.send("10:30", "CANCELLED", "P1", "dropped")
    await watched.look("11:40")
    await watched.send("11:40", "RESOLVED", "P1", "late")
    await watched.send("11:40", "CANCELLED", "P1", "given up")
    await watched.send("10:45", "RESOLVED", "P1", "solved")
    await watched.look("12:00")
    return pane


async def page(pane: Pane, time: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 — any argument
    found: dict[str, Any] = (await pane.ask(PAGE, time, **arguments))["tickets"]
    return found


async def listed(pane: Pane, time: str, **arguments: Any) -> list[str]:  # noqa: ANN401 — any argument
    found = await page(pane, time, **arguments)
    names = [edge["node"]["sourceId"] for edge in found["edges"]]
    if "first" not in arguments:
        assert found["totalCount"] == len(names)
    return names


@pytest.mark.parametrize("time", ["12:00", "13:23", "13:24", "13:59", "14:00", "16:48", "18:00"])
async def test_a_state_lists_what_shows_it_at_any_time(busy: Pane, time: str) -> None:
    every = (await page(busy, time))["edges"]
    shown = {edge["node"]["sourceId"]: edge["node"] for edge in every}
    assert len(shown) == 9
    for states in (["OK"], ["ALERT"], ["BREACH"], ["OK", "ALERT"], ["ALERT", "BREACH"], []):
        expected = {key for key, node in shown.items() if node["slaState"] in states}
        for field in ("UPDATED_AT", "PRIORITY", "BREACH_AT", "NEXT_TRANSITION_AT"):
            arguments = {"filter": {"slaState": states}, "orderBy": {"field": field}}
            assert set(await listed(busy, time, **arguments)) == expected, (states, field)
        for clock in ("RESPONSE", "RESOLUTION"):
            of_clock = {
                key
                for key, node in shown.items()
                for one in node["clocks"]
                if one["kind"] == clock and one["state"] in states
            }
            found = await listed(busy, time, filter={"slaState": states, "clock": clock})
            assert set(found) == of_clock, (states, clock)


async def test_the_states_move_with_time_alone(busy: Pane) -> None:
    for time, expected in (
        ("12:00", ["quick", "late"]),
        ("14:00", ["quick", "answered", "late"]),
        ("18:00", ["quick", "answered", "late", "slow"]),
    ):
        found = await listed(busy, time, filter={"slaState": ["BREACH"]})
        assert sorted(found) == sorted(expected)
    resolution = {"slaState": ["ALERT"], "clock": "RESOLUTION"}
    assert await listed(busy, "13:23", filter=resolution) == []
    assert sorted(await listed(busy, "13:24", filter=resolution)) == ["answered", "quick"]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (
            {"clock": "RESPONSE"},
            {"quick", "answered", "waiting", "solved", "dropped", "late", "given up"},
        ),
        ({"paused": True}, {"waiting"}),
        ({"paused": True, "clock": "RESPONSE"}, set()),
        ({"paused": False, "tier": ["PREMIUM"], "priority": ["P2", "P3"]}, {"slow", "free"}),
        ({"breaching": {"to": "2026-03-02T15:00:00Z"}}, {"quick", "answered"}),
        ({"breaching": {"from": "2026-03-02T14:00:00.001Z"}}, {"slow"}),
        ({"breaching": {"from": "2026-03-02T10:00:00Z", "to": "2026-03-02T14:00:00Z"}}, set()),
        ({"status": ["NEW"], "slaState": ["BREACH"]}, {"quick"}),
    ],
)
async def test_a_filter_keeps_clocks_that_are_such(
    busy: Pane, filter: dict[str, object], expected: set[str]
) -> None:
    assert set(await listed(busy, "12:30", filter=filter)) == expected


@pytest.mark.parametrize(
    ("time", "order", "expected"),
    [
        ("12:30", {"field": "BREACH_AT"}, ["quick", "answered", "slow"]),
        ("12:30", {"field": "BREACH_AT", "direction": "DESC"}, ["slow", "answered", "quick"]),
        ("14:30", {"field": "BREACH_AT"}, ["slow"]),
        ("12:30", {"field": "NEXT_TRANSITION_AT"}, ["quick", "answered", "slow"]),
        ("13:30", {"field": "NEXT_TRANSITION_AT"}, ["quick", "answered", "slow"]),
        ("17:00", {"field": "NEXT_TRANSITION_AT"}, ["slow"]),
    ],
)
async def test_what_is_due_first_is_first_and_what_is_not_due_is_last(
    busy: Pane, time: str, order: dict[str, str], expected: list[str]
) -> None:
    found = await listed(busy, time, orderBy=order)
    assert len(found) == 9
    assert set(found[: len(expected)]) == set(expected)
    due = [name for name in found[: len(expected)] if name != "answered"]
    assert due == [name for name in expected if name != "answered"]


async def test_the_order_is_that_of_the_clock_asked_for(pane: Pane) -> None:
    await pane.watched.go_by(BOTH)
    await pane.watched.send("10:00", "NEW", "P1", "answered")
    await pane.watched.look("10:05")
    await pane.watched.send("10:05", "OPEN", "P1", "answered")
    await pane.watched.send("10:00", "NEW", "P2", "slow")
    await pane.watched.send("10:00", "NEW", "P1", "quick")
    await pane.watched.look("10:06")
    order = {"field": "BREACH_AT"}
    assert (await listed(pane, "10:10", orderBy=order))[0] == "quick"
    response = await listed(pane, "10:10", orderBy=order, filter={"clock": "RESPONSE"})
    assert response == ["quick", "answered"]
    # its next level is the response's alert, at 51 minutes
    (first, *_) = await listed(pane, "10:50", orderBy={"field": "NEXT_TRANSITION_AT"})
    assert first == "quick"


@pytest.mark.parametrize("field", ["BREACH_AT", "NEXT_TRANSITION_AT"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_by_what_is_due_cover_ties_and_what_is_not_due_once_each(
    busy: Pane, field: str, direction: str
) -> None:
    order = {"field": field, "direction": direction}
    whole = await listed(busy, "13:30", orderBy=order)
    seen: list[str] = []
    after, has_more = None, True
    while has_more:
        found = await page(busy, "13:30", first=3, after=after, orderBy=order)
        seen += [edge["node"]["sourceId"] for edge in found["edges"]]
        after, has_more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]
    assert seen == whole
    assert sorted(seen) == sorted(set(seen))
    offset = await listed(busy, "13:30", first=3, offset=4, orderBy=order)
    assert offset == whole[4:7]
    assert await busy.graph.code(PAGE, after=after, orderBy={"field": "PRIORITY"}) == "BAD_CURSOR"


async def test_a_list_by_what_is_due_shows_what_one_may_see(busy: Pane) -> None:
    query = '{ tickets(orderBy: {field: BREACH_AT}, filter: {search: "nothing"}) { totalCount } }'
    assert (await busy.ask(query, "12:30"))["tickets"]["totalCount"] == 0
    found = await busy.ask(PAGE, "12:30", actor=viewer("other"), orderBy={"field": "BREACH_AT"})
    # sent tickets are nobody's alone
    assert len(found["tickets"]["edges"]) == 9


async def test_whatever_happened_lists_agree_with_what_they_show(pane: Pane) -> None:
    chance, watched = Random(7), pane.watched  # noqa: S311 — the same tickets each time
    await watched.go_by(BOTH.replace("on_reopen: resume", "on_reopen: restart"))
    for minute in range(0, 180, 15):
        watched.clock.at = at("10:00") + timedelta(minutes=minute)
        happened = [
            TicketEvent(
                id=f"T-{number}",
                priority=chance.choice([Priority.P1, Priority.P1, Priority.P2, Priority.P3]),
                tier="PREMIUM",
                status=chance.choice(list(TicketStatus)) if minute else TicketStatus.NEW,
                created_at=at("10:00"),
                updated_at=watched.clock.at,
            )
            for number in range(40)
            if chance.random() < (0.15 if minute else 1)
        ]
        await ingest_tickets(watched.runtime, ADMIN, IngestTickets(events=happened))
        await evaluate_due(watched.runtime)
    seen: set[SlaState] = set()
    waiting = 0
    for time in ("12:46", "13:24", "14:00", "15:13", "16:48", "20:00"):
        every = [edge["node"] for edge in (await page(pane, time, first=100))["edges"]]
        assert len(every) == 40
        for state in SlaState:
            expected = {one["sourceId"] for one in every if one["slaState"] == state}
            found = await listed(pane, time, filter={"slaState": [state]}, first=100)
            assert set(found) == expected, (time, state)
            seen |= {state} if expected else set()
        for field, name in (("BREACH_AT", "breachAt"), ("NEXT_TRANSITION_AT", "next")):
            shown = await page(pane, time, first=100, orderBy={"field": field})
            due = [_due(edge["node"], name) for edge in shown["edges"]]
            assert due == sorted(due, key=lambda one: one or "9"), (time, field)
            assert len(due) == 40
            waiting += sum(bool(one) for one in due)
    assert seen == set(SlaState)
    assert waiting > 40


def _due(ticket: dict[str, Any], name: str) -> str:
    """Return when the first of a ticket's clocks is due; an empty text when none is."""
    instants = [
        clock["nextTransitionAt"]
        if name == "next" and clock["state"] != "BREACH"
        else clock["breachAt"]
        for clock in ticket["clocks"]
    ]
    return min((one for one in instants if one), default="")
