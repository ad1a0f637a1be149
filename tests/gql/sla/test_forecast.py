"""What is to come, and what another policy would change, as the graph shows it."""

from typing import Any, Final

import pytest

from domain.records import Priority
from tests import given
from tests.gql.asking import ADA, NOBODY, viewer
from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import POLICY, at

FORECAST: Final = """
    query Forecast($until: DateTime!, $first: Int, $after: String, $filter: TicketFilter) {
        slaForecast(until: $until, first: $first, after: $after, filter: $filter) {
            totalCount
            edges {
                node {
                    alertAt breachAt ifResumed
                    clock { kind phase percent }
                    subject { __typename title slaState }
                }
            }
            pageInfo { hasNextPage endCursor }
        }
    }
"""
PREVIEW: Final = """
    query Preview($yaml: String!) {
        slaPolicyPreview(yaml: $yaml) {
            valid version subjects complete clocks toAlert toBreach cleared errorLine errorColumn
            userErrors { message code path }
            examples { breachAt subject { title } clock { state target policyVersion } }
        }
    }
"""


def instant(time: str) -> str:
    return f"{at(time):%Y-%m-%dT%H:%M:%S.000Z}"


async def forecast(pane: Pane, time: str, until: str, **variables: object) -> dict[str, Any]:
    answer = await pane.ask(FORECAST, time, actor=ADA, until=instant(until), **variables)
    return dict(answer["slaForecast"])


async def test_a_clock_is_foreseen_with_its_subject(pane: Pane) -> None:
    await pane.watched.send("10:00", "NEW")
    await pane.watched.look("10:01")
    found = await forecast(pane, "12:00", "23:00")
    assert found["totalCount"] == 1
    (edge,) = found["edges"]
    assert edge["node"] == {
        "alertAt": instant("13:24"),
        "breachAt": instant("14:00"),
        "ifResumed": None,
        "clock": {"kind": "RESOLUTION", "phase": "RUNNING", "percent": 50.0},
        "subject": {"__typename": "Ticket", "title": "T-1", "slaState": "OK"},
    }


async def test_s_12_a_paused_clock_is_foreseen_as_if_it_ran_on(pane: Pane) -> None:
    await pane.watched.send("10:00", "OPEN")
    await pane.watched.look("12:00")
    await pane.watched.send("12:00", "PENDING")
    await pane.watched.look("12:00")
    (edge,) = (await forecast(pane, "14:00", "23:00"))["edges"]
    assert edge["node"]["ifResumed"] == instant("16:00")
    assert edge["node"]["breachAt"] is None


async def test_pages_follow_each_other_and_a_filter_keeps_to_tickets(pane: Pane) -> None:
    made = await given.incident(
        priority=Priority.P1, started_at=at("10:00"), updated_at=at("10:00")
    )
    await given.told(given.about(made))
    for number in range(3):
        await pane.watched.send("10:00", "NEW", key=f"T-{number}")
    await pane.watched.look("10:01")
    first = await forecast(pane, "10:02", "23:00", first=2)
    assert first["totalCount"] == 5
    rest = await forecast(pane, "10:03", "23:00", first=3, after=first["pageInfo"]["endCursor"])
    shown = [edge["node"]["subject"]["title"] for edge in first["edges"] + rest["edges"]]
    assert shown == ["It is broken", "T-0", "T-1", "T-2", "It is broken"]
    assert not rest["pageInfo"]["hasNextPage"]
    only = await forecast(pane, "10:03", "23:00", filter={"search": "T-1"})
    assert [edge["node"]["subject"]["title"] for edge in only["edges"]] == ["T-1"]


@pytest.mark.parametrize("tickets", [1, 8])
async def test_a_page_takes_as_many_statements_whatever_is_on_it(
    pane: Pane, statements: list[str], tickets: int
) -> None:
    for number in range(tickets):
        await pane.watched.send("10:00", "NEW", key=f"T-{number}")
    await pane.watched.look("10:01")
    await forecast(pane, "10:02", "23:00")
    statements.clear()
    assert (await forecast(pane, "10:03", "23:00"))["totalCount"] == tickets
    assert len(statements) == 8


async def test_the_load_of_each_hour_is_told(pane: Pane) -> None:
    await pane.watched.send("10:00", "NEW")
    await pane.watched.look("10:01")
    query = "query L($until: DateTime!) { slaLoad(until: $until) { startsAt alerts breaches } }"
    found = (await pane.ask(query, "12:30", until=instant("14:00")))["slaLoad"]
    assert found == [
        {"startsAt": instant("12:00"), "alerts": 0, "breaches": 0},
        {"startsAt": instant("13:00"), "alerts": 1, "breaches": 0},
        {"startsAt": instant("14:00"), "alerts": 0, "breaches": 1},
    ]


async def test_a_preview_counts_what_moves_and_shows_some_of_it(pane: Pane) -> None:
    await pane.watched.send("10:00", "NEW")
    await pane.watched.look("10:01")
    stricter = POLICY.replace("target: 240m", "target: 180m")
    found = (await pane.ask(PREVIEW, "12:40", yaml=stricter))["slaPolicyPreview"]
    version = found.pop("version")
    assert found == {
        "valid": True,
        "subjects": 1,
        "complete": True,
        "clocks": 1,
        "toAlert": 1,
        "toBreach": 0,
        "cleared": 0,
        "errorLine": None,
        "errorColumn": None,
        "userErrors": [],
        "examples": [
            {
                "breachAt": instant("13:00"),
                "subject": {"title": "T-1"},
                "clock": {"state": "ALERT", "target": "PT3H", "policyVersion": version},
            }
        ],
    }


async def test_a_preview_says_where_the_text_is_wrong(pane: Pane) -> None:
    wrong = POLICY.replace("target: 240m", "target: soon")
    found = (await pane.ask(PREVIEW, yaml=wrong))["slaPolicyPreview"]
    assert (found["valid"], found["errorLine"], found["errorColumn"]) == (False, 15, 26)
    (error,) = found["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID", ["yaml"])
    assert error["message"].startswith("line 15, column 26: ")


async def test_a_viewer_foresees_and_does_not_preview(pane: Pane) -> None:
    await pane.watched.send("10:00", "NEW")
    await pane.watched.look("10:01")
    answer = await pane.ask(FORECAST, until=instant("23:00"), actor=viewer("*"))
    assert answer["slaForecast"]["totalCount"] == 1
    assert await pane.graph.code(PREVIEW, actor=viewer("*"), yaml=POLICY) == "FORBIDDEN"
    assert await pane.graph.code(FORECAST, actor=NOBODY, until=instant("23:00")) == "FORBIDDEN"


@pytest.mark.parametrize("field", ["slaForecast", "slaLoad"])
async def test_what_has_passed_is_no_future(pane: Pane, field: str) -> None:
    selection = "{ totalCount }" if field == "slaForecast" else "{ alerts }"
    query = f"query P($until: DateTime!) {{ {field}(until: $until) {selection} }}"
    pane.graph.now = at("10:00")
    (error,) = (await pane.graph.answer(query, until=instant("09:00")))["errors"]
    assert error["extensions"]["code"] == "BAD_INPUT"
    assert "in the future" in error["message"]
