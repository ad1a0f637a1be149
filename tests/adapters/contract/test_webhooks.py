from collections.abc import Mapping

import pytest

from adapters.contract import Manifest, Vendor, Webhooks
from adapters.delivery import Deleted, Hinted, Rejected, Reported, Verified
from adapters.exchange import Failed, HistoryAsk, Notes, WriteAsk
from domain.inbound import InboundNote
from domain.records import IncidentStatus, RecordKind, VendorFeature
from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import WorkedBench
from tests.adapters.contract.reading import one
from tests.postbox import Letter, Postbox

NEEDED = (VendorFeature.WRITE, VendorFeature.HISTORY, VendorFeature.NOTES)
pytestmark = [pytest.mark.needs(*NEEDED), pytest.mark.usefixtures("secrets")]


@pytest.fixture
def webhooks(about: Manifest) -> Webhooks:
    assert about.webhooks is not None
    return about.webhooks


@pytest.fixture
def box() -> Postbox:
    return Postbox()


@pytest.fixture
def secrets(bench: WorkedBench, box: Postbox) -> Mapping[str, str]:
    return bench.subscribe(box)


async def posted(bench: WorkedBench, box: Postbox) -> Letter:
    """Return the last letter that the vendor has sent."""
    await bench.post()
    return box.take()[-1]


async def told(
    vendor: Vendor, bench: WorkedBench, box: Postbox
) -> list[Reported | Hinted | Deleted]:
    """Return all that the vendor tells of what happened."""
    await bench.post()
    reads = await vendor.reader()
    assert not isinstance(reads, Failed), reads
    found = [one for letter in box.take() for one in reads(letter.raw())]
    return [one for one in found if isinstance(one, Reported | Hinted | Deleted)]


async def reported(vendor: Vendor, bench: WorkedBench, box: Postbox) -> Reported:
    """Return the last record that the vendor tells of as it stands."""
    return [one for one in await told(vendor, bench, box) if isinstance(one, Reported)][-1]


async def test_what_the_vendor_posts_is_believed_and_known_again(
    bench: WorkedBench,
    webhooks: Webhooks,
    secrets: Mapping[str, str],
    box: Postbox,
    clock: Clock,
) -> None:
    made = bench.create("One")
    raw = (await posted(bench, box)).raw()

    verdict = webhooks.verify(raw, secrets, clock())
    assert isinstance(verdict, Verified), verdict
    assert verdict.dedup_key
    assert verdict.external_id == made
    others = dict.fromkeys(secrets, "another secret, of as many letters")
    assert isinstance(webhooks.verify(raw, others, clock()), Rejected)
    assert set(secrets) <= set(webhooks.credentials)


async def test_what_tells_is_read_as_the_vendor_stands(
    vendor: Vendor, bench: WorkedBench, box: Postbox, clock: Clock
) -> None:
    made = bench.create("One")
    for happen in (bench.assign, bench.resolve):
        clock.move(seconds=61.234)
        happen(made)

        heard = await reported(vendor, bench, box)
        read = await one(vendor, made)

        assert heard.kind is RecordKind.INCIDENT
        assert heard.record.key == read.key
        for name in ("external_id", "external_key", "url", "created_at", "correlation_id"):
            assert getattr(heard.record, name) == getattr(read, name)
        assert heard.record.fields == {name: read.fields[name] for name in heard.record.fields}
        assert heard.record.relations == read.relations
        assert set(heard.record.same_as) == set(read.same_as)
        assert heard.record.unmapped == read.unmapped


async def test_a_new_record_that_is_told_whole_reads_the_same(
    vendor: Vendor, bench: WorkedBench, box: Postbox
) -> None:
    made = bench.create("One")

    heard = await reported(vendor, bench, box)

    read = await one(vendor, made)
    assert heard.record.fields.items() <= read.fields.items()
    assert not heard.is_whole or heard.record.fields == read.fields


