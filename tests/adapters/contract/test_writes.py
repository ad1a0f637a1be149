from dataclasses import replace

import pytest

from adapters.contract import Manifest, Vendor
from adapters.exchange import CommentAsk, CreateAsk, Failed, WriteAsk
from domain.inbound import InboundNote, InboundRecord
from domain.records import ENDED, IncidentStatus, NoteVisibility, Severity, VendorFeature
from domain.sync.retry import Fault
from simulators.misfortune import Kind
from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import Deed, WorkedBench
from tests.adapters.contract.conftest import Connect
from tests.adapters.contract.reading import one, pull

pytestmark = pytest.mark.needs(VendorFeature.WRITE)

OUR_ID = "01KHX4T6Z0000000000000000A"


def new(bench: WorkedBench, **fields: str) -> CreateAsk:
    return CreateAsk(
        fields={"title": "Mail is down"} | dict(bench.needed) | fields, correlation_id=OUR_ID
    )


async def written(vendor: Vendor, external_id: str, **fields: str) -> InboundRecord:
    outcome = await vendor.write(WriteAsk(external_id=external_id, fields=fields))
    assert isinstance(outcome, InboundRecord), outcome
    return outcome


async def refused(vendor: Vendor, external_id: str, **fields: str) -> Failed:
    outcome = await vendor.write(WriteAsk(external_id=external_id, fields=fields))
    assert isinstance(outcome, Failed), outcome
    return outcome


async def test_a_write_is_seen_by_the_vendor_and_comes_back(
    vendor: Vendor, bench: WorkedBench
) -> None:
    made = bench.create("One")

    answered = await written(vendor, made, title="Two")

    assert answered.fields["title"] == "Two"
    assert list(bench.titles()) == ["Two"]
    assert answered == await one(vendor, made)


async def test_a_write_done_twice_is_as_good_as_once(vendor: Vendor, bench: WorkedBench) -> None:
    made = bench.create("One")

    first = await written(vendor, made, title="Two", severity=Severity.SEV2)
    again = await written(vendor, made, title="Two", severity=Severity.SEV2)

    assert first == again


@pytest.mark.parametrize("severity", list(Severity))
async def test_every_severity_comes_back_as_itself_or_is_told_to_be_lossy(
    vendor: Vendor, about: Manifest, bench: WorkedBench, severity: Severity
) -> None:
    made = bench.create("One")
    lossy = {entry.field for entry in about.mappings if entry.is_lossy}

    answered = await written(vendor, made, severity=severity)

    assert answered.fields["severity"] == severity or "severity" in lossy


@pytest.mark.parametrize("status", list(IncidentStatus))
async def test_a_status_is_reached_or_one_that_cannot_be_told_apart(
    vendor: Vendor, about: Manifest, bench: WorkedBench, status: IncidentStatus
) -> None:
    made = bench.create("One")
    lossy = {entry.field for entry in about.mappings if entry.is_lossy}

    answered = await written(vendor, made, status=status)
    again = await written(vendor, made, status=status)

    assert answered.fields["status"] == status or "status" in lossy
    assert (answered.fields["status"] in ENDED) == (status in ENDED)
    assert again.key == answered.key


async def test_an_incident_is_resolved_and_opened_again(
    vendor: Vendor, about: Manifest, bench: WorkedBench
) -> None:
    made = bench.create("One")
    resolved = await written(vendor, made, status=IncidentStatus.RESOLVED)

    assert resolved.fields["status"] == IncidentStatus.RESOLVED
    assert resolved.fields["resolvedAt"] is not None
    if VendorFeature.REOPEN in about.features:
        opened = await written(vendor, made, status=IncidentStatus.IN_PROGRESS)
        assert opened.fields["status"] not in ENDED


async def test_a_status_out_of_reach_is_refused_with_what_is_possible(
    vendor: Vendor, bench: WorkedBench
) -> None:
    made = bench.create("One")
    status = bench.refuse(made)

    outcome = await refused(vendor, made, status=status)

    assert outcome.fault is Fault.TRANSITION_REFUSED
    assert outcome.detail


@pytest.mark.needs(VendorFeature.CREATE)
async def test_a_created_incident_carries_our_id_from_then_on(
    vendor: Vendor, about: Manifest, bench: WorkedBench
) -> None:
    created = await vendor.create(new(bench, severity=Severity.SEV2))

    assert isinstance(created, InboundRecord), created
    assert created.fields["title"] == "Mail is down"
    assert created.fields["severity"] == Severity.SEV2
    assert created.correlation_id == OUR_ID
    run = await pull(vendor, about)
    assert [record.correlation_id for record in run.records] == [OUR_ID]


@pytest.mark.needs(VendorFeature.CREATE)
@pytest.mark.parametrize("kind", [Kind.LOST, Kind.TRUNCATED, Kind.HTML])
async def test_a_create_whose_answer_was_lost_makes_one_incident(
    vendor: Vendor, bench: WorkedBench, clock: Clock, kind: Kind
) -> None:
    bench.befall(kind, at=Deed.CREATE)

    lost = await vendor.create(new(bench))
    clock.move(minutes=2)
    found = await vendor.create(replace(new(bench), may_exist=True))
    clock.move(minutes=2)
    again = await vendor.create(replace(new(bench), may_exist=True))

    assert isinstance(lost, Failed), lost
    assert isinstance(found, InboundRecord), found
    assert isinstance(again, InboundRecord), again
    assert found.external_id == again.external_id
    assert list(bench.titles()) == ["Mail is down"]


