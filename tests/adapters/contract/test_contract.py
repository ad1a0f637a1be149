from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from adapters.contract import Access, Failed, HistoryAsk, Manifest, Page, PageAsk, Vendor
from adapters.registry import VENDORS
from domain.records import InboundRecord, RecordKind
from domain.sync.retry import Fault
from domain.sync.watermark import advance, lower_bound
from simulators.misfortune import Kind
from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import BENCHES, Bench

FIRST = PageAsk(kind=RecordKind.INCIDENT, since=None, position=None, size=10)


@pytest.fixture(params=sorted(VENDORS))
def about(request: pytest.FixtureRequest) -> Manifest:
    return VENDORS[request.param]


@pytest.fixture
def bench(about: Manifest, clock: Clock) -> Bench:
    return BENCHES[about.key](clock)


@pytest.fixture
async def vendor(about: Manifest, bench: Bench, clock: Clock) -> AsyncIterator[Vendor]:
    vendor = about.connect(
        Access(
            base_url="https://acme.example.com",
            credentials=bench.credentials,
            now=clock,
            deadline=timedelta(milliseconds=500),
            transport=bench.transport,
        )
    )
    yield vendor
    await vendor.close()


async def run(
    vendor: Vendor, about: Manifest, watermark: datetime | None, size: int = 10
) -> tuple[list[InboundRecord], datetime | None]:
    """Pull as a worker does; return the records and the watermark after them."""
    since = lower_bound(watermark, overlap=about.overlap, resolution=about.operand_resolution)
    records: list[InboundRecord] = []
    position: str | None = None
    while True:
        page = await vendor.page(
            PageAsk(kind=RecordKind.INCIDENT, since=since, position=position, size=size)
        )
        assert isinstance(page, Page), page
        assert not page.faulty
        records += page.records
        last = page.records[-1].key.at if page.records else None
        watermark = advance(watermark, last_row_at=last, vendor_now=page.served_at)
        position = page.position
        if position is None:
            return records, watermark


async def failed(vendor: Vendor) -> Failed:
    page = await vendor.page(FIRST)
    assert isinstance(page, Failed), page
    return page


async def test_every_record_is_read_once_in_the_order_of_its_update(
    vendor: Vendor, about: Manifest, bench: Bench, clock: Clock
) -> None:
    made: list[str] = []
    for n in range(35):
        made.append(bench.create(f"Incident {n}"))
        clock.move(seconds=n % 2)

    records, _ = await run(vendor, about, None)

    assert sorted(record.external_id for record in records) == sorted(made)
    assert [record.key.at for record in records] == sorted(record.key.at for record in records)
    assert {record.fields["title"] for record in records} == {f"Incident {n}" for n in range(35)}
    assert all(record.url.startswith("https://acme.example.com/") for record in records)
    assert all(set(record.fields) >= {"number", "status"} for record in records)


async def test_a_pull_since_the_watermark_reads_what_changed_and_little_else(
    vendor: Vendor, about: Manifest, bench: Bench, clock: Clock
) -> None:
    made = [bench.create(f"Incident {n}") for n in range(15)]
    clock.move(hours=1)
    recent = bench.create("Recent")
    clock.move(hours=1)
    _, watermark = await run(vendor, about, None)

    bench.edit(made[3], "Changed")
    records, _ = await run(vendor, about, watermark)

    assert [record.external_id for record in records] == [recent, made[3]]
    assert records[1].fields["title"] == "Changed"


async def test_a_later_version_has_a_greater_key(
    vendor: Vendor, about: Manifest, bench: Bench
) -> None:
    made = bench.create("One")
    (first,), _ = await run(vendor, about, None)
    bench.edit(made, "Two")
    (second,), _ = await run(vendor, about, None)
    (again,), _ = await run(vendor, about, None)

    assert first.key < second.key == again.key


async def test_the_history_tells_an_edit_or_is_closed(
    vendor: Vendor, bench: Bench, clock: Clock
) -> None:
    made = bench.create("One")
    clock.move(seconds=5)
    bench.edit(made, "Two")

    told = await vendor.history(RecordKind.INCIDENT, [HistoryAsk(external_id=made, since=None)])

    assert not isinstance(told, Failed)
    titles = [(edit.before, edit.after) for edit in told.edits if edit.field == "title"]
    assert told.is_closed or titles == [("One", "Two")]
    assert len({edit.external_id for edit in told.edits}) == len(told.edits)


@pytest.mark.parametrize(
    ("kind", "detail", "fault"),
    [
        (Kind.UNAUTHORISED, "", Fault.UNAUTHORISED),
        (Kind.THROTTLED, "7", Fault.THROTTLED),
        (Kind.ERROR, "", Fault.VENDOR_ERROR),
        (Kind.LOST, "", Fault.VENDOR_ERROR),
        (Kind.HTML, "", Fault.BAD_ANSWER),
        (Kind.TRUNCATED, "", Fault.BAD_ANSWER),
        (Kind.BOMB, "", Fault.BAD_ANSWER),
        (Kind.HANG, "", Fault.TIMED_OUT),
    ],
)
async def test_what_goes_wrong_is_told_and_passes(
    vendor: Vendor, bench: Bench, kind: Kind, detail: str, fault: Fault
) -> None:
    bench.befall(kind, detail=detail)

    outcome = await failed(vendor)

    assert outcome.fault is fault
    assert outcome.retry_after == (timedelta(seconds=7) if detail else None)
    assert 0 < len(outcome.detail) <= 500
    assert isinstance(await vendor.page(FIRST), Page)


async def test_revoked_credentials_are_unauthorised_and_fail_the_connection_test(
    vendor: Vendor, bench: Bench
) -> None:
    bench.revoke()

    assert (await failed(vendor)).fault is Fault.UNAUTHORISED
    assert [check.name for check in (await vendor.check()).checks if not check.is_ok] == ["sign-in"]


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), timedelta(minutes=-10)])
async def test_the_vendors_clock_is_told_and_orders_what_is_read(
    vendor: Vendor, about: Manifest, bench: Bench, clock: Clock, ahead: timedelta
) -> None:
    bench.skew(ahead)
    bench.create("One")
    clock.move(seconds=10)

    records, watermark = await run(vendor, about, None)
    checked = await vendor.check()

    assert watermark == records[0].key.at == clock() + ahead - timedelta(seconds=10)
    assert checked.skew is not None
    assert abs(checked.skew - ahead) <= timedelta(seconds=1)
    assert all(check.is_ok for check in checked.checks)
