from datetime import timedelta
from itertools import count, pairwise

import pytest

from adapters.contract import Manifest, Vendor
from adapters.exchange import Failed, Page
from domain.records import IncidentStatus, RecordKind
from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import Bench
from tests.adapters.contract.conftest import Connect
from tests.adapters.contract.reading import FIRST, pull


@pytest.mark.parametrize("every", [1, 2, 100])
async def test_every_record_is_read_once_however_many_share_a_stamp(
    vendor: Vendor, about: Manifest, bench: Bench, clock: Clock, every: int
) -> None:
    for kind in about.kinds:
        made: list[str] = []
        for n in range(25):
            made.append(bench.create(f"{kind} {n}", kind))
            clock.move(seconds=n % every == 0)

        records = (await pull(vendor, about, kind=kind)).records

        of_ours = [record for record in records if record.external_id in made]
        assert sorted(record.external_id for record in of_ours) == sorted(made)
        title = "name" if kind is RecordKind.SERVICE else "title"
        assert {record.fields[title] for record in of_ours} == {f"{kind} {n}" for n in range(25)}
        assert all(record.url.startswith("https://") for record in records)


async def test_a_run_that_was_cut_goes_on_from_each_position_in_another_process(
    connect: Connect, about: Manifest, bench: Bench, clock: Clock
) -> None:
    made = set()
    for n in range(25):
        made.add(bench.create(f"Incident {n}"))
        clock.move(seconds=n % 2)
    whole = await pull(connect(), about)

    for cut, page in enumerate(whole.pages[:-1], start=1):
        rest = await pull(connect(), about, position=page.position)
        before = {record.external_id for one in whole.pages[:cut] for record in one.records}
        assert before | rest.latest.keys() == made


async def test_a_watermark_never_falls_and_stops_before_what_was_not_read(
    vendor: Vendor, about: Manifest, bench: Bench, clock: Clock
) -> None:
    for n in range(25):
        bench.create(f"Incident {n}")
        clock.move(seconds=30 * (n % 2))

    run = await pull(vendor, about)

    told = [page.through for page in run.pages if page.through is not None]
    assert all(earlier <= later for earlier, later in pairwise(told))
    for place, page in enumerate(run.pages):
        if page.through is not None:
            unread = {
                record.external_id for one in run.pages[place + 1 :] for record in one.records
            }
            behind = [run.latest[external_id].key.at for external_id in unread]
            assert all(at >= page.through for at in behind)


async def test_a_pull_since_the_watermark_reads_what_changed_and_little_else(
    vendor: Vendor, about: Manifest, bench: Bench, clock: Clock
) -> None:
    made = [bench.create(f"Incident {n}") for n in range(15)]
    for external_id in made:
        bench.resolve(external_id)
    clock.move(hours=1)
    recent = bench.create("Recent")
    clock.move(hours=1)
    watermark = (await pull(vendor, about)).watermark
    clock.move(seconds=10)

    bench.edit(recent, "Changed")
    run = await pull(vendor, about, watermark=watermark)

    assert set(run.latest) == {recent}
    assert run.latest[recent].fields["title"] == "Changed"


async def test_what_is_edited_while_pages_are_read_is_not_lost(
    vendor: Vendor, about: Manifest, bench: Bench, clock: Clock
) -> None:
    made = []
    for n in range(25):
        made.append(bench.create(f"Incident {n}"))
        clock.move(seconds=n % 3)
    numbers = count()

    def edit() -> None:
        clock.move(seconds=1)
        n = next(numbers)
        bench.edit(made[n * 7 % 25], f"Edited {n}")

    first = await pull(vendor, about, after_page=edit)
    clock.move(seconds=5)
    second = await pull(vendor, about, watermark=first.watermark)

    latest = first.latest | second.latest
    assert sorted(latest) == sorted(made)
    assert sorted(str(r.fields["title"]) for r in latest.values()) == sorted(bench.titles())


async def test_a_later_version_has_a_later_key_and_an_unchanged_one_the_same(
    vendor: Vendor, about: Manifest, bench: Bench, clock: Clock
) -> None:
    made = bench.create("One")
    first = (await pull(vendor, about)).latest[made]
    clock.move(seconds=2)
    bench.edit(made, "Two")
    second = (await pull(vendor, about)).latest[made]
    again = (await pull(vendor, about)).latest[made]

    assert first.key < second.key == again.key


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), timedelta(minutes=-10)])
async def test_the_vendors_clock_is_told_and_stamps_what_is_read(
    vendor: Vendor, about: Manifest, bench: Bench, clock: Clock, ahead: timedelta
) -> None:
    bench.skew(ahead)
    made = bench.create("One")
    clock.move(seconds=10)

    run = await pull(vendor, about)
    checked = await vendor.check()

    assert run.latest[made].key.at == clock() + ahead - timedelta(seconds=10)
    assert abs(run.pages[-1].skew - ahead) <= timedelta(seconds=1)
    assert checked.skew is not None
    assert abs(checked.skew - ahead) <= timedelta(seconds=1)


async def test_a_row_that_cannot_be_read_is_told_and_holds_up_nothing(
    vendor: Vendor, bench: Bench
) -> None:
    made = bench.create("One")
    bench.blank()

    page = await vendor.page(FIRST)
    whole = await vendor.page(FIRST)

    assert isinstance(page, Page | Failed)
    if isinstance(page, Page):
        assert [row.external_id for row in page.faulty] == [made]
        assert all(row.detail and row.payload and row.is_named for row in page.faulty)
    assert isinstance(whole, Page)
    assert [record.external_id for record in whole.records] == [made]


async def test_a_new_incident_has_what_every_incident_has(
    vendor: Vendor, about: Manifest, bench: Bench
) -> None:
    made = bench.create("One")

    record = (await pull(vendor, about)).latest[made]

    assert {"number", "title", "status", "severity", "startedAt"} <= record.fields.keys()
    assert record.fields["status"] in list(IncidentStatus)
    assert record.fields["number"] == record.external_key
    assert record.unmapped == {}
    assert record.correlation_id is None
