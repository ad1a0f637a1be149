"""What a vendor tells by itself: a delivery as it came, and what it comes to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.exchange import Named
from domain.inbound import InboundEdit, InboundNote, InboundRecord
from domain.records import RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDelivery:
    """A request as it came in.

    path: as the vendor addressed it, behind the base path of our public address.
    query: as it stood in the address, without the question mark.
    headers: by names in lower case, those that the manifest wants to see.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The delivery comes from whom it says.

    dedup_key: the same on each attempt to deliver it; None where the vendor gives
        none, which is no harm: merge knows what it has judged.
    external_id: of the record that its body names, mirrored or not; None of no record.
    """

    dedup_key: str | None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The delivery may come from anyone; ``reason`` tells our people why, in our words alone."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A record as it stood when the vendor told of it.

    edits: what its changelog tells, under the ids that the vendor's history gives them.
    notes: of the record, new or edited ones; those that it does not name are still there.
    named: what things are called that the record points to.
    is_whole: it tells all that reading the record with its past would, as only that of
        a new record can. Any other leaves out what it does not tell; a record that is
        not mirrored yet is better read.
    """

    kind: RecordKind
    record: InboundRecord
    edits: Sequence[InboundEdit] = ()
    notes: Sequence[InboundNote] = ()
    named: Sequence[Named] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinted:
    """Something happened to a record; what, only reading it tells.

    is_full: its version may be the one that is mirrored, and its notes not.
    """

    kind: RecordKind
    external_id: str
    is_full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A record is said to be gone; a read confirms it (rule W9)."""

    kind: RecordKind
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Nothing can be made of the delivery, whoever tries again; ``detail`` says why."""

    detail: str


# What one delivery tells; nothing where it is of no interest to us.
Told = Sequence[Reported | Hinted | Deleted | Unreadable]
# Reads deliveries in the words of one account. Pure, and never raises.
Reads = Callable[[RawDelivery], Told]
