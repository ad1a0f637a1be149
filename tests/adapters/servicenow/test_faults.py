from datetime import timedelta

import pytest

from adapters.servicenow.client import ServiceNow as Client
from domain.sync.retry import Fault
from simulators import misfortune
from simulators.limit import Limit
from simulators.misfortune import Kind
from simulators.servicenow.instance import ServiceNow
from tests.adapters.conftest import Clock
from tests.adapters.servicenow.conftest import Connect
from tests.adapters.servicenow.reading import create, failed, page, pages, records


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (misfortune.Fault(kind=Kind.HTML), Fault.BAD_ANSWER),
        (misfortune.Fault(kind=Kind.ERROR, status=500), Fault.VENDOR_ERROR),
        (misfortune.Fault(kind=Kind.LOST), Fault.VENDOR_ERROR),
        (misfortune.Fault(kind=Kind.THROTTLED), Fault.THROTTLED),
        (misfortune.Fault(kind=Kind.UNAUTHORISED), Fault.UNAUTHORISED),
        (misfortune.Fault(kind=Kind.TRUNCATED), Fault.BAD_ANSWER),
        (misfortune.Fault(kind=Kind.BOMB), Fault.BAD_ANSWER),
        (misfortune.Fault(kind=Kind.CANCELLED, times=None), Fault.BAD_ANSWER),
    ],
    ids=lambda value: value.kind if isinstance(value, misfortune.Fault) else None,
)
async def test_a_misfortune_is_told_as_its_fault(
    servicenow: ServiceNow, client: Client, fault: misfortune.Fault, expected: Fault
) -> None:
    create(servicenow, 4)
    servicenow.misfortunes.push(fault)

    assert (await failed(client)).fault is expected


@pytest.mark.parametrize("kind", [Kind.HANG, Kind.DRIP])
async def test_a_vendor_that_is_too_slow_is_left_at_the_deadline(
    servicenow: ServiceNow, connect: Connect, kind: Kind
) -> None:
    client = connect(deadline=timedelta(milliseconds=50))
    servicenow.misfortunes.push(misfortune.Fault(kind=kind))

    assert (await failed(client)).fault is Fault.TIMED_OUT
    servicenow.misfortunes.clear()
    assert (await page(client)).records == []


@pytest.mark.parametrize("kind", [Kind.WRONG_TYPE, Kind.EXTRA_FIELD])
async def test_a_harmless_oddity_is_read_over(
    servicenow: ServiceNow, client: Client, kind: Kind
) -> None:
    create(servicenow, 1)
    servicenow.misfortunes.push(misfortune.Fault(kind=kind, detail="text/html"))

    assert len((await page(client)).records) == 1


async def test_a_column_that_is_gone_is_left_alone_and_a_null_one_is_empty(
    servicenow: ServiceNow, client: Client
) -> None:
    create(servicenow, 1)
    servicenow.misfortunes.push(
        misfortune.Fault(kind=Kind.MISSING_FIELD, detail="short_description"),
        misfortune.Fault(kind=Kind.NULL_FIELD, detail="short_description"),
    )

    assert "title" not in (await page(client)).records[0].fields
    assert (await page(client)).records[0].fields["title"] is None


async def test_a_cancelled_query_goes_on_with_half_the_rows(
    servicenow: ServiceNow, client: Client
) -> None:
    made = sorted(create(servicenow, 450))
    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.CANCELLED, times=2))

    read = await pages(client)

    assert [len(one.records) for one in read] == [50, 200, 200]
    assert [record.external_id for record in records(read)] == made


async def test_a_query_that_is_always_cancelled_is_given_up_at_25_rows(
    servicenow: ServiceNow, client: Client
) -> None:
    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.CANCELLED, times=None))
    limits: list[int] = []
    servicenow.hooks.after_page = lambda _, rows: limits.append(rows)
    create(servicenow, 200)

    assert "Transaction cancelled" in (await failed(client)).detail
    assert limits == [200, 100, 50, 25]


async def test_a_rate_limit_says_how_long_to_wait(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    servicenow.switches.limit = Limit(requests=1, per=timedelta(hours=1))
    clock.move(minutes=50)
    await page(client)

    limited = await failed(client)

    assert (limited.fault, limited.retry_after) == (Fault.THROTTLED, timedelta(minutes=10))


async def test_a_page_tells_the_vendors_time_and_skew(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    servicenow.switches.skew = timedelta(minutes=10)

    read = await page(client)

    assert read.served_at == clock() + timedelta(minutes=10)
    assert read.skew == timedelta(minutes=10, milliseconds=500)
