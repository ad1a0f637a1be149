"""What other strategies would have made of changes that are recorded.

A strategy has a say only where both sides had changed a field without having seen
each other (rule M11). All rules before that decide alike under each, so that what
they decided stays as it is recorded.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from domain.exchange import ConflictSide, ConflictStrategy, ConflictWindowMode
from domain.inbound import VendorKey
from domain.records import Direction, FieldValue, MergeReason
from domain.sync.explain import CLASHES, Dispute
from domain.sync.field import Ack, Change, Field, Policy, Sent
from domain.sync.merge import merge

MOST_EXAMPLES: Final = 10
# What was decided by comparing both sides; all else says nothing of a strategy.
REPLAYED: Final = CLASHES | {
    MergeReason.NEWER,
    MergeReason.OWNER_PLATFORM,
    MergeReason.OWNER_EXTERNAL,
}
_STEP: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A vendor's change that met a change of ours, as both are recorded.

    theirs_at: in our clock. happened: the side whose value stood then, None where it
    was left to a person.
    """

    incident_id: str
    field: str
    ours: FieldValue
    ours_at: datetime
    theirs: FieldValue
    theirs_at: datetime
    theirs_by: str
    reason: MergeReason
    happened: ConflictSide | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A change that would have ended otherwise; a side of None waits for a person."""

    met: Met
    instead: ConflictSide | None


@dataclass(slots=True, kw_only=True)
class Shadow:
    """What one strategy would have made of the changes.

    manual_reviews: conflicts that would have waited for a person.
    examples: the last changes that would have ended otherwise, the latest last.
    """

    strategy: ConflictStrategy
    replayed: int = 0
    same_outcome: int = 0
    manual_reviews: int = 0
    examples: deque[Example] = field(default_factory=lambda: deque(maxlen=MOST_EXAMPLES))

    @property
    def differing(self) -> int:
        """How many changes would have ended otherwise."""
        return self.replayed - self.same_outcome

    def agree(self, changes: int) -> None:
        """Count changes that every strategy decides alike."""
        self.replayed += changes
        self.same_outcome += changes

    def meet(self, met: Met, policy: Policy) -> None:
        """Judge anew, by this strategy, a change that met one of ours."""
        instead = winner(met, replace(policy, strategy=self.strategy))
        self.replayed += 1
        # A later clash is taken up by the conflict that is open.
        self.manual_reviews += instead is None and met.reason is not MergeReason.OPEN_CONFLICT
        if instead is met.happened:
            self.same_outcome += 1
        else:
            self.examples.append(Example(met=met, instead=instead))


def happened(reason: MergeReason, dispute: Dispute, *, accepted: bool) -> ConflictSide | None:
    """Return the side whose value stood after a recorded clash, None where a person was asked."""
    if accepted:
        return ConflictSide.EXTERNAL
    is_asked = dispute.strategy is ConflictStrategy.MANUAL_REVIEW
    return None if is_asked or reason is MergeReason.OPEN_CONFLICT else ConflictSide.PLATFORM


def winner(met: Met, policy: Policy) -> ConflictSide | None:
    """Return the side whose value ``merge`` lets stand, None where it asks a person.

    The record says that neither side had seen the other, so the field is put as it
    was then: our value was never acknowledged before the change, and the change is
    judged as one that a write of ours hid, which leaves the owner no short cut.
    Direction and mode are those under which a clash can be told at all.
    """
    key = VendorKey(at=met.theirs_at, sequence=0)
    hidden = VendorKey(at=met.theirs_at + _STEP, sequence=0)
    ours = Field(
        value=met.ours,
        version=1,
        edited_at=met.ours_at,
        by=None,
        base=met.ours,
        known_key=hidden,
        ack=Ack(version=1, key=key, form=met.ours),
        sent=(Sent(version=1, value=met.ours, over=met.ours, key=hidden),),
    )
    told = Change(value=met.theirs, key=key, edited_at=met.theirs_at, is_new=True)
    verdict = merge(
        ours,
        told,
        replace(policy, direction=Direction.BIDIRECTIONAL, mode=ConflictWindowMode.CAUSAL),
    )
    if verdict.after.conflict is not None:
        return None
    return ConflictSide.EXTERNAL if verdict.accepted else ConflictSide.PLATFORM


def shadows() -> Mapping[ConflictStrategy, Shadow]:
    """Return a shadow of each strategy that has not judged anything yet."""
    return {one: Shadow(strategy=one) for one in ConflictStrategy}
