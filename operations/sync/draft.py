"""What a page's records become in our tables: pure, apart from new ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from domain.events.entry import NewEntry, RecordEventKind
from domain.inbound import InboundEdit, InboundRecord, VendorKey
from domain.records import FieldValue, MergeReason
from domain.sync.field import Field, FieldChange, Sent
from domain.sync.merge import restamped
from domain.sync.watermark import READING, SETTLING
from models.coding import dumps, loads, to_milliseconds
from operations.runtime import Runtime
from operations.sync.clashes import Moved
from operations.sync.dealings import created
from operations.sync.edits import Edits, resolved
from operations.sync.fingerprint import fingerprint
from operations.sync.judging import Told
from operations.sync.ledger import NOTHING, Ledger, Linked
from operations.sync.shapes import Line, Shape
from operations.sync.terms import Terms

_NOTHING_SENT: Final[Mapping[str, Sent]] = MappingProxyType({})
# What a link knows of its record's version.
_OF_VERSION = ("known_at", "known_sequence", "history_through", "fingerprint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The lines to write for one record; None where nothing changes.

    source: what the vendor said.
    clashes: new conflicts; moved: open ones that have changed.
    sends: fields that go back to this vendor; spreads: those that have a new value.
    """

    source: InboundRecord
    record: Line | None
    link: Line
    edits: Sequence[Line] = ()
    clashes: Sequence[Line] = ()
    moved: Sequence[Moved] = ()
    sends: frozenset[str] = frozenset()
    spreads: Mapping[str, Field] = field(default_factory=dict)
    linked: Linked = NOTHING
    entry: NewEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafter:
    """Turns the records of one integration and kind into lines.

    edits: makes the lines of single changes.
    served_at: the vendor's time of the page.
    is_whole: the history was read up to the page; needs_history: it was not, and is to be.
    """

    runtime: Runtime
    shape: Shape
    integration_id: str
    terms: Terms
    edits: Edits
    served_at: datetime
    now: datetime
    is_whole: bool = True
    needs_history: bool = False

    def new(self, record: InboundRecord, history: Sequence[InboundEdit]) -> Draft:
        """Draft a record that is seen for the first time; it is always mirrored."""
        record_id = self.runtime.new_id()
        values = resolved(record.fields, self.edits.names)
        edits = self.edits.told(record_id, history, version=1)
        line = self.shape.new_line(record_id, record, values)
        line["version"] += len(edits)
        return Draft(
            source=record,
            record=line,
            link=self._link(self.runtime.new_id(), record_id, record, values),
            edits=edits,
            entry=self._entry(RecordEventKind.CREATED, record_id, edits),
        )

    def join(
        self,
        stored: Line,
        record: InboundRecord,
        history: Sequence[InboundEdit],
        *,
        sent: Mapping[str, Sent] = _NOTHING_SENT,
    ) -> Draft:
        """Draft a vendor's record of something that is mirrored from another (rule I3).

        sent: the fields that we created it with, if we did.

        What we have stays; the record fills in only what was empty. From then on
        its changes are judged like those of any link.
        """
        values = resolved(record.fields, self.edits.names)
        empty = {
            name: value
            for name, value in values.items()
            if value not in (None, []) and self._is_empty(stored, name)
        }
        edits = self.edits.told(
            stored["id"], history, version=stored["version"], refused=MergeReason.STALE
        )
        changes = [
            FieldChange(
                field=name, before=None, after=value, accepted=True, reason=MergeReason.NEWER
            )
            for name, value in sorted(empty.items())
        ]
        if self.shape.has_edits:
            edits += self.edits.seen(stored["id"], record, changes, version=stored["version"])
        link = self._link(self.runtime.new_id(), stored["id"], record, values)
        if sent:
            link["dealings"] = created(sent, record.key, forms=values)
        return Draft(
            source=record,
            record=self._changed(stored, record, empty, edits),
            link=link,
            edits=edits,
            entry=self._entry(RecordEventKind.UPDATED, stored["id"], edits, changed=empty),
        )

    def update(
        self,
        stored: Line,
        record: InboundRecord,
        history: Sequence[InboundEdit],
        linked: Linked,
        *,
        sent: Mapping[str, Sent] = _NOTHING_SENT,
    ) -> Draft | None:
        """Draft the changes of a mirrored record; None where they tell nothing.

        stored: the joined rows of the record (``r_…``) and its link.
        sent: the fields of a write that the record is the answer to.
        The vendor's own history is judged first, change by change, then the record
        as it stands: what a write of ours has overwritten shows there only. Raises Untold.
        """
        gone_at = stored["gone_at"]
        if gone_at is not None and to_milliseconds(self.served_at) <= gone_at:
            # The page was served before the record was seen to be deleted.
            return None
        values = resolved(record.fields, self.edits.names)
        ledger = Ledger.of(stored, self.shape, self.terms, linked)
        is_older = record.key < ledger.known
        ledger.known = restamped(ledger.known, pulled=record.key)
        told = self._judge(ledger, record, history, values, sent)
        edits = told.lines
        if is_older and record.key < ledger.known and not edits and not sent:
            return None
        # The history may have told a change before the record did: then it is no news, but due.
        is_restored = ledger.record["deleted_at"] is not None
        is_news = is_restored or bool(edits) or bool(ledger.changed)
        kind = RecordEventKind.RESTORED if is_restored else RecordEventKind.UPDATED
        return Draft(
            source=record,
            record=self._known_line(stored, record, ledger, edits) if is_news else None,
            link=self._known_link(stored, record, ledger),
            edits=edits,
            clashes=told.clashes,
            moved=told.moved,
            sends=frozenset(ledger.sends),
            spreads=ledger.spread,
            linked=linked,
            entry=self._entry(kind, ledger.record["id"], edits, changed=ledger.changed)
            if is_news
            else None,
        )

    def _known_line(
        self, stored: Line, record: InboundRecord, ledger: Ledger, edits: Sequence[Line]
    ) -> Line:
        """Return the line of a known record with what has changed."""
        line = self._changed(ledger.record, record, ledger.changed, edits)
        if self.shape.has_edits:
            line["revisions"] = ledger.revised
        return line | self._called(stored, record)

    def _known_link(self, stored: Line, record: InboundRecord, ledger: Ledger) -> Line:
        """Return the line of a known record's link; an older version moves it no further."""
        link = self._link(stored["id"], ledger.record["id"], record, ledger.bases)
        if record.key < ledger.known:
            link |= {name: stored[name] for name in _OF_VERSION}
        if not self.is_whole:
            link["history_through"] = stored["history_through"]
        if self.shape.has_edits:
            link["dealings"] = ledger.dealt
        return link

    def _judge(
        self,
        ledger: Ledger,
        record: InboundRecord,
        history: Sequence[InboundEdit],
        values: Mapping[str, FieldValue],
        sent: Mapping[str, Sent],
    ) -> Told:
        """Judge what the record answers, what the history tells, and what the record shows."""
        told = Told(
            ledger=ledger,
            edits=self.edits,
            key=record.key,
            values=values,
            author=record.author,
            is_whole=self.is_whole,
            needs_history=self.needs_history,
        )
        if self.shape.has_edits:
            told.recognise(history, record.fields)
        for name in sorted(sent.keys() & values.keys()):
            told.answered(name, sent[name])
        for edit in self.edits.news(history, record.fields):
            told.history(edit)
        for name, value in sorted(values.items()):
            told.shown(name, value, history)
        return told

    def _is_empty(self, stored: Line, name: str) -> bool:
        """Say whether a mirrored record has no value for a field that it may lack."""
        column = self.shape.columns.get(name)
        if column is None:
            return name != "services" and name not in loads(stored["extra"])
        # That something has not ended yet is no gap to be filled.
        return name != "resolvedAt" and stored[column] in (None, "[]")

    def _called(self, stored: Line, record: InboundRecord) -> Line:
        """Return what a record is called: the present key of its oldest link."""
        if self.shape.key_column is None or stored["oldest_link"] != stored["id"]:
            return {}
        return {self.shape.key_column: record.external_key}

    def _changed(
        self,
        line: Line,
        record: InboundRecord,
        changed: Mapping[str, FieldValue],
        edits: Sequence[Line],
    ) -> Line:
        versions = sum(edit["accepted"] for edit in edits) if self.shape.has_edits else 1
        return self.shape.changed_line(line, record, changed, versions)

    def _link(
        self, link_id: str, record_id: str, record: InboundRecord, base: Mapping[str, FieldValue]
    ) -> Line:
        line: Line = {
            "id": link_id,
            f"{self.shape.table}_id": record_id,
            "integration_id": self.integration_id,
            "external_id": record.external_id,
            "external_key": record.external_key,
            "url": record.url,
            "known_at": to_milliseconds(self._known_at(record.key)),
            "known_sequence": record.key.sequence,
            "base": dumps(base),
            # Without its history a record is looked at again by the next pull.
            "fingerprint": fingerprint(record) if self.is_whole else "",
            # A clock that stepped back before we knew it has stamped rows in its own future.
            "history_through": to_milliseconds(min(record.key.at, self.served_at))
            if self.is_whole
            else None,
            "last_seen_at": to_milliseconds(self.now),
            "gone_at": None,
        }
        if self.shape.has_edits:
            line["dealings"] = "{}"
        return line

    def _known_at(self, key: VendorKey) -> datetime:
        """Return by which time later versions are newer.

        A version without a count that a clock ahead has stamped in its own future
        must not hide those that it stamps when it has been set right, from the
        moment on at which this one was read: some time before its answer is dated.
        """
        is_of_the_future = key.at > self.served_at + SETTLING
        return self.served_at - READING if is_of_the_future and not key.sequence else key.at

    def _entry(
        self,
        kind: RecordEventKind,
        record_id: str,
        edits: Sequence[Line],
        changed: Iterable[str] = (),
    ) -> NewEntry:
        return NewEntry(
            topic=self.shape.topic,
            kind=kind,
            occurred_at=self.now,
            integration_id=self.integration_id,
            record_id=record_id,
            edit_ids=tuple(edit["id"] for edit in edits),
            changed=() if self.shape.has_edits else tuple(sorted(changed)),
        )
