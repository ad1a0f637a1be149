"""What Watchpane asks of a vendor, and what it gets back.

A vendor is a folder with four files: ``manifest.py`` (what it is), ``client.py``
(HTTP), ``mapping.py`` (translation, pure) and ``webhook.py`` (deliveries, pure).
Adapters never raise for what a vendor does: they return ``Failed``.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import httpx

from adapters.delivery import RawDelivery, Reads, Rejected, Verified
from adapters.exchange import (
    CensusAsk,
    CensusPage,
    Checked,
    CommentAsk,
    CreateAsk,
    Failed,
    Found,
    History,
    HistoryAsk,
    Named,
    Notes,
    Page,
    PageAsk,
    WriteAsk,
)
from adapters.field_map import FieldMap, Mappings
from domain.inbound import (
    InboundNote,
    InboundRecord,
    Reference,
)
from domain.records import Direction, Owner, RecordKind, VendorFeature

__all__ = ["FieldMap", "Mappings"]


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

    async def reader(self) -> Reads | Failed:
        """Return what reads this account's deliveries.

        It asks nothing and outlives the connection: keep it for some minutes, but
        not beyond a change of the mappings.
        """
        ...

    async def check(self) -> Checked:
        """Try reach, sign-in, rights, mapping and clock, and say what to do about each failure."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


# Entered when the next request may be sent, and left when its answer has come or cannot any more.
Pace = Callable[[], AbstractAsyncContextManager[None]]


def at_once() -> AbstractAsyncContextManager[None]:
    """Keep no pace: the next request may be sent now."""
    return nullcontext()


async def unheard(_: timedelta | None) -> None:
    """Tell nobody that the vendor said "too often"."""


# Asks the vendor for what is to stand in place of some of the credentials, within 25 s.
AskTokens = Callable[[Mapping[str, str]], Awaitable[Mapping[str, str] | Failed]]
# Takes the credentials that were found wanting, and how to ask; returns those that hold.
Renew = Callable[[Mapping[str, str], AskTokens], Awaitable[Mapping[str, str] | Failed]]


async def renew_alone(seen: Mapping[str, str], ask: AskTokens) -> Mapping[str, str] | Failed:
    """Ask, and keep the answer nowhere: it is good for this connection alone."""
    given = await ask(seen)
    return given if isinstance(given, Failed) else {**seen, **given}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a connection needs.

    credentials: by the names that the manifest lists, and the tokens that the
        vendor has given for them.
    now: our time, for clock differences and token lifetimes.
    deadline: of one request, from its first byte out to its last byte in.
    mappings: the fields and values to translate by; None for the manifest's.
    pace: lets requests go; all workers share it.
    throttled: is told of each answer "too often", with the wait if the vendor named one.
    renew: keeps new tokens for all connections before one uses them, since the
        old ones may be void by then; returns those of another that has asked meanwhile.
    transport: None for the network; a test passes a simulator's.
    """

    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime]
    deadline: timedelta
    mappings: Mappings | None = None
    pace: Pace = at_once
    throttled: Callable[[timedelta | None], Awaitable[None]] = unheard
    renew: Renew = renew_alone
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSet:
    """One way to sign in: the names of the values that it takes."""

    name: str
    values: tuple[str, ...]


class Webhooks(Protocol):
    """How a vendor signs what it tells by itself. Pure, and never raises.

    credentials: the names of the secrets, none of which signs us in at the vendor
        unless a way to sign in lists it too. All are optional.
    headers: what of a delivery's headers is looked at and kept, in lower case.
    """

    credentials: tuple[str, ...]
    headers: frozenset[str]

    def verify(
        self, delivery: RawDelivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Say whether one of the secrets has signed the delivery, over its bytes as they came.

        secrets: by their names, without those that are not set.
        """
        ...

    def sample(
        self, path: str, secrets: Mapping[str, str], now: datetime, delivery_id: str
    ) -> RawDelivery | None:
        """Return a delivery that tells nothing, signed; None without a secret to do it."""
        ...


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
    service_table: the table of references that name services, where there is but one.
    keeps: how long the vendor keeps records of a kind, where it does not keep them
        for ever; what is older is not missed (rule W10).
    hides_as_gone: 404 and 410 are also the answer to who has no right to see the record,
        so that only a census deletes (rule W9).
    tells_every_change: its history tells each change of a field that can be written, and a
        delivery the one that it is about. What a record shows beside that is read.
    has_history_by_record: history costs a call for each record, so that of
        records that have ended is not read at their first sight.
    webhook_signatures: how its deliveries are signed.
    webhooks: what tells whether a delivery is the vendor's; None for one that sends none.
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
    service_table: str | None = None
    keeps: Mapping[RecordKind, timedelta] = field(default_factory=dict)
    hides_as_gone: bool = False
    tells_every_change: bool = False
    has_history_by_record: bool = False
    webhook_signatures: tuple[str, ...] = ()
    webhooks: Webhooks | None = None
    connect: Callable[[Access], Vendor] = field(repr=False)

    @property
    def credential_names(self) -> frozenset[str]:
        """What a person sets; other names are of tokens that the vendor has given."""
        return self._signing_in | self.optional_credentials

    @property
    def webhook_secrets(self) -> frozenset[str]:
        """The credentials that verify deliveries, and never sign us in."""
        return self.optional_credentials - self._signing_in

    @property
    def optional_credentials(self) -> frozenset[str]:
        """The credentials that can be set beside any way to sign in, or alone."""
        return frozenset(() if self.webhooks is None else self.webhooks.credentials)

    @property
    def _signing_in(self) -> frozenset[str]:
        return frozenset(name for way in self.credentials for name in way.values)

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
