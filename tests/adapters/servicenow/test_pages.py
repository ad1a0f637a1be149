import pytest
from starlette.requests import Request

from adapters.servicenow.client import ServiceNow as Client
from simulators.servicenow.instance import ServiceNow
from tests.adapters.conftest import Clock
from tests.adapters.servicenow.reading import create, page, pages, records


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
