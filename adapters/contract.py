"""What Watchpane asks of a vendor, and what it gets back.

A vendor is a folder with four files: ``manifest.py`` (what it is), ``client.py``
(HTTP), ``mapping.py`` (translation, pure) and ``webhook.py`` (deliveries, pure).
Adapters never raise for what a vendor does: they return ``Failed``.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import httpx

from adapters.field_map import FieldMap, Mappings
from domain.inbound import (
    FaultyRecord,
    InboundEdit,
    InboundNote,
    InboundRecord,
    MirroredValue,
    Reference,
)
from domain.records import Direction, NoteVisibility, Owner, RecordKind, VendorFeature
from domain.sync.retry import Fault

__all__ = ["FieldMap", "Mappings"]


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

    may_exist: an earlier try may have arrived; look for the same words of ours,
        not older than ten minutes, first (rule K2).
    """

    external_id: str
    body: str
    visibility: NoteVisibility
    may_exist: bool = False


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


class Vendor(Protocol):
    """An open connection to one vendor account.

    What the manifest's features leave out is refused (``REJECTED``) without a
    request; history and notes are then closed.
    """

    async def page(self, ask: PageAsk) -> Page | Failed:
        """Return a page of records."""
        ...

    async def read(self, kind: RecordKind, external_ids: Sequence[str]) -> Found | Failed:
        """Return some records as they stand, at most 500 of them."""
        ...

    async def census(self, ask: CensusAsk) -> CensusPage | Failed:
        """Return a page of the ids of all records that exist."""
        ...

    async def history(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> History | Failed:
        """Return the field changes of some records."""
        ...

    async def notes(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> Notes | Failed:
        """Return the notes of some records."""
        ...

    async def names(self, references: Collection[Reference]) -> Sequence[Named] | Failed:
        """Return the names of those references that the vendor still knows."""
        ...

    async def create(self, ask: CreateAsk) -> InboundRecord | Failed:
        """Create an incident; return it as the vendor then has it."""
        ...

    async def write(self, ask: WriteAsk) -> InboundRecord | Failed:
        """Write fields of an incident; return it as the vendor then has it.

        A status is reached by at most three of the vendor's transitions (rule K3).
        Fields that the vendor cannot take are named in ``Failed.fields``.
        """
        ...

    async def comment(self, ask: CommentAsk) -> InboundNote | Failed:
        """Add a note to an incident; never in a wider visibility than asked for."""
        ...

    async def check(self) -> Checked:
        """Try reach, sign-in, rights, mapping and clock, and say what to do about each failure."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


async def at_once() -> None:
    """Keep no pace: the next request may be sent now."""


async def unheard(_: timedelta | None) -> None:
    """Tell nobody that the vendor said "too often"."""


async def keep_nothing(credentials: Mapping[str, str]) -> None:
    """Let replaced credentials go; they are good for this connection alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a connection needs.

    credentials: by the names that the manifest lists.
    now: our time, for clock differences and token lifetimes.
    deadline: of one request, from its first byte out to its last byte in.
    mappings: the fields and values to translate by; None for the manifest's.
    pace: returns when the next request may be sent; all workers share it.
    throttled: is told of each answer "too often", with the wait if the vendor named one.
    replaced: keeps credentials that the vendor has given in place of these, by
        name; awaited before they are used, since the old ones are void by then.
    transport: None for the network; a test passes a simulator's.
    """

    base_url: str
    credentials: Mapping[str, str]
    now: Callable[[], datetime]
    deadline: timedelta
    mappings: Mappings | None = None
    pace: Callable[[], Awaitable[None]] = at_once
    throttled: Callable[[timedelta | None], Awaitable[None]] = unheard
    replaced: Callable[[Mapping[str, str]], Awaitable[None]] = keep_nothing
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSet:
    """One way to sign in: the names of the values that it takes."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a vendor is and can do.

    kinds: what it supplies.
    features: what it can do with incidents beyond being read.
    overlap: how long after its stamp a row may become visible (rule W4).
    value_resolution, operand_resolution: of times in answers and in queries (rule T4).
    page_size: rows asked for at once.
    requests_per_minute: what a new integration asks for at most.
    mappings: its fields in our words; all can be overridden but the fixed ones.
    ownership: who decides a field when no rule says otherwise (rule O2).
    people, groups: the tables of references that name people and groups.
    keeps: how long the vendor keeps records of a kind, where it does not keep them
        for ever; what is older is not missed (rule W10).
    has_history_by_record: history costs a call for each record, so that of
        records that have ended is not read at their first sight.
    webhook_signatures: how its deliveries are signed.
    """

    key: str
    name: str
    kinds: tuple[RecordKind, ...]
    directions: tuple[Direction, ...] = tuple(Direction)
    features: frozenset[VendorFeature] = frozenset()
    overlap: timedelta
    value_resolution: timedelta
    operand_resolution: timedelta
    page_size: int
    requests_per_minute: int
    credentials: tuple[CredentialSet, ...]
    mappings: tuple[FieldMap, ...]
    ownership: Mapping[str, Owner] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    keeps: Mapping[RecordKind, timedelta] = field(default_factory=dict)
    has_history_by_record: bool = False
    webhook_signatures: tuple[str, ...] = ()
    connect: Callable[[Access], Vendor] = field(repr=False)

    @property
    def fields(self) -> tuple[str, ...]:
        """The canonical fields that it supplies of incidents."""
        return tuple(
            dict.fromkeys(
                mapping.field
                for mapping in self.mappings
                if mapping.kind is RecordKind.INCIDENT
                and mapping.direction is not Direction.OUTBOUND
            )
        )
