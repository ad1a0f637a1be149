"""How the databases answer: by an index in the order asked for, never by reading a table."""

from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from domain.records import (
    ENDED,
    ChangeStatus,
    EventStatus,
    IncidentStatus,
    Severity,
    TicketStatus,
)
from models.database import DatabaseAt, SqliteAt
from models.reads import change, event, incident_page, ticket
from models.reads.asset import BY_NAME, SERVICES, ServiceFilter
from models.reads.belonging import Members
from models.reads.change import CHANGES, ChangeFilter
from models.reads.directory import directory_page
from models.reads.event import EVENTS, EventFilter
from models.reads.incident import INCIDENTS as INCIDENT
from models.reads.incident_page import EVERYTHING, IncidentFilter
from models.reads.keyset import Keyset
from models.reads.mirrored import Mirrored
from models.reads.overview import incident_counts
from models.reads.page import Filter, Order, page
from models.reads.related import (
    CAUSES,
    CHANGES_OF_SERVICE,
    DEPENDENTS,
    DEPENDS_ON,
    EVENTS_OF_INCIDENT,
    INCIDENT_OF_TICKET,
    INCIDENTS_OF_CHANGE,
    TICKETS_OF_INCIDENT,
)
from models.reads.related_change import nearby_changes
from models.reads.scope import Scope
from models.reads.ticket import TICKETS, TicketFilter
from models.reads.ticket_step import step_counts, step_pages
from models.reads.work_counts import change_counts, event_counts, ticket_counts
from tests import given
from tests.bench.seed import key
from tests.models.reads.plans import EVERYWHERE, SCOPED, Plan, whole_tables

OPEN: Final = frozenset(IncidentStatus) - ENDED
WEEK: Final = timedelta(days=7)

LISTS: Final[dict[str, tuple[Mirrored[Any], Filter, Order]]] = {
    **{
        f"incidents by {field}": (INCIDENT, EVERYTHING, order)
        for field, order in incident_page.ORDERS.items()
    },
    **{
        f"tickets by {field}": (TICKETS, TicketFilter(), order)
        for field, order in ticket.ORDERS.items()
    },
    "changes": (CHANGES, ChangeFilter(), change.BY_UPDATE),
    "events": (EVENTS, EventFilter(), event.BY_OCCURRENCE),
    "services": (SERVICES, ServiceFilter(), BY_NAME),
}


@pytest.mark.parametrize("scope", [EVERYWHERE, SCOPED], ids=["everywhere", "scoped"])
async def test_each_order_is_read_from_its_index(plan: Plan, scope: Scope) -> None:
    for name, (mirrored, wanted, order) in LISTS.items():
        for is_descending in (True, False):
            keyset = Keyset(limit=51, position=None, is_descending=is_descending)
            lines = await plan(partial(page, scope, mirrored, wanted, order, keyset))
            assert lines
            assert not whole_tables(lines), (name, lines)


@pytest.mark.parametrize(
    "wanted",
    [
        IncidentFilter(statuses=OPEN),
        IncidentFilter(statuses=[IncidentStatus.NEW], severities=[Severity.SEV3]),
        IncidentFilter(assignee="person3"),
        IncidentFilter(integration_id=key(1, 1)),
        IncidentFilter(updated_from=given.NOW - WEEK),
    ],
    ids=["open", "new and bad", "assignee", "integration", "updated"],
)
async def test_a_filtered_page_reads_no_whole_table(plan: Plan, wanted: IncidentFilter) -> None:
    keyset = Keyset(limit=51, position=(given.NOW, key(9, 0)), is_descending=True)
    order = incident_page.BY_UPDATE
    lines = await plan(partial(page, EVERYWHERE, INCIDENT, wanted, order, keyset))
    assert lines
    assert not whole_tables(lines), lines


FILTERED: Final[list[tuple[Mirrored[Any], Filter, Order]]] = [
    (CHANGES, ChangeFilter(statuses=[ChangeStatus.FAILED]), change.BY_UPDATE),
    (CHANGES, ChangeFilter(window_from=given.NOW, window_to=given.NOW), change.BY_UPDATE),
    (EVENTS, EventFilter(statuses=[EventStatus.FIRING]), event.BY_OCCURRENCE),
    (EVENTS, EventFilter(occurred_from=given.NOW - WEEK), event.BY_OCCURRENCE),
    (TICKETS, TicketFilter(statuses=[TicketStatus.OPEN]), ticket.BY_UPDATE),
    (TICKETS, TicketFilter(tiers=["gold"]), ticket.BY_UPDATE),
]


