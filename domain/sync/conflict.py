"""What a person's word on a conflict does to its field.

Rule numbers are those of ``docs/explanation/merge.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.records import ConflictSide, ConflictStatus, Direction, FieldValue
from domain.sync.field import Accepted, Ack, Field, Opposed
from domain.sync.ownership import carries_out

# What a conflict is once a side was kept; None leaves both sides as they are.
STATUS: Final[Mapping[ConflictSide | None, ConflictStatus]] = {
    ConflictSide.PLATFORM: ConflictStatus.RESOLVED_PLATFORM,
    ConflictSide.EXTERNAL: ConflictStatus.RESOLVED_EXTERNAL,
    None: ConflictStatus.IGNORED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A conflict and its field, as they stand.

    opposed: what the vendor says, and the conflict's version.
    """

    status: ConflictStatus
    opposed: Opposed
    ours: Field
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says.

    keep: the side whose value stands; None lets both stand.
    seen: the version of the conflict that the person saw, None for any.
    """

    keep: ConflictSide | None
    seen: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The conflict has ended by this word.

    after: the field from now on; its value is the vendor's where ``is_taken``.
    is_sent: our value goes to the vendor, whoever owns the field.
    """

    status: ConflictStatus
    after: Field
    is_taken: bool = False
    is_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """The same was decided before: nothing changes (rule F5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedBefore:
    """The conflict has ended otherwise (rule F5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """The conflict has moved on since it was seen (rule F5)."""

    current: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionForbids:
    """Nothing of ours goes to the vendor, so our value cannot be kept (rule F3)."""


Decision = Decided | Repeated | DecidedBefore | Outdated | DirectionForbids


def decide(dispute: Dispute, word: Word) -> Decision:
    """Return what a person's word does to a conflict and its field (rules F3, F5)."""
    ours, status = dispute.ours, STATUS[word.keep]
    if dispute.status is not ConflictStatus.OPEN:
        return Repeated() if dispute.status is status else DecidedBefore()
    if word.seen is not None and word.seen < dispute.opposed.version:
        return Outdated(current=dispute.opposed.version)
    match word.keep:
        case ConflictSide.PLATFORM:
            if not carries_out(dispute.direction):
                return DirectionForbids()
            after = replace(ours, is_queued=True, conflict=None)
            return Decided(status=status, after=after, is_sent=True)
        case ConflictSide.EXTERNAL:
            return _taken(dispute, at=word.at)
        case None:
            return Decided(status=status, after=_left(ours, dispute.opposed))


def is_accepted(ours: Field, theirs: FieldValue) -> bool:
    """Say whether a person has let this difference stand, and no side has edited since (F3)."""
    accepted = ours.accepted
    if accepted is None:
        return False
    return accepted.version == ours.version and accepted.value == theirs


def _taken(dispute: Dispute, *, at: datetime) -> Decided:
    """Take the vendor's value, as the person's own edit.

    A write of ours may have replaced it at the vendor before we saw it: then it goes back.
    """
    ours, opposed = dispute.ours, dispute.opposed
    is_held = ours.base == opposed.value
    is_sent = not is_held and carries_out(dispute.direction)
    version = ours.version + 1
    after = replace(
        ours,
        value=opposed.value,
        version=version,
        edited_at=at,
        by=None,
        ack=Ack(version=version, key=opposed.key) if is_held else ours.ack,
        is_queued=is_sent,
        conflict=None,
    )
    return Decided(
        status=ConflictStatus.RESOLVED_EXTERNAL, after=after, is_taken=True, is_sent=is_sent
    )


def _left(ours: Field, opposed: Opposed) -> Field:
    """Let both values stand: whoever made the vendor's counts as having seen ours."""
    ack = Ack(version=ours.version, key=opposed.key)
    if ours.ack is not None and ours.ack.version == ours.version and ours.ack.key > ack.key:
        ack = ours.ack
    accepted = Accepted(version=ours.version, value=opposed.value, key=opposed.key)
    return replace(ours, ack=ack, accepted=accepted, is_queued=False, conflict=None)
