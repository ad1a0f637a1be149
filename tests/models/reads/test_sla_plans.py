"""How the databases look ahead, and back at what has ended: by indexes of instants."""

import re
from datetime import timedelta
from functools import partial
from typing import Final

import pytest

from domain.sla.attainment import SlaAttainmentGroup
from domain.sla.terms import SlaClockKind
from models.coding import to_milliseconds
from models.reads.clock_filter import ClockFilter
from models.reads.keyset import Keyset
from models.reads.scope import Scope
from models.reads.sla_attainment import ended
from models.reads.sla_figures import sla_figures
from models.reads.sla_forecast import Ahead, coming, coming_count, coming_load
from models.reads.sla_subject import open_subjects
from models.reads.ticket import TicketFilter
from tests import given
from tests.models.reads.plans import EVERYWHERE, SCOPED, Plan

SCOPES: Final = pytest.mark.parametrize("scope", [EVERYWHERE, SCOPED], ids=["everywhere", "scoped"])
DAY: Final = timedelta(days=1)
NOW_MS: Final = to_milliseconds(given.NOW)
DAY_MS: Final = 86_400_000
FILTERS: Final = (
    None,
    TicketFilter(tiers=["PREMIUM"]),
    TicketFilter(clocks=ClockFilter(at=given.NOW, kind=SlaClockKind.RESOLUTION)),
)


def ahead(wanted: TicketFilter | None = None) -> Ahead:
    until_ms, open_ms = NOW_MS + DAY_MS, {"always": DAY_MS}
    return Ahead(now_ms=NOW_MS, until_ms=until_ms, open_ms=open_ms, wanted=wanted)


def whole_reads(lines: list[str]) -> list[str]:
    """Return the lines of a plan that read all clocks, subjects or records."""
    return [
        line
        for line in lines
        if re.search(r"Seq Scan on (sla_clock|sla_subject|ticket|incident)\b", line)
        or re.fullmatch(r"SCAN [crsti]", line)
    ]


@SCOPES
@pytest.mark.parametrize("position", [None, (0, NOW_MS + 1, 5), (1, 5, 5)])
async def test_what_comes_next_is_walked_by_its_instants(
    reluctant_plan: Plan, scope: Scope, position: tuple[int, int, int] | None
) -> None:
    keyset = Keyset(limit=21, position=position, is_descending=False)
    lines = await reluctant_plan(partial(coming, scope, ahead(), keyset))
    assert lines
    assert not whole_reads(lines), lines
    for column in ("alert_at", "breach_at", "phase"):
        assert any(column in line for line in lines), (column, lines)


@SCOPES
async def test_what_comes_is_counted_by_indexes(reluctant_plan: Plan, scope: Scope) -> None:
    keyset = Keyset(limit=21, position=None, is_descending=False)
    for wanted in FILTERS:
        for read in (
            partial(coming, scope, ahead(wanted), keyset),
            partial(coming_count, scope, ahead(wanted)),
            partial(coming_load, scope, ahead(wanted)),
        ):
            lines = await reluctant_plan(read)
            assert lines
            assert not whole_reads(lines), (wanted, lines)


@SCOPES
async def test_what_has_ended_is_found_by_when_it_ended(reluctant_plan: Plan, scope: Scope) -> None:
    cuts = [given.NOW - 2 * DAY, given.NOW - DAY, given.NOW]
    for group in (None, *SlaAttainmentGroup):
        lines = await reluctant_plan(partial(ended, scope, cuts, group=group))
        assert any("stopped_at" in line for line in lines), lines
        assert not whole_reads(lines), (group, lines)


@SCOPES
async def test_open_subjects_are_walked_by_their_ids(reluctant_plan: Plan, scope: Scope) -> None:
    lines = await reluctant_plan(partial(open_subjects, scope, after="", limit=500))
    assert lines
    assert not whole_reads(lines), lines


@SCOPES
async def test_clocks_that_run_are_counted_by_an_index(reluctant_plan: Plan, scope: Scope) -> None:
    lines = await reluctant_plan(partial(sla_figures, scope, given.NOW))
    assert any("phase" in line for line in lines), lines
    assert not whole_reads(lines), lines
