"""What a person's word on a conflict does to its field.

Rule numbers are those of ``docs/explanation/merge.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.exchange import ConflictSide, ConflictStatus
from domain.records import FieldValue
from domain.sync.field import Accepted, Ack, Field, Opposed

# What a conflict is once a side was kept; None leaves both sides as they are.
STATUS: Final[Mapping[ConflictSide | None, ConflictStatus]] = {
    ConflictSide.PLATFORM: ConflictStatus.RESOLVED_PLATFORM,
    ConflictSide.EXTERNAL: ConflictStatus.RESOLVED_EXTERNAL,
    None: ConflictStatus.IGNORED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says of a conflict.

    keep: the side whose value stands; None lets both stand.
    seen: the version of the conflict that the person saw, None for any.
    """

    keep: ConflictSide | None
    seen: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The conflict ends by this word.

    after: the field from now on; its value is the vendor's where ``is_taken``.
    is_sent: our value goes to the vendor, whoever owns the field.
    """

    status: ConflictStatus
    after: Field
    is_taken: bool = False
    is_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsendable:
    """Nothing of ours goes to the vendor, so that our value cannot be kept (rule F3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """The same was said before: nothing changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedBefore:
    """The conflict has ended otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """The conflict has moved on since it was seen."""


def too_late(
    word: Word, *, status: ConflictStatus, version: int
) -> Repeated | EndedBefore | Outdated | None:
    """Return why a word comes too late for a conflict, None when it does not (rule F5)."""
    if status is not ConflictStatus.OPEN:
        return Repeated() if status is STATUS[word.keep] else EndedBefore()
    if word.seen is not None and word.seen < version:
        return Outdated()
    return None


def decided(
    word: Word, ours: Field, opposed: Opposed, *, is_writable: bool
) -> Decided | Unsendable:
    """Return what a word does to an open conflict and its field (rule F3).

    is_writable: the vendor takes this field, and the direction carries it.
    """
    match word.keep:
        case ConflictSide.PLATFORM if not is_writable:
            return Unsendable()
        case ConflictSide.PLATFORM:
            after = replace(ours, is_queued=True, conflict=None)
            return Decided(status=STATUS[word.keep], after=after, is_sent=True)
        case ConflictSide.EXTERNAL:
            return _taken(ours, opposed, at=word.at, is_writable=is_writable)
        case None:
            return Decided(status=STATUS[word.keep], after=_left(ours, opposed))


def is_accepted(ours: Field, theirs: FieldValue) -> bool:
    """Say whether a person has let this difference stand, and no side has edited since (F3)."""
    accepted = ours.accepted
    if accepted is None:
        return False
    return accepted.version == ours.version and accepted.value == theirs


def _taken(ours: Field, opposed: Opposed, *, at: datetime, is_writable: bool) -> Decided:
    """Take the vendor's value, as the person's own edit.

    A write of ours may have replaced it at the vendor before we saw it: then it goes back.
    """
    is_held = ours.base == opposed.value
    version = ours.version + 1
    after = replace(
        ours,
        value=opposed.value,
        version=version,
        edited_at=at,
        by=None,
        ack=Ack(version=version, key=opposed.key, form=opposed.value) if is_held else ours.ack,
        is_queued=not is_held and is_writable,
        conflict=None,
    )
    return Decided(
        status=STATUS[ConflictSide.EXTERNAL],
        after=after,
        is_taken=True,
        is_sent=after.is_queued,
    )


def _left(ours: Field, opposed: Opposed) -> Field:
    """Let both values stand: whoever made the vendor's counts as having seen ours."""
    ack = Ack(version=ours.version, key=opposed.key, form=opposed.value)
    if ours.ack is not None and ours.ack.version == ours.version and ours.ack.key > ack.key:
        ack = ours.ack
    accepted = Accepted(version=ours.version, value=opposed.value, key=opposed.key)
    return replace(ours, ack=ack, accepted=accepted, is_queued=False, conflict=None)
