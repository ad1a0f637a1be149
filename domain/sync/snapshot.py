"""A record as its vendor shows it, against what it showed before.

Facts come in (what we hold, what the vendor says), a frozen decision goes out.
Rule numbers are those of ``docs/explanation/merge.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.inbound import VendorKey
from domain.records import TAKES_INBOUND, Direction, FieldValue, MergeReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What we know of a vendor's record: its last version, and its values then."""

    key: VendorKey
    base: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs from what the vendor last told us."""

    field: str
    before: FieldValue
    after: FieldValue
    accepted: bool
    reason: MergeReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The verdict on a snapshot of a record.

    ``reason`` is STALE or UNCHANGED when nothing of it is taken.
    """

    reason: MergeReason
    changes: tuple[FieldChange, ...] = ()


def merge_snapshot(
    known: Known | None,
    *,
    key: VendorKey,
    fields: Mapping[str, FieldValue],
    direction: Direction,
) -> Merged:
    """Judge a record as the vendor now shows it against what it showed before.

    An older version is STALE (rule M3), whatever it says. A version of the same
    key is judged by its content, since a vendor's counter need not be unique.
    Where the direction takes no inbound changes they are noted, not accepted
    (rule M2); a record seen for the first time is always mirrored.
    A field that the snapshot does not name keeps its value: absence is not
    emptiness.
    """
    if known is None:
        return Merged(reason=MergeReason.NEWER)
    if key < known.key:
        return Merged(reason=MergeReason.STALE)
    takes = direction in TAKES_INBOUND
    reason = MergeReason.NEWER if takes else MergeReason.DIRECTION
    changes = tuple(
        FieldChange(
            field=name, before=known.base.get(name), after=value, accepted=takes, reason=reason
        )
        for name, value in sorted(fields.items())
        if value != known.base.get(name)
    )
    return Merged(reason=reason if changes else MergeReason.UNCHANGED, changes=changes)
