"""The watch in the overview, and in the lists of incidents."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from typing import Final

import pytest

from domain.events.cursor import Position, written
from domain.records import IncidentStatus, Priority
from gql.live import Live
from models.tables.incident import IncidentRow
from models.tables.sla_clock import SlaSubjectRow
from tests import given
from tests.database import EPOCH
from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import at


async def test_the_overview_counts_what_the_lists_show(pane: Pane) -> None:
    for number in range(6):
        await pane.watched.send("10:00", "OPEN", "P1" if number % 2 else "P2", f"T-{number}")
    await pane.watched.look("10:30")
    await pane.watched.send("10:30", "PENDING", "P1", "T-1")
    await pane.watched.send("10:30", "RESOLVED", "P1", "T-3")
    await pane.watched.send("10:00", "OPEN", "P3", "free")
    await pane.watched.look("10:31")
    open_ones = ["NEW", "OPEN", "PENDING", "ON_HOLD"]
    for time in ("10:31", "13:24", "13:30", "14:00", "17:00", "18:00"):
        now = at(time)
        soon = {"from": now.isoformat(), "to": (now + timedelta(hours=1)).isoformat()}
        wishes: dict[str, dict[str, object]] = {
            "open": {},
            "ok": {"slaState": ["OK"]},
            "alert": {"slaState": ["ALERT"]},
            "breach": {"slaState": ["BREACH"]},
            "paused": {"paused": True},
            "dueNextHour": {"breaching": soon},
        }
        counts = (await pane.ask(f"{{ overview {{ tickets {{ {' '.join(wishes)} }} }} }}", time))[
            "overview"
        ]["tickets"]
        for name, wish in wishes.items():
            listed = await pane.ask(
                "query L($filter: TicketFilter) { tickets(filter: $filter) { totalCount } }",
                filter={"status": open_ones, **wish},
            )
            assert counts[name] == listed["tickets"]["totalCount"], (time, name)
        assert counts["ok"] + counts["alert"] + counts["breach"] == counts["open"] - 1


async def test_the_overview_shows_the_last_ten_alerts(pane: Pane) -> None:
    for number in range(11):
        await pane.watched.send("10:00", "NEW", "P1" if number else "P2", key=f"T-{number}")
    await pane.watched.look("13:24", "16:48")
    data = await pane.ask("{ overview { recentAlerts { raisedAt subject { title } } } }")
    recent = data["overview"]["recentAlerts"]
    assert [one["raisedAt"] for one in recent] == ["2026-03-02T16:48:00.000Z"] * 10


CHANGES: Final = """
    subscription($after: Cursor, $filter: IncidentFilter) {
        incidentChanges(after: $after, filter: $filter) {
            ... on IncidentEvent { incident { title slaState } }
        }
    }
"""


async def trouble(title: str, priority: Priority, began: str) -> IncidentRow:
    """Make an incident that is to be looked at."""
    made = await given.incident(
        title,
        priority=priority,
        status=IncidentStatus.NEW,
        started_at=at(began),
        updated_at=at(began),
    )
    await SlaSubjectRow.create(id=made.id, kind="INCIDENT", look_at=0)
    return made


@pytest.fixture
async def outage(pane: Pane) -> Pane:
    """An incident whose RESPONSE has 15 minutes from ten, and one that nobody measures."""
    await trouble("question", Priority.P4, "10:00")
    made = await trouble("outage", Priority.P1, "10:00")
    await pane.watched.look("10:00")
    await given.told(given.about(made))
    return pane


@pytest.mark.parametrize(
    ("time", "state"), [("10:12", "OK"), ("10:13", "ALERT"), ("10:15", "BREACH")]
)
async def test_incidents_are_listed_by_what_their_clocks_are_when_asked(
    outage: Pane, time: str, state: str
) -> None:
    query = """
        query L($filter: IncidentFilter) {
            incidents(filter: $filter) { totalCount edges { node { title slaState } } }
        }
    """
    for wanted in ("OK", "ALERT", "BREACH"):
        for clock, expected in ((None, state), ("RESPONSE", state), ("RESOLUTION", "OK")):
            found = await outage.ask(query, time, filter={"slaState": [wanted], "clock": clock})
            shown = [edge["node"] for edge in found["incidents"]["edges"]]
            assert len(shown) == found["incidents"]["totalCount"]
            assert shown == ([{"title": "outage", "slaState": state}] if wanted == expected else [])
    measured = await outage.ask(query, time, filter={"clock": "RESOLUTION"})
    assert measured["incidents"]["totalCount"] == 1


async def test_a_subscription_judges_clocks_when_the_event_is_shown(outage: Pane) -> None:
    graph = outage.graph
    graph.live = Live(poll=timedelta(milliseconds=10))
    tail = asyncio.create_task(graph.live.run())
    start = written(Position(epoch=EPOCH, number=0))
    stream = graph.events(CHANGES, after=start, filter={"slaState": ["OK"]})
    async with aclosing(stream), asyncio.timeout(10):
        graph.now = at("10:00")
        shown = [await anext(stream)]
        graph.now = at("10:15")
        await given.told(given.about(await IncidentRow.get(title="outage")))
        later = await trouble("later", Priority.P1, "10:10")
        await outage.watched.look("10:15")
        await given.told(given.about(later))
        shown.append(await anext(stream))
    tail.cancel()
    await asyncio.wait({tail})
    assert [one["incidentChanges"]["incident"] for one in shown] == [
        {"title": "outage", "slaState": "OK"},
        {"title": "later", "slaState": "OK"},
    ]
