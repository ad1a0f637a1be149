"""How well promises were kept is counted from the clocks that have ended."""

from datetime import timedelta
from typing import Any, Final

import pytest

from models.tables.ticket import TicketRow
from operations.sla.tick import evaluate_due
from tests import given
from tests.gql.asking import ADA, viewer
from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import POLICY, at

ATTAINMENT: Final = """
    query Attained(
        $from: DateTime, $to: DateTime, $by: SlaAttainmentPeriod! = DAY, $per: SlaAttainmentGroup,
        $clock: SlaClockKind, $timezone: String! = "UTC", $filter: TicketFilter
    ) {
        slaAttainment(
            range: {from: $from, to: $to}, by: $by, per: $per, clock: $clock, timezone: $timezone,
            filter: $filter
        ) {
            clock policy priority
            service { name }
            total { met breached percent }
            points { startsAt endsAt attainment { met breached percent } }
        }
    }
"""
MET: Final = {"met": 1, "breached": 0, "percent": 100.0}
BREACHED: Final = {"met": 0, "breached": 1, "percent": 0.0}


@pytest.fixture
async def ended(pane: Pane) -> Pane:
    """Three tickets: one done in time, one too late, the third not at all; it is midnight."""
    for key in ("T-1", "T-2", "T-3"):
        await pane.watched.send("10:00", "OPEN", "P2" if key == "T-2" else "P1", key=key)
    for time, key in (("12:00", "T-1"), ("20:00", "T-2")):
        await pane.watched.look(time)
        await pane.watched.send(time, "RESOLVED", "P2" if key == "T-2" else "P1", key=key)
        await pane.watched.look(time)
    pane.watched.clock.at = at("10:00") + timedelta(hours=14)
    return pane


async def attained(pane: Pane, **variables: object) -> list[dict[str, Any]]:
    begin = f"{at('00:00'):%Y-%m-%dT%H:%M:%SZ}"
    found = await pane.ask(ATTAINMENT, "", actor=ADA, **{"from": begin} | variables)
    return list(found["slaAttainment"])


def totals(series: list[dict[str, Any]], name: str) -> dict[object, dict[str, Any]]:
    return {one[name]: one["total"] for one in series}


async def test_what_has_ended_is_counted_as_met_or_breached(ended: Pane) -> None:
    (series,) = await attained(ended)
    assert (series["clock"], series["policy"]) == ("RESOLUTION", None)
    assert series["total"] == {"met": 1, "breached": 1, "percent": 50.0}
    (point,) = series["points"]
    assert point["attainment"] == series["total"]


async def test_policies_and_priorities_are_told_apart(ended: Pane) -> None:
    by_policy = await attained(ended, per="POLICY")
    assert totals(by_policy, "policy") == {"premium-critical": MET, "premium-high": BREACHED}
    by_priority = await attained(ended, per="PRIORITY")
    assert totals(by_priority, "priority") == {"P1": MET, "P2": BREACHED}


async def test_a_policy_of_today_does_not_change_what_has_ended(ended: Pane) -> None:
    await ended.watched.go_by(POLICY.replace("premium-critical", "gold"))
    await evaluate_due(ended.watched.runtime)
    by_policy = await attained(ended, per="POLICY")
    assert totals(by_policy, "policy") == {"premium-critical": MET, "premium-high": BREACHED}


async def test_what_concerns_several_services_counts_for_each(ended: Pane) -> None:
    ticket = await TicketRow.get(source_id="T-1")
    for name in ("shop", "till"):
        await given.affects(ticket, await given.service(name))
    series = await attained(ended, per="SERVICE")
    named = {one["service"] and one["service"]["name"]: one["total"] for one in series}
    assert named == {"shop": MET, "till": MET, None: BREACHED}


async def test_days_are_cut_at_the_midnights_of_a_zone(ended: Pane) -> None:
    # 20:00 UTC is five in the morning of the next day there
    (series,) = await attained(ended, timezone="Asia/Tokyo")
    assert [point["attainment"] for point in series["points"]] == [MET, BREACHED]
    assert series["points"][0]["endsAt"] == f"{at('15:00'):%Y-%m-%dT%H:%M:%S.000Z}"
    (series,) = await attained(ended, timezone="Asia/Tokyo", by="WEEK")
    assert len(series["points"]) == 1


async def test_one_may_ask_for_some_tickets_or_clocks_only(ended: Pane) -> None:
    (series,) = await attained(ended, filter={"search": "T-2"})
    assert series["total"] == BREACHED
    assert await attained(ended, clock="RESPONSE") == []


async def test_what_is_reopened_counts_when_it_ends_again(ended: Pane) -> None:
    await ended.watched.send("22:00", "OPEN", key="T-1")
    await ended.watched.look("22:01")
    (series,) = await attained(ended)
    assert series["total"] == BREACHED


async def test_what_is_out_of_scope_does_not_count(ended: Pane) -> None:
    snow = await given.integration()
    await given.link(await TicketRow.get(source_id="T-1"), snow)
    ended.graph.now = ended.watched.clock.at
    variables = {"from": f"{at('00:00'):%Y-%m-%dT%H:%M:%SZ}"}
    for scope, met in ((snow.key, 1), ("another", 0)):
        found = await ended.graph.ask(ATTAINMENT, actor=viewer(scope), **variables)
        assert found["slaAttainment"][0]["total"]["met"] == met


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "range needs its beginning"),
        ({"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z"}, "ends before it begins"),
        ({"from": "2025-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z"}, "at most 93 days"),
        ({"from": "2026-03-02T00:00:00Z", "timezone": "Mars/Base"}, "no time zone is called"),
        ({"from": "2026-03-02T00:00:00Z", "timezone": "../etc"}, "no time zone is called"),
    ],
)
async def test_what_cannot_be_cut_is_refused(
    pane: Pane, variables: dict[str, str], message: str
) -> None:
    pane.graph.now = at("10:00")
    (error,) = (await pane.graph.answer(ATTAINMENT, actor=ADA, **variables))["errors"]
    assert message in error["message"]
