import json

import pytest
from starlette.requests import Request

from adapters.exchange import CensusAsk, CensusPage, Failed, Page, PageAsk
from adapters.servicenow.client import ServiceNow as Client
from domain.inbound import Target
from domain.records import RecordKind, RelationName
from domain.sync.retry import Fault
from simulators.servicenow.instance import ServiceNow
from tests.adapters.conftest import Clock
from tests.adapters.servicenow.conftest import Connect
from tests.adapters.servicenow.reading import create, page, pages, records
from tests.adapters.servicenow.translating import altered


async def test_450_rows_of_one_second_are_three_pages_by_id(
    servicenow: ServiceNow, client: Client
) -> None:
    made = create(servicenow, 450)

    read = await pages(client)

    assert [len(one.records) for one in read] == [200, 200, 50]
    assert [one.remaining for one in read] == [450, 250, 50]
    assert [record.external_id for record in records(read)] == sorted(made)
    first = read[0].records[0]
    assert first.fields["status"] == "NEW"
    assert first.fields["severity"] == "SEV2"
    assert first.author == "admin"


async def test_a_pull_begins_at_its_lower_bound_and_in_order(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    early = create(servicenow, 1)
    clock.move(seconds=1)
    since = clock()
    middle = create(servicenow, 3)
    clock.move(seconds=1)
    late = create(servicenow, 2)

    found = records(await pages(client, size=2, since=since))

    assert [record.external_id for record in found] == sorted(middle) + sorted(late)
    assert early[0] not in {record.external_id for record in found}


@pytest.mark.parametrize("hidden", [range(5), range(200), range(200, 450), range(450)])
async def test_unreadable_rows_leave_short_or_empty_pages_and_end_nothing(
    servicenow: ServiceNow, client: Client, hidden: range
) -> None:
    made = sorted(create(servicenow, 450))
    servicenow.switches.unreadable = {made[n] for n in hidden}

    found = [record.external_id for record in records(await pages(client))]

    assert found == [sys_id for n, sys_id in enumerate(made) if n not in hidden]


async def test_a_row_that_changes_between_pages_is_read_again_and_none_is_missed(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    # given three pages, and rows of the first and the last that change after the first
    made = sorted(create(servicenow, 450))
    clock.move(seconds=5)
    first = await page(client)
    for sys_id in (made[0], made[449]):
        servicenow.edit(sys_id, {"short_description": "Changed"})

    # when the other pages are read
    read = [first]
    while read[-1].position:
        read.append(await page(client, position=read[-1].position))

    # then what changed comes last, in its new form
    found = [record.external_id for record in records(read)]
    assert found == [*made[:449], made[0], made[449]]
    assert records(read)[-1].fields["title"] == "Changed"


async def test_a_row_that_cannot_be_read_does_not_stop_the_page(
    servicenow: ServiceNow, client: Client
) -> None:
    made = sorted(create(servicenow, 5))
    servicenow.records.store.change("incident", made[4], {"opened_at": "soon"})

    (read,) = await pages(client)

    assert [record.external_id for record in read.records] == made[:4]
    assert [row.external_id for row in read.faulty] == made[4:]


async def test_the_world_may_move_while_a_page_is_served(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    made = sorted(create(servicenow, 10))

    def edit(_: Request) -> None:
        servicenow.hooks.before_request = None
        clock.move(seconds=1)
        servicenow.edit(made[9], {"short_description": "Moved"})

    first = await page(client, size=5)
    servicenow.hooks.before_request = edit
    rest = await page(client, size=5, position=first.position)

    assert [r.external_id for r in (*first.records, *rest.records)] == made
    assert rest.records[-1].fields["title"] == "Moved"


@pytest.mark.parametrize(
    ("kind", "table"),
    [(RecordKind.EVENT, "em_alert"), (RecordKind.SERVICE, "cmdb_ci")],
)
async def test_a_closed_table_has_no_records_and_parks_nothing(
    servicenow: ServiceNow, client: Client, clock: Clock, kind: RecordKind, table: str
) -> None:
    servicenow.switches.closed_tables = {table}

    for since in (None, clock()):
        found = await client.page(PageAsk(kind=kind, since=since, position=None, size=10))
        while isinstance(found, Page) and found.position is not None:
            found = await client.page(
                PageAsk(kind=kind, since=since, position=found.position, size=10)
            )
        assert isinstance(found, Page), found
        assert (found.records, found.through) == ((), None)
    census = await client.census(CensusAsk(kind=kind, position=None))
    read = await client.read(kind, ["a" * 32])

    assert isinstance(census, CensusPage)
    assert census.external_ids == ()
    assert isinstance(read, Failed)
    assert read.fault is Fault.REJECTED


async def test_a_table_that_the_instance_lacks_has_no_records(connect: Connect) -> None:
    client = connect(mappings=altered(RecordKind.TICKET, "table", external_field="u_no_such_table"))

    found = await client.page(PageAsk(kind=RecordKind.TICKET, since=None, position=None, size=10))
    checked = await client.check()

    assert isinstance(found, Page)
    assert found.records == ()
    assert any("u_no_such_table cannot be read" in check.detail for check in checked.checks)


async def test_requested_items_are_tickets_where_a_setting_says_so(
    servicenow: ServiceNow, connect: Connect
) -> None:
    client = connect(mappings=altered(RecordKind.TICKET, "table", external_field="sc_req_item"))
    incident = servicenow.create({"short_description": "Mail"})["sys_id"]
    item = servicenow.create(
        {"short_description": "Phone", "parent": incident}, table="sc_req_item"
    )

    found = await client.page(PageAsk(kind=RecordKind.TICKET, since=None, position=None, size=10))

    assert isinstance(found, Page)
    (record,) = found.records
    assert record.external_id == item["sys_id"]
    assert record.relations[RelationName.PART_OF] == (
        Target(kind=RecordKind.INCIDENT, external_id=incident),
    )


async def test_a_census_passes_what_access_rules_hide(
    servicenow: ServiceNow, client: Client
) -> None:
    made = create(servicenow, 5)
    servicenow.switches.unreadable = {made[2]}

    census = await client.census(CensusAsk(kind=RecordKind.INCIDENT, position=None))
    behind = await client.census(
        CensusAsk(
            kind=RecordKind.INCIDENT,
            position=json.dumps({"after": sorted(made)[3], "offset": 0}),
        )
    )

    assert isinstance(census, CensusPage)
    assert isinstance(behind, CensusPage)
    assert sorted(census.external_ids) == sorted(set(made) - {made[2]})
    assert set(behind.external_ids) == {sorted(made)[4]} - {made[2]}
