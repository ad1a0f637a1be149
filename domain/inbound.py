"""What a vendor tells us of its records, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.records import FieldValue, NoteVisibility, RecordKind, RelationName


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class VendorKey:
    """A record's version in the vendor's own order (rule T3).

    ``at`` is the vendor's time of the update, ``sequence`` the vendor's counter
    of the record's versions, 0 where it keeps none.
    """

    at: datetime
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A vendor's pointer to a person, a group or another thing, not yet a name.

    ``table`` is the vendor's own word for where the thing lives.
    """

    table: str
    external_id: str


# Several references of one field come as a tuple.
MirroredValue = FieldValue | Reference | tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Another record of the same vendor account."""

    kind: RecordKind
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SameAs:
    """Another vendor's record of the same thing, as this one names it (rule I3c).

    known_as: its external id, or its human key.
    provider: the other vendor's key where the record tells it.
    """

    known_as: str
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRecord:
    """A vendor's record in our words.

    fields: canonical fields by our name, all others under the vendor's name.
    unmapped: vendor field to raw value, where the value has no counterpart of
        ours; ``fields`` then holds the nearest.
    correlation_id: our own id when the record carries it (rule I3b).
    relations: all targets of each relation that the record tells; one that it
        does not name stays as it is.
    same_as: the records of other vendors that this one names as itself.
    """

    external_id: str
    external_key: str
    url: str
    key: VendorKey
    created_at: datetime
    author: str
    fields: dict[str, MirroredValue]
    unmapped: dict[str, str]
    correlation_id: str | None = None
    relations: Mapping[RelationName, tuple[Target, ...]] = field(default_factory=dict)
    same_as: tuple[SameAs, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundNote:
    """A note of a record: a comment, a work note, an annotation.

    body: plain text, LF line ends.
    edited_at: None when it was never edited.
    """

    external_id: str
    record_external_id: str
    author: str | Reference
    body: str
    visibility: NoteVisibility
    created_at: datetime
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEdit:
    """One change of one field, as the vendor's own history tells it."""

    external_id: str
    record_external_id: str
    field: str
    before: MirroredValue
    after: MirroredValue
    key: VendorKey
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyRecord:
    """A row that could not be read; kept, so that nothing is lost (rule W13).

    external_id: the vendor's, where it could be read; else what tells the row from others.
    is_named: it is the vendor's, so that the record can be asked for.
    """

    external_id: str
    detail: str
    payload: dict[str, object]
    is_named: bool = True
