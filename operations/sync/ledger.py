"""The fields of one record as one link knows them, and what becomes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from domain.inbound import VendorKey
from domain.records import FieldValue
from domain.sync.field import (
    MOST_SENT,
    Change,
    Field,
    Opposed,
    Policy,
    Sent,
    Verdict,
)
from domain.sync.merge import merge
from models.coding import EPOCH, dumps, from_milliseconds, loads, to_milliseconds
from operations.sync.dealings import dealing, written
from operations.sync.shapes import Line, Shape
from operations.sync.terms import Terms

# A field that has not changed since the first copy.
FIRST: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An open conflict that is stored."""

    id: str
    value: FieldValue
    key: VendorKey
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What is known of a record besides its own row and its link's.

    integrations: all that it is linked to.
    queued: the fields that wait to be sent to this link's vendor.
    conflicts: the open ones of this link, by field.
    """

    integrations: Sequence[str]
    queued: frozenset[str] = frozenset()
    conflicts: Mapping[str, Standing] = field(default_factory=dict)


NOTHING: Final = Linked(integrations=())


@dataclass(slots=True, kw_only=True)
class Ledger:
    """One record's fields, judged change by change.

    record: its line; link: ``base``, ``dealings`` and the known key of its link.
    editors: who made the present version of a field.
    changed: the fields that have a new value of ours.
    sends: the fields that are to be sent to this link's vendor.
    """

    shape: Shape
    terms: Terms
    record: Line
    known: VendorKey
    base: Mapping[str, FieldValue]
    linked: Linked
    revisions: dict[str, list[Any]]
    dealings: dict[str, dict[str, Any]]
    fields: dict[str, Field] = field(default_factory=dict)
    editors: dict[str, str] = field(default_factory=dict)
    changed: dict[str, FieldValue] = field(default_factory=dict)
    sends: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, stored: Line, shape: Shape, terms: Terms, linked: Linked) -> "Ledger":
        """Read the joined rows of a record (``r_…``) and its link."""
        record = {name[2:]: value for name, value in stored.items() if name.startswith("r_")}
        return cls(
            shape=shape,
            terms=terms,
            record=record,
            known=VendorKey(
                at=from_milliseconds(stored["known_at"]), sequence=stored["known_sequence"]
            ),
            base=loads(stored["base"]),
            linked=linked,
            revisions=loads(record["revisions"]) if shape.has_edits else {},
            dealings=loads(stored["dealings"]) if shape.has_edits else {},
        )

    @classmethod
    def unlinked(cls, stored: Line, shape: Shape, terms: Terms) -> "Ledger":
        """Read a record (``r_…``) that the vendor does not have yet."""
        bare = {"known_at": 0, "known_sequence": 0, "base": "{}", "dealings": "{}"}
        return cls.of(stored | bare, shape, terms, NOTHING)

    def __getitem__(self, name: str) -> Field:
        """Return a field as it stands."""
        if name not in self.fields:
            self.fields[name] = self._read(name)
        return self.fields[name]

    def value(self, name: str) -> FieldValue:
        """Return our value before anything is judged.

        Of what is kept in other tables, or as another type, the vendor's counts as ours.
        """
        column = self.shape.columns.get(name)
        if column is None:
            extra: dict[str, FieldValue] = loads(self.record["extra"])
            return extra.get(name, self.base.get(name))
        if name in self.shape.instants:
            return self.base.get(name)
        stored: FieldValue = self.record[column]
        if name in self.shape.lists:
            labels: list[str] = loads(str(stored))
            return labels
        return stored

    def judge(self, name: str, change: Change) -> Verdict:
        """Judge what the vendor says of a field; nothing is kept of it yet."""
        return merge(self[name], change, self.policy(name))

    def policy(self, name: str) -> Policy:
        """Return how a field of this record is judged; only incidents' fields have owners."""
        return self.terms.policy(name, self.linked.integrations)

    def editor(self, name: str) -> str:
        """Return who made the present version of a field; nobody did of the first copy's."""
        return self.editors.get(name, "")

    def keep(self, name: str, verdict: Verdict, *, by: str) -> None:
        """Keep what a verdict makes of a field; ``by`` made the value that it takes, if any."""
        before, after = self[name], verdict.after
        self.fields[name] = after
        if verdict.accepted:
            self.changed[name] = after.value
            self.editors[name] = by
        # What has won is sent over the field's owner; what waits may not be.
        if after.is_queued and (not before.is_queued or verdict.clash is not None):
            self.sends.add(name)

    def note_sent(self, name: str, sent: Sent) -> None:
        """Note that a value is about to be sent; its key is not known before the answer."""
        self.forget_sent(name)
        one = self[name]
        self.fields[name] = replace(one, sent=(*one.sent, sent)[-MOST_SENT:])

    def forget_sent(self, name: str) -> None:
        """Take back what was noted of a value whose answer never came."""
        one = self[name]
        self.fields[name] = replace(
            one, sent=tuple(sent for sent in one.sent if sent.key is not None)
        )

    def edited_at(self, key: VendorKey) -> datetime:
        """Return the vendor's time in our clock (rule T5)."""
        return key.at - self.terms.skew

    @property
    def bases(self) -> dict[str, FieldValue]:
        """The vendor's values as last known."""
        return {**self.base, **{name: one.base for name, one in self.fields.items()}}

    @property
    def spread(self) -> dict[str, Field]:
        """The fields that have a new value of ours, as they are now."""
        return {name: self[name] for name in self.changed}

    @property
    def revised(self) -> str:
        """The record's ``revisions`` as they are stored.

        Also of what only its one vendor has ever changed: another may have it later.
        """
        kept = dict(self.revisions)
        for name, one in self.fields.items():
            if one.version > FIRST:
                at = to_milliseconds(one.edited_at)
                kept[name] = [one.version, at, one.by, self.editor(name)]
        return dumps(kept)

    @property
    def dealt(self) -> str:
        """The link's ``dealings`` as they are stored; only of what was ever sent or disputed."""
        kept = dict(self.dealings)
        for name, one in self.fields.items():
            if one.sent or one.ack is not None or one.conflict is not None or name in kept:
                kept[name] = written(one)
        return dumps(kept)

    def _read(self, name: str) -> Field:
        first = (FIRST, None, self.terms.integration_id, "")
        version, edited_at, by, self.editors[name] = self.revisions.get(name, first)
        standing = self.linked.conflicts.get(name)
        base = self.base.get(name)
        dealt = dealing(self.dealings.get(name, {}), base=base)
        return Field(
            value=self.value(name),
            version=version,
            edited_at=EPOCH if edited_at is None else from_milliseconds(edited_at),
            by=by,
            base=base,
            known_key=self.known,
            in_key=dealt.in_key,
            ack=dealt.ack,
            sent=dealt.sent,
            # A conflict holds back what waits in the lane.
            is_queued=name in self.linked.queued and standing is None,
            conflict=None
            if standing is None
            else Opposed(value=standing.value, key=standing.key, version=standing.version),
            accepted=dealt.accepted,
        )
