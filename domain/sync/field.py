"""A field of a record as one link to a vendor knows it, and what is said of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from domain.exchange import (
    ConflictKind,
    ConflictSide,
    ConflictStrategy,
    ConflictWindowMode,
    WarningCode,
)
from domain.inbound import VendorKey
from domain.records import Direction, FieldValue, MergeReason
from domain.sync.ownership import Owned

# How many of our last writes of a field are remembered, for their echoes.
MOST_SENT: Final = 20
DEFAULT_WINDOW: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The vendor is known to have had our ``version`` at ``key``.

    form: the value that it made of it.
    """

    version: int
    key: VendorKey
    form: FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A write of ours: what it said, and which value it took the place of.

    key: the vendor's version that it made; None while its answer is not known.
    """

    version: int
    value: FieldValue
    over: FieldValue
    key: VendorKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opposed:
    """An open conflict of a field: the vendor's value against ours.

    version: grows with each later clash that it takes up (rule F1).
    """

    value: FieldValue
    key: VendorKey
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A difference that a person let stand: our ``version`` and the vendor's value (rule F3)."""

    version: int
    value: FieldValue
    key: VendorKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a record as one link to a vendor knows it.

    by: the link's integration that made the current version, None for a person here.
    base, known_key: the vendor's value as last known, and its version then.
    in_key: the last of the vendor's changes that was judged.
    ack: the last version of ours that the vendor is known to have had.
    is_queued: a write of it waits to be sent.
    """

    value: FieldValue
    version: int
    edited_at: datetime
    by: str | None
    base: FieldValue
    known_key: VendorKey
    in_key: VendorKey | None = None
    ack: Ack | None = None
    sent: tuple[Sent, ...] = ()
    is_queued: bool = False
    conflict: Opposed | None = None
    accepted: Accepted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a vendor says of a field.

    edited_at: the vendor's time in our clock (rule T5).
    is_new: it repeats nothing that was judged, though its key may be equal: a record
        as it stands, or a history row that was not stored. Not every vendor counts
        its versions.
    """

    value: FieldValue
    key: VendorKey
    edited_at: datetime
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How one link of a record is to judge one field.

    link: the link's integration.
    resolution: of the vendor's times (rule T4).
    is_lossy: several values of ours may become one of the vendor's.
    """

    link: str
    direction: Direction
    owned: Owned = field(default_factory=Owned)
    strategy: ConflictStrategy = ConflictStrategy.LAST_WRITE_WINS
    window: timedelta = DEFAULT_WINDOW
    mode: ConflictWindowMode = ConflictWindowMode.CAUSAL
    resolution: timedelta = timedelta(seconds=1)
    is_lossy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two edits that had not seen each other; ``winner`` None leaves it to a person."""

    kind: ConflictKind
    winner: ConflictSide | None
    warning: WarningCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One judged change of a field, as it is kept (rule M13)."""

    field: str
    before: FieldValue
    after: FieldValue
    accepted: bool
    reason: MergeReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a change.

    after: the field from now on.
    accepted: the change is now our value.
    clash: a conflict to be kept, decided or open.
    is_superseded: the conflict that was open has ended by itself (rule F4).
    """

    reason: MergeReason
    after: Field
    accepted: bool = False
    clash: Clash | None = None
    is_superseded: bool = False


def in_step(ours: Field) -> bool:
    """Say whether the vendor holds our present value, if in a form of its own (rule M14).

    It does when it holds what it has made of this version. Where a person let both values
    stand, it has seen ours but holds its own (rule F3).
    """
    if ours.value == ours.base:
        return True
    if ours.accepted is not None and ours.accepted.version == ours.version:
        return False
    if ours.ack is None or ours.ack.version < ours.version:
        return False
    return ours.base == ours.ack.form


def hider(ours: Field, key: VendorKey) -> Sent | None:
    """Return the write of ours that came next after a change older than what is known.

    None of a change that is as new as what is known, or newer.
    """
    if key >= ours.known_key:
        return None
    behind = (sent for sent in ours.sent if sent.key is not None and key < sent.key)
    return next(behind, None)


def known(ours: Field, change: Change) -> Field:
    """Return the field with what the vendor now holds; an older change tells nothing of it."""
    if change.key < ours.known_key:
        return ours
    return replace(ours, base=change.value, known_key=change.key)


def taken(seen: Field, change: Change, policy: Policy) -> Field:
    """Return the field with the vendor's value as ours."""
    return replace(
        seen,
        value=change.value,
        version=seen.version + 1,
        edited_at=change.edited_at,
        by=policy.link,
        is_queued=False,
        conflict=None,
    )
