"""How the databases find clocks and alerts: by indexes, as far as a page needs."""

import re
from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

import pytest

from domain.records import TicketStatus
from domain.sla.terms import AlertLevel, SlaClockKind, SlaState, SlaSubjectKind
from models.reads.alerts import (
    TOLD_ONES,
    AlertFilter,
    alert_counts,
    alert_page,
    alert_pages,
    alerts,
)
from models.reads.clock import last_looks
from models.reads.clock_filter import ClockFilter
from models.reads.keyset import Keyset
from models.reads.notification import notifications_of
from models.reads.page import page
from models.reads.scope import Scope
from models.reads.ticket import BY_UPDATE, TICKETS, TicketFilter
from models.reads.ticket_due import DueOrder, due_page
from tests import given
from tests.bench.seed import key
from tests.models.reads.plans import EVERYWHERE, SCOPED, Plan

OPEN: Final = (TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD)
NEWEST: Final = Keyset(limit=51, position=None, is_descending=True)
SOONEST: Final = Keyset(limit=51, position=None, is_descending=False)


def unindexed(lines: Sequence[str]) -> list[str]:
    """Return the lines of a plan that read a table without an index.

    SQLite walks an index in its order, and PostgreSQL reads none whole.
    """
    return [
        line
        for line in lines
        if "Seq Scan on" in line or re.fullmatch(r"SCAN [a-z]", line) or "AUTOMATIC" in line
    ]


def such(
    states: Collection[SlaState] | None = None,
    clock: SlaClockKind | None = None,
    *,
    is_paused: bool | None = None,
) -> ClockFilter:
    return ClockFilter(at=given.NOW, kind=clock, states=states, is_paused=is_paused)


FILTERS: Final = {
    "late": TicketFilter(clocks=such([SlaState.BREACH])),
    "late and open": TicketFilter(statuses=OPEN, clocks=such([SlaState.BREACH])),
    "nearly late": TicketFilter(clocks=such([SlaState.ALERT])),
    "not late": TicketFilter(clocks=such([SlaState.OK], SlaClockKind.RESPONSE)),
    "paused": TicketFilter(clocks=such(is_paused=True)),
    "breaching soon": TicketFilter(clocks=ClockFilter(at=given.NOW, breach_to=given.NOW)),
}


@pytest.mark.parametrize("scope", [EVERYWHERE, SCOPED], ids=["everywhere", "scoped"])
async def test_tickets_are_found_by_their_clocks(reluctant_plan: Plan, scope: Scope) -> None:
    for name, wanted in FILTERS.items():
        lines = await reluctant_plan(partial(page, scope, TICKETS, wanted, BY_UPDATE, NEWEST))
        assert any("sla_clock" in line or re.search(r"SEARCH c\b", line) for line in lines), lines
        assert not unindexed(lines), (name, lines)


@pytest.mark.parametrize("scope", [EVERYWHERE, SCOPED], ids=["everywhere", "scoped"])
async def test_tickets_are_walked_as_they_are_due(reluctant_plan: Plan, scope: Scope) -> None:
    for is_by_breach in (True, False):
        for clock in (None, SlaClockKind.RESOLUTION):
            order = DueOrder(is_by_breach=is_by_breach, at=given.NOW, clock=clock)
            for keyset in (SOONEST, NEWEST):
                lines = await reluctant_plan(
                    partial(due_page, scope, TicketFilter(), order, keyset)
                )
                assert any("breach_at" in line for line in lines), lines
                assert is_by_breach or any("alert_at" in line for line in lines), lines
                assert not unindexed(lines), (order, lines)


async def test_alerts_are_walked_from_the_last(plan: Plan) -> None:
    for wanted in (TOLD_ONES, AlertFilter(levels=frozenset({AlertLevel.BREACH}))):
        lines = await plan(partial(alert_page, EVERYWHERE, wanted, NEWEST))
        assert lines
        assert not unindexed(lines), (wanted, lines)
        assert not [line for line in lines if "TEMP B-TREE" in line or "Sort" in line], lines


@pytest.mark.parametrize("scope", [EVERYWHERE, SCOPED], ids=["everywhere", "scoped"])
async def test_what_belongs_to_subjects_and_alerts_is_found_by_their_ids(
    reluctant_plan: Plan, scope: Scope
) -> None:
    subjects = [key(8, 3), key(8, 4)]
    for read in (
        partial(last_looks, scope, SlaSubjectKind.TICKET, subjects),
        partial(last_looks, scope, SlaSubjectKind.INCIDENT, [key(3, 3)]),
        partial(alert_page, scope, TOLD_ONES, NEWEST),
        partial(alert_page, scope, AlertFilter(subject_id=subjects[0]), NEWEST),
        partial(alert_pages, scope, subjects, NEWEST),
        partial(alert_counts, scope, subjects),
        partial(alerts, scope, [key(9, 3)]),
        partial(notifications_of, scope, [key(9, 3)]),
    ):
        lines = await reluctant_plan(read)
        assert lines
        assert not [line for line in unindexed(lines) if "SCAN n" not in line], lines
