"""What a vendor is asked, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.inbound import (
    FaultyRecord,
    InboundEdit,
    InboundNote,
    InboundRecord,
    MirroredValue,
    Reference,
)
from domain.records import NoteVisibility, RecordKind
from domain.sync.retry import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A vendor said no, or nothing that can be read.

    detail: the vendor's own words where it had any; no secret, at most 500 characters.
    retry_after: when the vendor said so.
    status: of the HTTP answer, None where there was none.
    fields: fields of ours that the vendor refused, with its words for each.
    """

    fault: Fault
    detail: str
    retry_after: timedelta | None = None
    status: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAsk:
    """A page of records, in ascending order of (update time, id).

    since: the earliest update time, inclusive; None for all.
    position: what the page before returned, None for the first.
    size: about so many rows.
    is_thorough: also look for what the vendor's own list of changes may leave
        out; asked at the start and every tenth time. Most vendors leave out nothing.
    """

    kind: RecordKind
    since: datetime | None
    position: str | None
    size: int
    is_thorough: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some records, and how to go on.

    position: opaque, storable; None when the vendor has no more.
    through: the update time up to which everything has been read with this
        page, None when that is no further than before.
    served_at: the vendor's own time of the answer (its ``Date``).
    skew: one difference between the vendor's clock and ours.
    remaining: rows that match from this page on, where the vendor tells.
    """

    records: Sequence[InboundRecord]
    faulty: Sequence[FaultyRecord]
    position: str | None
    through: datetime | None
    served_at: datetime
    skew: timedelta
    remaining: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Some records read by their ids.

    gone: those that the vendor says it does not have. It may say so of what we
        have no right to see.
    served_at: the vendor's own time of the (last) answer.
    """

    records: Sequence[InboundRecord]
    faulty: Sequence[FaultyRecord]
    gone: frozenset[str]
    served_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusAsk:
    """A page of the ids of all records; ``position`` is None for the first."""

    kind: RecordKind
    position: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusPage:
    """Ids of records that exist; ``position`` is None when there are no more."""

    external_ids: Sequence[str]
    position: str | None
    served_at: datetime
    skew: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAsk:
    """What happened to one record from ``since`` on (inclusive), None for all."""

    external_id: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Field changes in the vendor's order.

    ``is_closed`` when the vendor keeps no history or does not let us read it.
    """

    edits: Sequence[InboundEdit]
    is_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Notes of some records, oldest first.

    whole: the records whose notes are all here; one that is not has been deleted.
    is_closed: the vendor does not let us read notes.
    """

    notes: Sequence[InboundNote]
    whole: frozenset[str] = frozenset()
    is_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A reference with its name, as the vendor has it."""

    reference: Reference
    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAsk:
    """An incident to create.

    fields: canonical ones; people, groups and services as references.
    correlation_id: our id, which the vendor's record carries from then on (rule I4).
    may_exist: an earlier try may have arrived; look for it first.
    """

    fields: Mapping[str, MirroredValue]
    correlation_id: str
    may_exist: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteAsk:
    """Fields of an incident to write: absolute values, so that twice is as good as once."""

    external_id: str
    fields: Mapping[str, MirroredValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAsk:
    """A note to add to an incident.

    may_exist: an earlier try may have arrived; look for the same words of ours first (rule K2).
    since: none of the tries is older, by any clock; None when nobody knows.
    others: notes there that are known to be something else, though in the same words.
    """

    external_id: str
    body: str
    visibility: NoteVisibility
    may_exist: bool = False
    since: datetime | None = None
    others: frozenset[str] = frozenset()

    def may_be(self, note: InboundNote) -> bool:
        """Say whether a note in the same words may be this one."""
        is_after = self.since is None or note.created_at >= self.since
        return is_after and note.external_id not in self.others


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One step of a connection test; ``detail`` says what to do when it failed."""

    name: str
    is_ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A connection test: its steps in order, and the vendor's clock if it was seen."""

    checks: Sequence[Check]
    latency: timedelta | None = None
    skew: timedelta | None = None
