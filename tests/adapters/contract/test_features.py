from collections.abc import Awaitable, Callable, Mapping

from adapters.contract import Manifest, Vendor
from adapters.exchange import CommentAsk, CreateAsk, Failed, HistoryAsk, WriteAsk
from domain.records import NoteVisibility, RecordKind, VendorFeature
from domain.sync.retry import Fault
from tests.adapters.contract.bench import Bench


async def test_what_a_vendor_cannot_do_is_refused_without_a_request(
    vendor: Vendor, about: Manifest, bench: Bench
) -> None:
    made = bench.create("One")
    internal = NoteVisibility.INTERNAL
    deeds: Mapping[VendorFeature, Callable[[], Awaitable[object]]] = {
        VendorFeature.CREATE: lambda: vendor.create(
            CreateAsk(fields={"title": "Two"}, correlation_id="01KHX4T6Z0000000000000000A")
        ),
        VendorFeature.WRITE: lambda: vendor.write(
            WriteAsk(external_id=made, fields={"title": "Two"})
        ),
        VendorFeature.COMMENT: lambda: vendor.comment(
            CommentAsk(external_id=made, body="Restarted", visibility=internal)
        ),
    }

    for feature in deeds.keys() - about.features:
        outcome = await deeds[feature]()
        assert isinstance(outcome, Failed)
        assert outcome.fault is Fault.REJECTED
        assert about.name in outcome.detail
    assert bench.asked() == 0


async def test_history_and_notes_that_a_vendor_does_not_give_are_closed(
    vendor: Vendor, about: Manifest, bench: Bench
) -> None:
    asks = [HistoryAsk(external_id=bench.create("One"), since=None)]

    history = await vendor.history(RecordKind.INCIDENT, asks)
    notes = await vendor.notes(RecordKind.INCIDENT, asks)

    assert not isinstance(history, Failed)
    assert not isinstance(notes, Failed)
    assert history.is_closed == (VendorFeature.HISTORY not in about.features)
    assert notes.is_closed == (VendorFeature.NOTES not in about.features)
