"""Everything that writing a page needs and that only the vendor knows.

Runs before the page's transaction: no transaction is open while a vendor is called.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.contract import Manifest, Vendor
from adapters.exchange import Failed, Found, History, HistoryAsk, Named, Notes, Page
from domain.inbound import InboundEdit, InboundNote, InboundRecord, MirroredValue, Reference
from domain.records import ENDED, RecordKind, VendorFeature
from models.reads.links import KnownVersion, known_names, known_versions
from operations.sync.fingerprint import fingerprint
from operations.sync.shapes import SHAPES

# Names that one run keeps in memory at most.
_MOST_NAMES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A page with the history of its records and the names of what they refer to.

    changed: the records that are new, or not of the version that is mirrored.
    named: directory entries that were not stored yet.
    is_whole: the history was read; else the next pull looks at the records again.
    """

    page: Page
    changed: Sequence[InboundRecord]
    edits: Mapping[str, Sequence[InboundEdit]]
    notes: Notes
    names: Mapping[Reference, str]
    named: Sequence[Named]
    is_whole: bool = False


@dataclass(slots=True, kw_only=True)
class Gatherer:
    """Gathers page after page of one run, and remembers the names it has seen.

    is_full: records of the version that is mirrored are judged again too.
    behind: how far the vendor's clock has stepped back during the run.
    """

    vendor: Vendor
    about: Manifest
    integration_id: str
    kind: RecordKind
    is_full: bool = False
    behind: timedelta = timedelta(0)
    names: dict[Reference, str] = field(default_factory=dict)

    def follow(self, clock_step: timedelta) -> None:
        """Expect changes as far back as the vendor's clock has just stepped (rule W7)."""
        self.behind += clock_step

    async def gather(self, page: Page) -> Gathered | Failed:
        """Read the history of the page's changed records, and the names in both.

        Cost: one read of the page's links; vendor calls only for changed records.
        """
        known = await known_versions(
            SHAPES[self.kind].table,
            self.integration_id,
            [record.external_id for record in page.records],
        )
        changed = [
            record
            for record in page.records
            if self.is_full or _is_changed(known.get(record.external_id), record)
        ]
        asks = self._asks(changed, known)
        history = await self._history(asks)
        if isinstance(history, Failed):
            return history
        notes = await self._notes(asks)
        if isinstance(notes, Failed):
            return notes
        named = await self._name(references(changed, history.edits, notes.notes))
        if isinstance(named, Failed):
            return named
        edits: dict[str, list[InboundEdit]] = {}
        for edit in history.edits:
            edits.setdefault(edit.record_external_id, []).append(edit)
        return Gathered(
            page=page,
            changed=changed,
            edits=edits,
            notes=notes,
            names=self.names,
            named=named,
            is_whole=True,
        )

    async def gather_found(self, found: Found) -> Gathered | Failed:
        """Gather records that were read by their ids."""
        return await self.gather(
            Page(
                records=found.records,
                faulty=found.faulty,
                position=None,
                through=None,
                served_at=found.served_at,
                skew=timedelta(0),
            )
        )

    async def name(self, records: Iterable[InboundRecord]) -> Sequence[Named] | Failed:
        """Learn the names of what records refer to; return those that were not stored yet.

        Cost: a read, and a vendor call for those that are stored nowhere.
        """
        return await self._name(references(records, (), ()))

    async def gather_told(
        self,
        records: Sequence[InboundRecord],
        *,
        served_at: datetime,
        edits: Sequence[InboundEdit] = (),
        notes: Sequence[InboundNote] = (),
    ) -> Gathered | Failed:
        """Gather records that came without being asked for, or as an answer to a write.

        What else their histories tell is left for the next pull. Cost: vendor calls
        only for names that are not known yet.
        """
        named = await self._name(references(records, edits, notes))
        if isinstance(named, Failed):
            return named
        by_record: dict[str, list[InboundEdit]] = {}
        for edit in edits:
            by_record.setdefault(edit.record_external_id, []).append(edit)
        page = Page(
            records=records,
            faulty=(),
            position=None,
            through=None,
            served_at=served_at,
            skew=timedelta(0),
        )
        return Gathered(
            page=page,
            changed=records,
            edits=by_record,
            notes=Notes(notes=notes),
            names=self.names,
            named=named,
        )

    def _asks(
        self, changed: Sequence[InboundRecord], known: Mapping[str, KnownVersion]
    ) -> list[HistoryAsk]:
        """Return whose history and notes are read, and from when on.

        Where each record costs a call, that of one which had ended before it was
        ever seen is left with the vendor.
        """
        return [
            HistoryAsk(
                external_id=record.external_id,
                since=self._history_since(known.get(record.external_id)),
            )
            for record in changed
            if record.external_id in known
            or not self.about.has_history_by_record
            or record.fields.get("status") not in ENDED
        ]

    async def _history(self, asks: Sequence[HistoryAsk]) -> History | Failed:
        shape = SHAPES[self.kind]
        is_kept = shape.has_edits or shape.has_steps
        if not asks or not is_kept or VendorFeature.HISTORY not in self.about.features:
            return History(edits=())
        return await self.vendor.history(self.kind, asks)

    async def _notes(self, asks: Sequence[HistoryAsk]) -> Notes | Failed:
        is_kept = SHAPES[self.kind].has_edits
        if not asks or not is_kept or VendorFeature.NOTES not in self.about.features:
            return Notes(notes=())
        return await self.vendor.notes(self.kind, asks)

    def _history_since(self, seen: KnownVersion | None) -> datetime | None:
        if seen is None or seen.history_through is None:
            return None
        return seen.history_through - self.about.overlap - self.behind

    async def _name(self, wanted: set[Reference]) -> Sequence[Named] | Failed:
        if len(self.names) > _MOST_NAMES:
            self.names.clear()
        missing = {reference for reference in wanted if reference not in self.names}
        if missing:
            self.names |= await known_names(self.integration_id, missing)
            missing -= self.names.keys()
        if not missing:
            return ()
        named = await self.vendor.names(missing)
        if isinstance(named, Failed):
            return named
        self.names |= {entry.reference: entry.name for entry in named}
        # What the vendor no longer knows keeps its id for a name.
        gone = missing - self.names.keys()
        self.names |= {reference: reference.external_id for reference in gone}
        return named


def _is_changed(seen: KnownVersion | None, record: InboundRecord) -> bool:
    return (
        seen is None
        or seen.key != record.key
        or seen.is_gone
        or seen.fingerprint != fingerprint(record)
    )


def references(
    records: Iterable[InboundRecord], edits: Iterable[InboundEdit], notes: Iterable[InboundNote]
) -> set[Reference]:
    """Return everything that the records, edits and notes point to."""
    found: set[Reference] = set()
    for record in records:
        for value in record.fields.values():
            found.update(_references_in(value))
    for edit in edits:
        found.update(_references_in(edit.before))
        found.update(_references_in(edit.after))
    found.update(note.author for note in notes if isinstance(note.author, Reference))
    return found


def _references_in(value: MirroredValue) -> Iterable[Reference]:
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, tuple):
        yield from (part for part in value if isinstance(part, Reference))