async def test_filtered_pages_of_other_kinds_read_no_whole_table(reluctant_plan: Plan) -> None:
    keyset = Keyset(limit=51, position=(given.NOW, key(9, 0)), is_descending=True)
    for mirrored, wanted, order in FILTERED:
        lines = await reluctant_plan(partial(page, EVERYWHERE, mirrored, wanted, order, keyset))
        assert lines
        assert not whole_tables(lines), (wanted, lines)


MEMBERS: Final[dict[str, tuple[Members[Any], int]]] = {
    "causes of incidents": (CAUSES, 3),
    "incidents of changes": (INCIDENTS_OF_CHANGE, 6),
    "events of incidents": (EVENTS_OF_INCIDENT, 3),
    "tickets of incidents": (TICKETS_OF_INCIDENT, 3),
    "incidents of tickets": (INCIDENT_OF_TICKET, 8),
    "changes of services": (CHANGES_OF_SERVICE, 2),
    "services depended on": (DEPENDS_ON, 2),
    "dependent services": (DEPENDENTS, 2),
}


@pytest.mark.parametrize("scope", [EVERYWHERE, SCOPED], ids=["everywhere", "scoped"])
async def test_what_belongs_to_a_record_is_found_by_indexes(
    reluctant_plan: Plan, scope: Scope
) -> None:
    for name, (members, kind) in MEMBERS.items():
        lines = await reluctant_plan(partial(members.counts, scope, [key(kind, 3)]))
        assert lines
        assert not whole_tables(lines), (name, lines)


@pytest.mark.parametrize("scope", [EVERYWHERE, SCOPED], ids=["everywhere", "scoped"])
async def test_changes_near_an_incident_are_found_by_indexes(
    reluctant_plan: Plan, scope: Scope
) -> None:
    lines = await reluctant_plan(partial(nearby_changes, scope, [key(3, 3)]))
    assert lines
    assert not [line for line in whole_tables(lines) if "TEMP B-TREE" not in line], lines


@pytest.mark.parametrize("scope", [EVERYWHERE, SCOPED], ids=["everywhere", "scoped"])
async def test_the_steps_of_a_ticket_are_found_by_an_index(
    reluctant_plan: Plan, scope: Scope
) -> None:
    keyset = Keyset(limit=21, position=None, is_descending=True)
    for read in (
        partial(step_pages, scope, [key(8, 3)], keyset),
        partial(step_counts, scope, [key(8, 3)]),
    ):
        lines = await reluctant_plan(read)
        assert lines
        assert not [line for line in lines if "SCAN s" in line or "Seq Scan on" in line], lines


async def test_a_search_reads_the_index_of_words(
    reluctant_plan: Plan, database_at: DatabaseAt
) -> None:
    keyset = Keyset(limit=51, position=None, is_descending=True)
    searches: list[tuple[Mirrored[Any], Filter, Order]] = [
        (INCIDENT, IncidentFilter(search="INC0000007"), incident_page.BY_UPDATE),
        (CHANGES, ChangeFilter(search="CHG0000007"), change.BY_UPDATE),
        (EVENTS, EventFilter(search="disk7"), event.BY_OCCURRENCE),
        (TICKETS, TicketFilter(search="OPS-7"), ticket.BY_UPDATE),
    ]
    for mirrored, wanted, order in searches:
        lines = await reluctant_plan(partial(page, EVERYWHERE, mirrored, wanted, order, keyset))
        words = "VIRTUAL TABLE INDEX" if isinstance(database_at, SqliteAt) else "_words"
        assert any(words in line for line in lines), lines
        assert not [line for line in whole_tables(lines) if "TEMP B-TREE" not in line], lines


async def test_people_are_read_from_the_index_of_names(reluctant_plan: Plan) -> None:
    keyset = Keyset(limit=51, position=None, is_descending=False)
    lines = await reluctant_plan(
        partial(directory_page, EVERYWHERE, key(1, 1), ["sys_user"], keyset)
    )
    assert lines
    assert not [line for line in lines if "TEMP B-TREE" in line or "Seq Scan" in line], lines


async def test_the_overview_reads_indexes_only(reluctant_plan: Plan) -> None:
    for read in (
        partial(incident_counts, EVERYWHERE, given.NOW),
        partial(change_counts, EVERYWHERE, given.NOW),
        partial(event_counts, EVERYWHERE, given.NOW),
        partial(ticket_counts, EVERYWHERE, given.NOW),
    ):
        lines = await reluctant_plan(read)
        assert lines
        assert not whole_tables(lines), lines
