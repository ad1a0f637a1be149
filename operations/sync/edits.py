"""Single changes of fields, as the lines that keep them (rule M13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Final

from domain.inbound import InboundEdit, InboundRecord, MirroredValue, Reference, VendorKey
from domain.records import EditSource, FieldValue, MergeReason
from domain.sync.field import FieldChange
from domain.sync.merge import normalised
from models.coding import dumps, to_milliseconds
from operations.runtime import Runtime
from operations.sync.shapes import Line

_NOTHING: Final[Mapping[str, MirroredValue]] = MappingProxyType({})


def resolved(
    fields: Mapping[str, MirroredValue], names: Mapping[Reference, str]
) -> dict[str, FieldValue]:
    """Return fields as they are compared and stored, with names for references."""
    return {name: named(value, names) for name, value in fields.items() if name != "number"}


def named(value: MirroredValue, names: Mapping[Reference, str]) -> FieldValue:
    """Return a value as it is compared and stored; what has no name keeps its id."""
    if isinstance(value, Reference):
        return normalised(names.get(value, value.external_id))
    if isinstance(value, list | tuple):
        return [str(named(part, names)) for part in value]
    return normalised(value)


def in_order(
    history: Iterable[InboundEdit], shown: Mapping[str, MirroredValue] = _NOTHING
) -> list[InboundEdit]:
    """Return changes as they were made: of one stamp, each behind the one whose value it changed.

    shown: the record's fields after them all. What goes round in a circle ends with the
    value that the next change, or the record, begins from; else anywhere.
    Cost: linear, but for changes of one stamp.
    """
    ends = dict(shown)
    latest_first: list[InboundEdit] = []
    by_stamp = sorted(history, key=lambda edit: (edit.key, edit.external_id), reverse=True)
    for _, same in groupby(by_stamp, key=lambda edit: edit.key):
        left = list(same)
        while left:
            lasts = [one for one in left if not any(_leads(one, other) for other in left)]
            ending = [one for one in left if one.field in ends and one.after == ends[one.field]]
            last = (lasts or ending or left)[0]
            left.remove(last)
            ends[last.field] = last.before
            latest_first.append(last)
    return latest_first[::-1]


def _leads(earlier: InboundEdit, later: InboundEdit) -> bool:
    return earlier is not later and earlier.field == later.field and earlier.after == later.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """Makes the lines of one integration's changes.

    known: the vendor's history rows that are stored already.
    source: the door that the changes came through.
    """

    runtime: Runtime
    integration_id: str
    names: Mapping[Reference, str]
    known: frozenset[str] = frozenset()
    source: EditSource = EditSource.PULL

    def news(
        self, history: Sequence[InboundEdit], shown: Mapping[str, MirroredValue] = _NOTHING
    ) -> list[InboundEdit]:
        """Return what the vendor's history tells and is not stored yet, in the vendor's order.

        shown: the record's fields after it.
        """
        ordered = in_order(history, shown)
        return [edit for edit in ordered if edit.external_id not in self.known]

    def told(
        self,
        record_id: str,
        history: Sequence[InboundEdit],
        *,
        version: int,
        refused: MergeReason | None = None,
    ) -> list[Line]:
        """Return the lines of the history of a record that was not mirrored before.

        version: of the record before it; refused: why none of it was taken, if so.
        """
        lines: list[Line] = []
        for edit in self.news(history):
            change = FieldChange(
                field=edit.field,
                before=named(edit.before, self.names),
                after=named(edit.after, self.names),
                accepted=refused is None,
                reason=refused or MergeReason.NEWER,
            )
            if change.before == change.after:
                continue
            version += change.accepted
            line = self.line(record_id, change, key=edit.key, by=edit.author, version=version)
            lines.append(line | {"external_id": edit.external_id})
        return lines

    def seen(
        self,
        record_id: str,
        record: InboundRecord,
        changes: Iterable[FieldChange],
        *,
        version: int,
    ) -> list[Line]:
        """Return changes that a record shows; whoever updated it last counts as their author."""
        lines: list[Line] = []
        for change in changes:
            version += change.accepted
            lines.append(
                self.line(record_id, change, key=record.key, by=record.author, version=version)
            )
        return lines

    def line(
        self, record_id: str, change: FieldChange, *, key: VendorKey, by: str, version: int
    ) -> Line:
        """Return the line of one change; ``version`` is the record's after it."""
        return {
            "id": self.runtime.new_id(),
            "incident_id": record_id,
            "integration_id": self.integration_id,
            "external_id": None,
            "field": change.field,
            "before": dumps(change.before),
            "after": dumps(change.after),
            "version": version if change.accepted else None,
            "at": to_milliseconds(key.at),
            "sequence": key.sequence,
            "by": by,
            "source": self.source,
            "accepted": change.accepted,
            "reason": change.reason,
            "warning": None,
        }
