"""The pane's counts."""

from datetime import timedelta

from domain.records import (
    ChangeStatus,
    EventSeverity,
    EventStatus,
    IncidentStatus,
    Severity,
    TicketStatus,
)
from tests import given
from tests.gql.asking import Graph, viewer

QUERY = """
    { overview {
        asOf
        incidents {
            open unassigned bySeverity { severity count } byStatus { status count }
            openedLastDay resolvedLastDay meanTimeToResolve
        }
        changes { nextDay }
        events { firing }
        tickets { open }
        integrations { key sync { resources { freshness } } }
    } }
"""
DAY = timedelta(days=1)


async def test_an_empty_mirror_counts_nothing(graph: Graph) -> None:
    overview = (await graph.ask(QUERY))["overview"]
    assert overview["asOf"] == "2026-03-02T13:24:00.000Z"
    counts = overview["incidents"]
    assert counts["open"] == 0
    assert [one["count"] for one in counts["bySeverity"]] == [0] * 5
    assert [one["status"] for one in counts["byStatus"]] == [
        "NEW",
        "ACKNOWLEDGED",
        "IN_PROGRESS",
        "ON_HOLD",
    ]
    assert counts["meanTimeToResolve"] is None


async def test_open_work_is_counted_and_ended_and_deleted_work_is_not(graph: Graph) -> None:
    await given.incident(severity=Severity.SEV1)
    await given.incident(severity=Severity.SEV1, status=IncidentStatus.ON_HOLD, assignee="ada")
    await given.incident(severity=Severity.SEV2, status=IncidentStatus.CANCELLED)
    await given.incident(severity=Severity.SEV2, deleted_at=given.NOW)
    counts = (await graph.ask(QUERY))["overview"]["incidents"]
    assert (counts["open"], counts["unassigned"]) == (2, 1)
    assert {one["severity"]: one["count"] for one in counts["bySeverity"] if one["count"]} == {
        "SEV1": 2
    }
    assert {one["status"]: one["count"] for one in counts["byStatus"] if one["count"]} == {
        "NEW": 1,
        "ON_HOLD": 1,
    }


async def test_a_day_and_a_week_end_where_they_should(graph: Graph) -> None:
    for began in (DAY, DAY - timedelta(milliseconds=1)):
        await given.incident(started_at=given.NOW - began)
    for ended, took in (
        (7 * DAY, 500),
        (7 * DAY - timedelta(milliseconds=1), 4),
        (timedelta(hours=1), 2),
    ):
        at = given.NOW - ended
        await given.incident(
            status=IncidentStatus.RESOLVED,
            started_at=at - timedelta(hours=took),
            resolved_at=at,
        )
    counts = (await graph.ask(QUERY))["overview"]["incidents"]
    assert counts["openedLastDay"] == 2
    assert counts["resolvedLastDay"] == 1
    assert counts["meanTimeToResolve"] == "PT3H"


async def test_changes_events_and_tickets_are_counted(graph: Graph) -> None:
    now, hour, instant = given.NOW, timedelta(hours=1), timedelta(milliseconds=1)
    await given.change(status=ChangeStatus.IN_PROGRESS)
    for starts in (now, now + instant, now + DAY, now + DAY + instant):
        await given.change(starts_at=starts)
    await given.change(starts_at=now + hour, status=ChangeStatus.CANCELLED)
    for ends in (now - DAY, now - DAY + instant, now):
        await given.change(status=ChangeStatus.FAILED, ends_at=ends)
    for at in (now - hour, now - hour + instant, now):
        await given.event(occurred_at=at)
    await given.event(severity=EventSeverity.CRITICAL, status=EventStatus.CLEARED)
    await given.ticket()
    await given.ticket(status=TicketStatus.RESOLVED)
    for make in (given.change, given.event, given.ticket):
        await make(deleted_at=now)
    await given.link(await given.ticket(), await given.integration("other"))
    query = """
        { overview {
            changes { inProgress nextDay failedLastDay }
            events { firing lastHour criticalLastHour }
            tickets { open }
        } }
    """
    assert (await graph.ask(query))["overview"] == {
        "changes": {"inProgress": 1, "nextDay": 2, "failedLastDay": 2},
        "events": {"firing": 3, "lastHour": 3, "criticalLastHour": 1},
        "tickets": {"open": 2},
    }
    assert (await graph.ask(query, actor=viewer("mine")))["overview"]["tickets"] == {"open": 1}


async def test_an_overview_counts_what_is_in_scope(graph: Graph) -> None:
    for key in ("mine", "other"):
        await given.link(await given.incident(), await given.integration(key))
    await given.incident()
    overview = (await graph.ask(QUERY, actor=viewer("mine")))["overview"]
    assert overview["incidents"]["open"] == 2
    assert [one["key"] for one in overview["integrations"]] == ["mine"]


async def test_an_overview_takes_seven_statements(graph: Graph, statements: list[str]) -> None:
    await given.integration()
    statements.clear()
    await graph.ask(QUERY)
    assert len(statements) == 7
