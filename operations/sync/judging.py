"""What a vendor tells of a record, judged: its edits, and the conflicts that come of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.exchange import ConflictStatus
from domain.inbound import InboundEdit, MirroredValue, VendorKey
from domain.records import FieldValue, MergeReason
from domain.sync.answer import acknowledged
from domain.sync.field import Change, Clash, Field, FieldChange, Sent, Verdict, hider
from models.coding import to_milliseconds
from operations.sync.clashes import Clashed, Moved, external
from operations.sync.edits import Edits, in_order, named
from operations.sync.ledger import Ledger
from operations.sync.queue import SYNC
from operations.sync.shapes import Line

_UNSAID = frozenset({MergeReason.UNCHANGED, MergeReason.SAME, MergeReason.STALE, MergeReason.ECHO})
# Vendors may let this field be reached over others of its values only (rule K3).
_WALKED = "status"


class Untold(Exception):  # noqa: N818 — what is lacking, not an error
    """What was told of a record is too little to judge it by: read it, with its history."""


@dataclass(slots=True, kw_only=True)
class Told:
    """All that is told of one record, in order.

    key, values: the record's version, and its fields then.
    author: who updated the record last, for what no history explains.
    is_whole: the vendor's history has been read; else what only that can tell waits.
    needs_history: it has not, though it tells each change of what the vendor takes; what
        shows and was not told cannot be judged without.
    signers: under which names the history tells our writes.
    passed: ids of changes that came before one of their stamp that was judged.
    replaced: ids of those whose value the next one of their stamp has changed.
    lines: of the edits; clashes: of new conflicts; moved: those that were open.
    """

    ledger: Ledger
    edits: Edits
    key: VendorKey
    values: Mapping[str, FieldValue]
    author: str
    is_whole: bool = True
    needs_history: bool = False
    signers: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    clashes: list[Line] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)

    def recognise(self, history: Sequence[InboundEdit], shown: Mapping[str, MirroredValue]) -> None:
        """Learn from the history what tells our writes, and what later ones have passed.

        shown: the record's fields after it.
        """
        sent = self.ledger[_WALKED].sent
        for edit in history:
            after = named(edit.after, self.edits.names)
            if edit.field == _WALKED and any(one.value == after for one in sent):
                self.signers.add(edit.author)
        judged: set[tuple[str, VendorKey]] = set()
        begun: dict[tuple[str, VendorKey], list[MirroredValue]] = {}
        for edit in reversed(in_order(history, shown)):
            what = (edit.field, self._key(edit))
            self.replaced |= {edit.external_id} if edit.after in begun.get(what, ()) else set()
            begun.setdefault(what, []).append(edit.before)
            if edit.external_id not in self.edits.known:
                self.passed |= {edit.external_id} if what in judged else set()
            elif not self._is_ours(edit):
                judged.add(what)

    def _is_ours(self, edit: InboundEdit) -> bool:
        after = named(edit.after, self.edits.names)
        return any(one.value == after for one in self.ledger[edit.field].sent)

    def history(self, edit: InboundEdit) -> None:
        """Judge a change that the vendor's history tells; it is kept whatever the verdict.

        One that the record does not show yet is left for when it does. One that a write
        of ours hid, and that has its author, is a step on the way of that write (rule K3).
        """
        before, after = named(edit.before, self.edits.names), named(edit.after, self.edits.names)
        if self._is_ahead(edit, before, after):
            return
        key = self._key(edit)
        if not self.is_whole and hider(self.ledger[edit.field], key) is not None:
            return
        if edit.external_id in self.passed:
            verdict = Verdict(reason=MergeReason.STALE, after=self.ledger[edit.field])
        elif self._is_step(edit, key):
            verdict = Verdict(reason=MergeReason.ECHO, after=self.ledger[edit.field])
        else:
            verdict = self._judge(edit.field, after, key, by=edit.author)
        change = FieldChange(
            field=edit.field,
            before=before,
            after=after,
            accepted=verdict.accepted,
            reason=verdict.reason,
        )
        self._write(change, verdict, key=edit.key, by=edit.author, external_id=edit.external_id)

    def _key(self, edit: InboundEdit) -> VendorKey:
        """Return a change's key as a record has it: rows are numbered, where records are not."""
        # A clock that was ahead may have stamped the row later than the record.
        at = min(edit.key.at, self.key.at)
        return VendorKey(at=at, sequence=edit.key.sequence if self.key.sequence else 0)

    def _is_step(self, edit: InboundEdit, key: VendorKey) -> bool:
        """Say whether a change was made on the way of a write of ours: statuses are walked to."""
        if edit.field != _WALKED or edit.author not in self.signers:
            return False
        sent = self.ledger[edit.field].sent
        return any(one.key is not None and key <= one.key for one in sent)

    def answered(self, name: str, sent: Sent) -> None:
        """Take the record as the answer to a write of ours; what the vendor cut is an edit."""
        ledger, value = self.ledger, self.values[name]
        before = ledger[name]
        shown = Change(value=value, key=self.key, edited_at=ledger.edited_at(self.key), is_new=True)
        verdict = acknowledged(before, sent=sent, told=shown, policy=ledger.policy(name))
        ledger.keep(name, verdict, by=self.author)
        if verdict.reason is MergeReason.ECHO:
            return
        change = FieldChange(
            field=name,
            before=sent.value,
            after=value,
            accepted=verdict.accepted,
            reason=verdict.reason,
        )
        self._write(change, verdict, key=self.key, by=self.author, external_id=None)

    def healed(self, name: str, verdict: Verdict, told: Change) -> None:
        """Keep what a comparison of both sides has made of a field.

        That ours is written again is no edit, but what it replaces may be one.
        """
        before = self.ledger[name]
        if verdict.clash is not None:
            self._open(name, before, told, verdict.clash, by=self.author)
        self.ledger.keep(name, verdict, by=self.author)
        if not verdict.accepted and verdict.clash is None and told.value == before.base:
            return
        change = FieldChange(
            field=name,
            before=before.value,
            after=verdict.after.value if verdict.accepted else told.value,
            accepted=verdict.accepted,
            reason=verdict.reason,
        )
        self._write(change, verdict, key=self.key, by=self.author, external_id=None)

    def _is_ahead(self, edit: InboundEdit, before: FieldValue, after: FieldValue) -> bool:
        """Say whether a change came after the record was read: by its count where there is one.

        Of one stamp with the record, it is when the record still shows what it changed, and
        nothing brought that back.
        """
        if self.key.sequence:
            return edit.key.sequence > self.key.sequence
        if edit.key.at != self.key.at or edit.field not in self.values:
            return edit.key.at > self.key.at
        is_shown = self.values[edit.field] == before != after
        return is_shown and edit.external_id not in self.replaced

    def shown(self, name: str, value: FieldValue, history: Sequence[InboundEdit]) -> None:
        """Judge a field as the record shows it; what says nothing new is not kept.

        history: all that the vendor tells of the record. What that explains needs no
        edit of its own. A field that is not audited, or a history that is closed,
        still leaves a trace of what was seen.
        Raises Untold where the history has the change, and was not read: by the record
        alone it would have been made later than it was.
        """
        before = self.ledger[name]
        is_old = self.key < before.known_key
        if (value == before.base and not is_old) or (is_old and not self.is_whole):
            return
        telling = [one for one in history if one.field == name]
        is_told = any(named(one.after, self.edits.names) == value for one in telling)
        if self.needs_history and not is_told and name in self.ledger.terms.written:
            raise Untold(name)
        by = telling[-1].author if telling else self.author
        verdict = self._judge(name, value, self.key, by=by)
        if verdict.reason in _UNSAID or not self.ledger.shape.has_edits:
            return
        if is_told:
            return
        change = FieldChange(
            field=name,
            before=before.base,
            after=value,
            accepted=verdict.accepted,
            reason=verdict.reason,
        )
        self._write(change, verdict, key=self.key, by=by, external_id=None)

    def _judge(self, name: str, value: FieldValue, key: VendorKey, *, by: str) -> Verdict:
        ledger = self.ledger
        before = ledger[name]
        change = Change(value=value, key=key, edited_at=ledger.edited_at(key), is_new=True)
        verdict = ledger.judge(name, change)
        if verdict.clash is not None:
            self._open(name, before, change, verdict.clash, by=by)
        elif verdict.is_superseded or verdict.reason is MergeReason.OPEN_CONFLICT:
            self._follow(name, verdict, change, by=by)
        ledger.keep(name, verdict, by=by)
        return verdict

    def _open(self, name: str, before: Field, change: Change, clash: Clash, *, by: str) -> None:
        clashed = Clashed(name=name, ours=before, change=change, clash=clash, by=by)
        self.clashes.append(clashed.line(self.edits.runtime, self.ledger))

    def _follow(self, name: str, verdict: Verdict, change: Change, *, by: str) -> None:
        """Let the open conflict of a field go along with a change, or end by it (rules F1, F4).

        It may be one that an earlier change of the same record has just opened.
        """
        opposed = verdict.after.conflict
        status = ConflictStatus.OPEN if opposed else ConflictStatus.SUPERSEDED
        opened = (line for line in self.clashes if (line["field"], line["open_slot"]) == (name, 1))
        line = next(opened, None)
        if line is not None:
            now = to_milliseconds(self.edits.runtime.now())
            line |= external(change, by=by) | {
                "version": opposed.version if opposed else line["version"],
                "status": status,
                "open_slot": 1 if opposed else None,
                "resolved_at": None if opposed else now,
                "resolved_by": None if opposed else SYNC,
            }
            return
        standing = self.ledger.linked.conflicts[name]
        self.moved.append(
            Moved(
                id=standing.id,
                status=status,
                version=opposed.version if opposed else standing.version,
                value=change.value,
                key=change.key,
                edited_at=change.edited_at,
                by=by,
            )
        )

    def _write(
        self,
        change: FieldChange,
        verdict: Verdict,
        *,
        key: VendorKey,
        by: str,
        external_id: str | None,
    ) -> None:
        if change.before == change.after:
            return
        version = self.ledger.record["version"] + sum(line["accepted"] for line in self.lines)
        line = self.edits.line(
            self.ledger.record["id"], change, key=key, by=by, version=version + change.accepted
        )
        warning = None if verdict.clash is None else verdict.clash.warning
        self.lines.append(line | {"external_id": external_id, "warning": warning})
