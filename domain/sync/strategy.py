"""Which side wins when both have changed a field (rule M11, table)."""

from datetime import datetime, timedelta

from domain.exchange import ConflictKind, ConflictSide, ConflictStrategy, WarningCode
from domain.sync.field import Change, Clash, Field, Policy
from domain.sync.ownership import Owned


def judged(ours: Field, change: Change, policy: Policy, *, kind: ConflictKind) -> Clash:
    """Return which side a strategy lets win (rule M11, table)."""
    owner = policy.owned.owner
    own_side = None if owner is None else ConflictSide(owner)
    match policy.strategy:
        case ConflictStrategy.MANUAL_REVIEW:
            return Clash(kind=kind, winner=None)
        case ConflictStrategy.OWNERSHIP_PRIORITY if own_side is not None:
            return Clash(kind=kind, winner=_greater(policy.owned) or own_side)
        case _:
            later = _later(ours, change, policy.resolution)
            if own_side is None:
                return Clash(kind=kind, winner=later or ConflictSide.EXTERNAL)
            if kind is ConflictKind.DIVERGED or later in (None, own_side):
                return Clash(kind=kind, winner=own_side)
            return Clash(kind=kind, winner=later, warning=WarningCode.OWNER_OVERRIDDEN)


def _greater(owned: Owned) -> ConflictSide | None:
    """Return the side of the greater priority, None of equals (rule O4)."""
    if owned.platform_priority == owned.external_priority:
        return None
    is_platform = owned.platform_priority > owned.external_priority
    return ConflictSide.PLATFORM if is_platform else ConflictSide.EXTERNAL


def _later(ours: Field, change: Change, resolution: timedelta) -> ConflictSide | None:
    """Return the side that edited last, None when the times cannot tell.

    Both are cut to what the vendor's times can tell.
    """
    mine, theirs = _cut(ours.edited_at, resolution), _cut(change.edited_at, resolution)
    if mine == theirs:
        return None
    return ConflictSide.PLATFORM if mine > theirs else ConflictSide.EXTERNAL


def _cut(at: datetime, resolution: timedelta) -> datetime:
    return at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % resolution
