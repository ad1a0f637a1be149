"""``im ticket list`` prints what a report on service levels needs."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import pytest
from graphql import GraphQLEnumType, build_schema, parse, validate

from domain.records import Priority, TicketStatus
from im.client.asking import Data, Graph
from im.client.tickets import _QUERY, BRIEF, COLUMNS, Order
from models.tables.ticket import TicketRow
from tests import given
from tests.architecture.tree import ROOT
from tests.im.client.desk import Desk, im

_SCHEMA: Final = build_schema((ROOT / "schema.graphql").read_text("utf-8"))


async def _many(count: int) -> list[str]:
    """Have tickets, each changed a second after the one before; return them, the last first."""
    for number in range(count):
        at = given.NOW + timedelta(seconds=number)
        await given.ticket(source_id=f"T-{number}", updated_at=at)
    return [f"T-{number}" for number in reversed(range(count))]


async def test_x27_a_report_as_csv_has_every_column_of_every_ticket(desk: Desk) -> None:
    await desk.alerted()
    done = await desk.list("--format", "csv")
    assert (done.code, done.err) == (0, "")
    alerted, paused = sorted(done.rows(), key=lambda row: row["sourceId"])
    assert list(alerted) == list(COLUMNS)
    assert alerted == {
        "sourceId": "T-1",
        "title": "T-1",
        "tier": "PREMIUM",
        "priority": "P1",
        "status": "OPEN",
        "slaState": "ALERT",
        "escalationLevel": "1",
        "responseState": "",
        "responseRemaining": "",
        "responseBreachAt": "",
        "resolutionState": "ALERT",
        "resolutionRemaining": "PT30M",
        "resolutionBreachAt": "2026-03-02T14:00:00.000Z",
        "createdAt": "2026-03-02T10:00:00.000Z",
        "updatedAt": "2026-03-02T10:00:00.000Z",
    }
    assert (paused["status"], paused["resolutionBreachAt"]) == ("PENDING", "")


async def test_json_has_the_names_and_values_of_the_graph(desk: Desk) -> None:
    await desk.alerted()
    done = await desk.list("--format", "json", "--sla-state", "alert")
    (ticket,) = json.loads(done.out)
    assert list(ticket) == list(COLUMNS)
    assert (ticket["escalationLevel"], ticket["responseState"]) == (1, None)
    shown = await desk.pane.ticket("slaState escalationLevel clocks { remaining breachAt }")
    assert ticket["slaState"] == shown["slaState"]
    assert shown["clocks"] == [
        {"remaining": ticket["resolutionRemaining"], "breachAt": ticket["resolutionBreachAt"]}
    ]


async def test_all_pages_are_read_for_a_report_and_the_last_change_comes_first(
    desk: Desk,
) -> None:
    expected = await _many(230)
    assert (await desk.list("--format", "json")).column("sourceId") == expected
    cut = await desk.list("--format", "json", "--limit", "120")
    assert (cut.column("sourceId"), cut.err) == (expected[:120], "")


async def test_a_report_misses_none_that_changes_between_two_pages(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = await _many(150)
    loop, ask = asyncio.get_running_loop(), Graph.ask

    async def changed() -> None:
        later = given.NOW + timedelta(hours=1)
        await TicketRow.filter(source_id="T-7").update(title="Changed", updated_at=later)

    def ask_and_change(graph: Graph, query: str, variables: Mapping[str, object]) -> Data:
        answer = ask(graph, query, variables)
        asyncio.run_coroutine_threadsafe(changed(), loop).result(timeout=10)
        return answer

    monkeypatch.setattr(Graph, "ask", ask_and_change)
    done = await desk.list("--format", "json")
    found = done.column("sourceId")
    assert found == ["T-7", *(key for key in expected if key != "T-7")]
    assert done.column("title")[0] == "Changed"


async def test_a_person_sees_a_screenful_and_is_told_that_there_is_more(desk: Desk) -> None:
    expected = await _many(31)
    done = await desk.list("--columns", "sourceId", "--no-headers")
    assert done.out.splitlines() == expected[:30]
    assert "more than these 30" in done.err


async def test_a_pipe_gets_plain_lines_and_a_terminal_a_table(desk: Desk) -> None:
    await given.ticket("I need a chair", source_id="HELP-17")
    piped = await desk.list()
    head, line = piped.out.splitlines()
    assert head.split("\t") == list(BRIEF)
    assert line.split("\t")[:2] == ["HELP-17", "I need a chair"]
    shown = await desk.shown("--columns", "sourceId,title,status")
    assert shown.out.splitlines() == [
        "sourceId  title           status",
        "HELP-17   I need a chair  OPEN",
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--sla-state", "alert"], ["T-1"]),
        (["--sla-state", "ALERT", "--sla-state", "ok"], ["T-1", "T-2"]),
        (["--status", "pending"], ["T-2"]),
        (["--priority", "p1"], ["T-1"]),
        (["--tier", "PREMIUM"], ["T-1", "T-2"]),
        (["--tier", "BASIC"], []),
        (["--paused"], ["T-2"]),
        (["--no-paused"], ["T-1"]),
    ],
    ids=" ".join,
)
async def test_a_filter_keeps_what_it_names(desk: Desk, words: list[str], found: list[str]) -> None:
    await desk.alerted()
    done = await desk.list("--format", "json", *words)
    assert sorted(done.column("sourceId")) == found


async def test_what_breaches_next_comes_first_when_that_is_asked(desk: Desk) -> None:
    watched = desk.pane.watched
    for key, priority in (("late", "P2"), ("soon", "P1"), ("never", "P3")):
        await watched.send("10:00", "OPEN", priority, key=key)
    await watched.look("10:01")
    done = await desk.list("--format", "json", "--order", "breach-at")
    assert done.column("sourceId") == ["soon", "late", "never"]
    done = await desk.list("--format", "json", "--order", "priority", "--limit", "1")
    assert done.column("priority") == ["P1"]


async def test_a_list_without_tickets_has_its_head_only(desk: Desk) -> None:
    assert (await desk.list("--format", "csv")).out == ",".join(COLUMNS) + "\r\n"
    assert (await desk.list("--format", "csv", "--no-headers")).out == ""
    assert json.loads((await desk.list("--format", "json")).out) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--sla-state", "hot"], '--sla-state has no "hot"\nhint: it is one of ok, alert, breach'),
        (["--status", "on-fire"], '--status has no "on-fire"'),
        (["--priority", "p9"], '--priority has no "p9"'),
        (["--order", "mood"], '--order has no "mood"'),
        (["--format", "xml"], '--format has no "xml"\nhint: it is one of table, tsv, csv, json'),
        (["--columns", "title,colour"], '--columns has no "colour"\nhint: there are sourceId,'),
    ],
    ids=" ".join,
)
def test_a_word_that_is_none_is_a_wrong_use(words: list[str], told: str) -> None:
    done = im("ticket", "list", *words)
    assert (done.code, done.out) == (2, "")
    assert f"error: {told}" in done.err


def test_the_words_are_those_of_the_graph() -> None:
    assert validate(_SCHEMA, parse(_QUERY)) == []
    orders = _SCHEMA.type_map["TicketOrderField"]
    assert isinstance(orders, GraphQLEnumType)
    assert set(orders.values) == set(Order)
    told = im("ticket", "list", "--help").out
    for value in (*TicketStatus, *Priority, *Order):
        assert value.name.lower().replace("_", "-") in told
