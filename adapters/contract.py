"""What Watchpane asks of a vendor, and what it gets back.

A vendor is a folder with four files: ``manifest.py`` (what it is), ``client.py``
(HTTP), ``mapping.py`` (translation, pure) and ``webhook.py`` (deliveries, pure).
Adapters never raise for what a vendor does: they return ``Failed``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import httpx

from domain.records import FaultyRecord, InboundEdit, InboundRecord, RecordKind, Reference
from domain.sync.retry import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A vendor said no, or nothing that can be read.

    detail: the vendor's own words where it had any; no secret, at most 500 characters.
    retry_after: when the vendor said so.
    status: of the HTTP answer, None where there was none.
    """

    fault: Fault
    detail: str
    retry_after: timedelta | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAsk:
    """A page of records, in ascending order of (update time, id).

    since: the earliest update time, inclusive; None for all.
    position: what the page before returned, None for the first.
    size: at most so many rows.
    """

    kind: RecordKind
    since: datetime | None
    position: str | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some records, and how to go on.

    position: opaque, storable; None when the vendor has no more.
    served_at: the vendor's own time of the answer (its ``Date``).
    skew: one difference between the vendor's clock and ours.
    remaining: rows that match from this page on, where the vendor tells.
    """

    records: Sequence[InboundRecord]
    faulty: Sequence[FaultyRecord]
    position: str | None
    served_at: datetime
    skew: timedelta
    remaining: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAsk:
    """The field changes of one record from ``since`` on (inclusive), None for all."""

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
class Named:
    """A reference with its name, as the vendor has it."""

    reference: Reference
    name: str
    email: str | None = None


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
    """An open connection to one vendor account."""

    async def page(self, ask: PageAsk) -> Page | Failed:
        """Return a page of records."""
        ...

    async def history(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> History | Failed:
        """Return the field changes of some records."""
        ...

    async def names(self, references: Collection[Reference]) -> Sequence[Named] | Failed:
        """Return the names of those references that the vendor still knows."""
        ...

    async def check(self) -> Checked:
        """Try reach, sign-in, rights and clock, and say what to do about each failure."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a connection needs.

    credentials: by the names that the manifest lists.
    now: our time, for clock differences and token lifetimes.
    deadline: of one request, from its first byte out to its last byte in.
    transport: None for the network; a test passes a simulator's.
    """

    base_url: str
    credentials: Mapping[str, str]
    now: Callable[[], datetime]
    deadline: timedelta
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSet:
    """One way to sign in: the names of the values that it takes."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a vendor is and can do.

    overlap: how long after its stamp a row may become visible (rule W4).
    value_resolution, operand_resolution: of times in answers and in queries (rule T4).
    page_size: rows asked for at once.
    fields: the canonical fields that it supplies.
    """

    key: str
    name: str
    kinds: tuple[RecordKind, ...]
    overlap: timedelta
    value_resolution: timedelta
    operand_resolution: timedelta
    page_size: int
    credentials: tuple[CredentialSet, ...]
    fields: tuple[str, ...]
    connect: Callable[[Access], Vendor] = field(repr=False)