async def test_our_own_writes_are_told_too(
    vendor: Vendor, bench: WorkedBench, box: Postbox, clock: Clock
) -> None:
    made = bench.create("One")
    await told(vendor, bench, box)
    clock.move(seconds=61)

    ask = WriteAsk(external_id=made, fields={"status": IncidentStatus.ACKNOWLEDGED})
    written = await vendor.write(ask)

    assert not isinstance(written, Failed), written
    heard = await reported(vendor, bench, box)
    assert heard.record.key == written.key
    assert heard.record.fields["status"] == written.fields["status"]


async def test_a_changelog_has_the_ids_that_the_history_has(
    vendor: Vendor, bench: WorkedBench, box: Postbox, clock: Clock
) -> None:
    made = bench.create("One")
    await told(vendor, bench, box)
    for happen in (bench.assign, bench.resolve):
        clock.move(seconds=61)
        happen(made)

        heard = await reported(vendor, bench, box)
        history = await vendor.history(
            RecordKind.INCIDENT, [HistoryAsk(external_id=made, since=None)]
        )

        assert not isinstance(history, Failed), history
        known = {edit.external_id: edit for edit in history.edits}
        assert [known[edit.external_id] for edit in heard.edits] == list(heard.edits)
        # A vendor that tells no changelog leaves it to the history.
        newest = {edit.external_id for edit in history.edits if edit.key.at == clock()}
        assert not heard.edits or newest <= {edit.external_id for edit in heard.edits}


async def test_a_note_is_told_or_found_where_its_record_is_read(
    vendor: Vendor, bench: WorkedBench, box: Postbox, clock: Clock
) -> None:
    made = bench.create("One")
    await told(vendor, bench, box)
    clock.move(seconds=61)
    bench.comment(made, "Restarted")

    (heard,) = await told(vendor, bench, box)

    listed = await vendor.notes(RecordKind.INCIDENT, [HistoryAsk(external_id=made, since=None)])
    assert isinstance(listed, Notes), listed
    found: list[InboundNote] = list(listed.notes)
    assert [note.body for note in found] == ["Restarted"]
    if isinstance(heard, Reported):
        assert list(heard.notes) == found
    else:
        assert heard == Hinted(kind=RecordKind.INCIDENT, external_id=made, is_full=True)


async def test_the_record_of_a_note_is_named_before_anything_is_read(
    bench: WorkedBench,
    webhooks: Webhooks,
    secrets: Mapping[str, str],
    box: Postbox,
    clock: Clock,
) -> None:
    made = bench.create("One")
    clock.move(seconds=61)
    bench.comment(made, "Restarted")

    verdict = webhooks.verify((await posted(bench, box)).raw(), secrets, clock())

    assert isinstance(verdict, Verified), verdict
    assert verdict.external_id == made


async def test_a_deletion_is_told(
    vendor: Vendor,
    about: Manifest,
    bench: WorkedBench,
    box: Postbox,
) -> None:
    kinds = {RecordKind.INCIDENT, RecordKind.SERVICE} & set(about.kinds)
    for kind in sorted(kinds):
        made = bench.create("One", kind)
        await told(vendor, bench, box)
        if bench.delete(made, kind) and (heard := await told(vendor, bench, box)):
            assert heard == [Deleted(kind=kind, external_id=made)]


async def test_a_sample_goes_through_the_door_and_tells_nothing(
    vendor: Vendor, webhooks: Webhooks, secrets: Mapping[str, str], clock: Clock
) -> None:
    sample = webhooks.sample("/webhooks/vendor/prod", secrets, clock(), "01KHX4T6Z")
    reads = await vendor.reader()

    assert sample is not None
    assert not isinstance(reads, Failed), reads
    assert sample.headers.keys() <= webhooks.headers
    assert webhooks.verify(sample, secrets, clock()) == Verified(dedup_key="01KHX4T6Z")
    assert reads(sample) == ()