@pytest.mark.needs(VendorFeature.COMMENT)
async def test_a_note_is_added_for_those_it_was_meant_for(
    vendor: Vendor, bench: WorkedBench
) -> None:
    made = bench.create("One")

    note = await vendor.comment(
        CommentAsk(external_id=made, body="Restarted", visibility=NoteVisibility.INTERNAL)
    )

    assert isinstance(note, InboundNote), note
    assert (note.body, note.record_external_id) == ("Restarted", made)
    assert note.visibility is NoteVisibility.INTERNAL
    assert list(bench.notes(made)) == ["Restarted"]


@pytest.mark.needs(VendorFeature.COMMENT)
async def test_a_public_note_is_public_or_refused(vendor: Vendor, bench: WorkedBench) -> None:
    made = bench.create("One")

    outcome = await vendor.comment(
        CommentAsk(external_id=made, body="We are on it", visibility=NoteVisibility.PUBLIC)
    )

    if isinstance(outcome, Failed):
        assert outcome.fault is Fault.REJECTED
        assert list(bench.notes(made)) == []
    else:
        assert outcome.visibility is NoteVisibility.PUBLIC


@pytest.mark.needs(VendorFeature.COMMENT)
async def test_a_note_whose_answer_was_lost_is_added_once(
    vendor: Vendor, bench: WorkedBench, clock: Clock
) -> None:
    made = bench.create("One")
    ask = CommentAsk(external_id=made, body="Restarted", visibility=NoteVisibility.INTERNAL)
    bench.befall(Kind.LOST, at=Deed.COMMENT)

    lost = await vendor.comment(ask)
    clock.move(minutes=2)
    found = await vendor.comment(replace(ask, may_exist=True))
    clock.move(minutes=20)
    later = await vendor.comment(replace(ask, may_exist=True, since=clock()))

    assert isinstance(lost, Failed), lost
    assert isinstance(found, InboundNote), found
    assert isinstance(later, InboundNote), later
    assert found.external_id != later.external_id
    assert list(bench.notes(made)) == ["Restarted", "Restarted"]


@pytest.mark.needs(VendorFeature.COMMENT)
async def test_what_is_written_to_a_record_that_is_gone_says_so(
    vendor: Vendor, bench: WorkedBench
) -> None:
    ask = CommentAsk(external_id=bench.unknown, body="x", visibility=NoteVisibility.INTERNAL)

    assert (await refused(vendor, bench.unknown, title="Two")).fault is Fault.GONE
    noted = await vendor.comment(ask)

    assert isinstance(noted, Failed)
    assert noted.fault is Fault.GONE


@pytest.mark.parametrize(
    ("kind", "status", "faults"),
    [
        (Kind.UNAUTHORISED, 0, {Fault.UNAUTHORISED}),
        (Kind.THROTTLED, 0, {Fault.THROTTLED}),
        (Kind.ERROR, 400, {Fault.REJECTED}),
        (Kind.ERROR, 404, {Fault.GONE}),
        (Kind.ERROR, 409, {Fault.REJECTED, Fault.VENDOR_ERROR}),
        (Kind.ERROR, 422, {Fault.REJECTED}),
        (Kind.ERROR, 500, {Fault.VENDOR_ERROR}),
        (Kind.ERROR, 503, {Fault.VENDOR_ERROR}),
        (Kind.HTML, 0, {Fault.BAD_ANSWER}),
    ],
)
async def test_a_write_that_goes_wrong_is_told_and_changes_nothing(
    vendor: Vendor, bench: WorkedBench, kind: Kind, status: int, faults: set[Fault]
) -> None:
    made = bench.create("One")
    bench.befall(kind, status=status, at=Deed.EDIT)

    outcome = await refused(vendor, made, title="Two")

    assert outcome.fault in faults
    assert list(bench.titles()) == ["One"]
    assert (await written(vendor, made, title="Two")).fields["title"] == "Two"


async def test_a_write_whose_answer_was_lost_can_be_repeated(
    vendor: Vendor, bench: WorkedBench
) -> None:
    made = bench.create("One")
    bench.befall(Kind.LOST, at=Deed.EDIT)

    lost = await refused(vendor, made, title="Two")

    assert lost.fault is Fault.VENDOR_ERROR
    assert (await written(vendor, made, title="Two")).fields["title"] == "Two"
    assert list(bench.titles()) == ["Two"]


async def test_a_field_that_the_vendor_does_not_have_is_told_and_not_sent(
    connect: Connect, bench: WorkedBench
) -> None:
    vendor = connect()
    made = bench.create("One")

    outcome = await refused(vendor, made, title="Two", shoeSize="44")

    assert outcome.fault is Fault.REJECTED
    assert set(outcome.fields) == {"shoeSize"}
