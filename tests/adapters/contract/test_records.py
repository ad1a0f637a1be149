from dataclasses import replace

import pytest

from adapters.contract import Manifest, Mappings, Vendor
from adapters.exchange import Failed, Found, HistoryAsk
from domain.inbound import InboundRecord, Reference
from domain.records import IncidentStatus, RecordKind, VendorFeature
from domain.sync.field_mapping import CLOSED_SETS
from tests.adapters.conftest import Clock
from tests.adapters.contract.bench import Bench, WorkedBench
from tests.adapters.contract.conftest import Connect
from tests.adapters.contract.reading import census, one, pull


async def test_a_record_read_by_its_id_equals_the_one_in_a_page(
    vendor: Vendor, about: Manifest, bench: Bench
) -> None:
    for kind in about.kinds:
        made = bench.create("One", kind)

        in_page = (await pull(vendor, about, kind=kind)).latest[made]
        found = await vendor.read(kind, [made])

        assert isinstance(found, Found), found
        assert list(found.records) == [in_page]
        assert (found.gone, list(found.faulty)) == (frozenset(), [])


async def test_a_deleted_record_is_gone_and_no_longer_in_the_census(
    vendor: Vendor, about: Manifest, bench: Bench
) -> None:
    for kind in about.kinds:
        made = [bench.create(f"{kind} {n}", kind) for n in range(12)]
        everything = await census(vendor, kind)
        deleted = {made[3]} if bench.delete(made[3], kind) else set()

        found = await vendor.read(kind, made)

        assert isinstance(found, Found), found
        assert found.gone == deleted
        assert {record.external_id for record in found.records} == set(made) - deleted
        assert len(everything) == len(set(everything))
        assert set(everything) >= set(made)
        assert set(await census(vendor, kind)) == set(everything) - deleted


@pytest.mark.parametrize("odd", ["", "../users", "a b", "x^ORactive=true", "a,b", '"', "9" * 400])
async def test_an_id_that_can_be_none_is_gone_and_never_part_of_a_query(
    vendor: Vendor, about: Manifest, bench: Bench, odd: str
) -> None:
    for kind in about.kinds:
        made = bench.create("One", kind)

        found = await vendor.read(kind, [made, odd, bench.unknown])

        assert isinstance(found, Found), found
        assert [record.external_id for record in found.records] == [made]
        assert found.gone == {odd, bench.unknown}


@pytest.mark.needs(VendorFeature.HISTORY)
async def test_history_tells_that_an_incident_was_resolved(
    vendor: Vendor, bench: Bench, clock: Clock
) -> None:
    made = bench.create("One")
    clock.move(seconds=5)
    resolved_at = clock()
    bench.resolve(made)
    clock.move(seconds=5)

    told = await vendor.history(RecordKind.INCIDENT, [HistoryAsk(external_id=made, since=None)])
    later = await vendor.history(RecordKind.INCIDENT, [HistoryAsk(external_id=made, since=clock())])

    assert not isinstance(told, Failed)
    assert not isinstance(later, Failed)
    assert not told.is_closed
    statuses = [edit for edit in told.edits if edit.field == "status"]
    assert [(edit.after, edit.key.at) for edit in statuses] == [
        (IncidentStatus.RESOLVED, resolved_at)
    ]
    assert len({edit.external_id for edit in told.edits}) == len(told.edits)
    assert not later.edits


@pytest.mark.needs(VendorFeature.NOTES)
async def test_notes_come_oldest_first_and_each_under_its_incident(
    vendor: Vendor, bench: WorkedBench, clock: Clock
) -> None:
    first, second = bench.create("One"), bench.create("Two")
    for external_id, body in [(first, "Restarted"), (second, "Seen\nto"), (first, "Works <b>")]:
        clock.move(seconds=5)
        bench.comment(external_id, body)

    told = await vendor.notes(
        RecordKind.INCIDENT, [HistoryAsk(external_id=made, since=None) for made in (first, second)]
    )

    assert not isinstance(told, Failed)
    assert not told.is_closed
    of_first = [note for note in told.notes if note.record_external_id == first]
    assert [note.body for note in of_first] == ["Restarted", "Works <b>"]
    assert of_first[0].created_at < of_first[1].created_at
    assert all(note.author for note in told.notes)
    of_second = [note.body for note in told.notes if note.record_external_id == second]
    assert of_second == ["Seen\nto"]
    assert len({note.external_id for note in told.notes}) == 3


async def test_a_person_is_named_and_an_unknown_one_left_out(
    vendor: Vendor, about: Manifest, bench: WorkedBench
) -> None:
    if not about.people:
        return
    made = bench.create("One")
    name = bench.assign(made)

    person = (await one(vendor, made)).fields["assignee"]
    assert isinstance(person, Reference)
    odd = Reference(table=person.table, external_id="no^one/../x")
    named = await vendor.names([person, replace(person, external_id=bench.unknown), odd])

    assert not isinstance(named, Failed)
    assert [(entry.reference, entry.name) for entry in named] == [(person, name)]


async def test_people_stand_in_the_tables_that_the_manifest_names(
    vendor: Vendor, about: Manifest, bench: WorkedBench
) -> None:
    if not about.people:
        return
    made = bench.create("One")
    bench.assign(made)

    person = (await one(vendor, made)).fields["assignee"]

    assert isinstance(person, Reference)
    assert person.table in about.people
    assert not about.people & about.groups


async def test_a_value_without_counterpart_is_kept_beside_the_nearest(
    vendor: Vendor, bench: Bench
) -> None:
    made = bench.create("One")
    odd = bench.make_odd(made)
    if odd is None:
        return

    record = await one(vendor, made)

    assert record.fields[odd.field] in list(CLOSED_SETS[RecordKind.INCIDENT, odd.field])
    assert record.unmapped[odd.external_field] == odd.raw


async def test_a_setting_gives_a_value_its_meaning(
    connect: Connect, about: Manifest, bench: Bench
) -> None:
    made = bench.create("One")
    odd = bench.make_odd(made)
    if odd is None:
        return
    ours = list(CLOSED_SETS[RecordKind.INCIDENT, odd.field])[3]

    mapped = _remapped(about, odd.field, values={odd.raw: ours})
    record = await one(connect(mapped), made)

    assert record.fields[odd.field] == ours
    assert odd.external_field not in record.unmapped


async def test_a_setting_lets_a_field_stand_elsewhere(
    connect: Connect, about: Manifest, bench: Bench
) -> None:
    if bench.custom is None:
        return
    made = bench.create("One")
    bench.fill(made, bench.custom.external_field, "Elsewhere")

    mapped = _remapped(about, bench.custom.field, external_field=bench.custom.external_field)
    record: InboundRecord = await one(connect(mapped), made)

    assert record.fields[bench.custom.field] == "Elsewhere"


def _remapped(
    about: Manifest,
    field: str,
    *,
    external_field: str | None = None,
    values: dict[str, str] | None = None,
) -> Mappings:
    """Return the manifest's maps with one field of incidents altered."""
    return Mappings(
        replace(
            entry,
            external_field=external_field or entry.external_field,
            values={**entry.values, **(values or {})},
        )
        if (entry.kind, entry.field) == (RecordKind.INCIDENT, field)
        else entry
        for entry in about.mappings
    )
