"""What differs between both sides, and what would bring them together again.

Rule numbers are those of ``docs/explanation/drift.md``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from domain.exchange import ConflictKind, ConflictSide, DriftAction
from domain.records import TAKES_INBOUND, Direction, FieldValue, MergeReason, Owner
from domain.sync.conflict import is_accepted
from domain.sync.field import Change, Field, Opposed, Policy, Verdict, in_step, taken
from domain.sync.ownership import Rule, carries_out
from domain.sync.strategy import judged

# A plan of more items than either needs a person's word; small accounts have few records.
MOST_ITEMS: Final = 500
MOST_SHARE: Final = 0.1
FEW_ITEMS: Final = 20
# How long a plan may be healed by its hash.
FRESH: Final = timedelta(minutes=15)
# A field that was healed so often within the time comes apart by some rule: it is left alone.
MOST_HEALS: Final = 3
HEALS_WITHIN: Final = timedelta(hours=24)
# The name that stands for a whole record where a field's would.
WHOLE_RECORD: Final = "record"

ACTING: Final = frozenset(
    {
        DriftAction.PUSH,
        DriftAction.PULL,
        DriftAction.CONFLICT,
        DriftAction.CREATE_EXTERNAL,
        DriftAction.CREATE_LOCAL,
        DriftAction.DELETE_LOCAL,
    }
)


class PlanRefusal(StrEnum):
    """Why a plan is not healed."""

    STALE = "STALE"
    TOO_LARGE = "TOO_LARGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What healing does with a difference, or why it leaves it alone."""

    action: DriftAction
    because: str


# Of a field that nobody owns, where changes go one way only (rule O, table).
_ONE_WAY: Final[Mapping[Direction, Step]] = {
    Direction.OUTBOUND: Step(action=DriftAction.PUSH, because="it is only sent"),
    Direction.INBOUND: Step(action=DriftAction.PULL, because="it is only taken"),
}
_BOTH: Final = Step(action=DriftAction.CONFLICT, because="both values have changed")
# Else by whether our value, and whether the vendor's, is another than both last had.
_CHANGED: Final[Mapping[tuple[bool, bool], Step]] = {
    (True, True): _BOTH,
    (True, False): Step(action=DriftAction.PUSH, because="only our value has changed"),
    (False, True): Step(action=DriftAction.PULL, because="only the vendor's value has changed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field, or a whole record, that is not the same on both sides.

    version: of our field; 0 for a record that is not here.
    """

    external_id: str
    field: str
    ours: FieldValue
    theirs: FieldValue
    version: int
    action: DriftAction


def compare(
    ours: Field, theirs: FieldValue, policy: Policy, *, is_written: bool, heals: int
) -> Step | None:
    """Return what is to be done about a field of a linked record; None where both are equal.

    Equal is also what the vendor holds in a form of its own.

    is_written: the vendor takes the field.
    heals: how often it was healed within ``HEALS_WITHIN``.
    """
    if not _differs(ours.value, theirs) or (theirs == ours.base and in_step(ours)):
        return None
    held = _held(ours, theirs)
    if held is not None:
        return held
    wanted = _wanted(ours, theirs, policy, is_written=is_written)
    if _is_forbidden(wanted.action, policy.direction, is_written=is_written):
        return Step(
            action=DriftAction.SKIP_DIRECTION,
            because=f"{wanted.because}, but nothing carries it that way",
        )
    if heals >= MOST_HEALS:
        return Step(
            action=DriftAction.SKIP_FLAPPING,
            because=f"it was healed {heals} times within a day and came apart again",
        )
    return wanted


def _held(ours: Field, theirs: FieldValue) -> Step | None:
    """Return why a difference waits for something that is under way or was decided."""
    if ours.conflict is not None:
        return Step(
            action=DriftAction.SKIP_OPEN_CONFLICT, because="a conflict about it is undecided"
        )
    if ours.is_queued:
        return Step(action=DriftAction.SKIP_PENDING, because="a write of it is on its way")
    if is_accepted(ours, theirs):
        return Step(action=DriftAction.SKIP_ACCEPTED, because="somebody let both values stand")
    return None


def _wanted(ours: Field, theirs: FieldValue, policy: Policy, *, is_written: bool) -> Step:
    """Return what the owner, the direction and the last common value ask for."""
    owned = policy.owned
    if owned.owner is Owner.PLATFORM:
        because = "the platform owns it" if owned.by is None else "another vendor owns it"
        return Step(action=DriftAction.PUSH, because=because)
    if owned.owner is Owner.EXTERNAL:
        return Step(action=DriftAction.PULL, because="the vendor owns it")
    is_ours, is_theirs = (_differs(value, ours.base) for value in (ours.value, theirs))
    if not is_written and ours.by != policy.link and not is_theirs:
        # What another vendor or a person here has given does not yield to what was known before.
        return _CHANGED[True, False]
    if policy.direction in _ONE_WAY:
        return _ONE_WAY[policy.direction]
    return _CHANGED[is_ours, is_theirs]


def _is_forbidden(action: DriftAction, direction: Direction, *, is_written: bool) -> bool:
    match action:
        case DriftAction.PUSH:
            return not (carries_out(direction) and is_written)
        case DriftAction.PULL:
            return direction not in TAKES_INBOUND
        case _:
            return not (carries_out(direction) and direction in TAKES_INBOUND and is_written)


def healed(ours: Field, action: DriftAction, theirs: Change, policy: Policy) -> Verdict:
    """Return what healing makes of a field (rule R4); a conflict is judged as diverged.

    What ours replaces is refused by the field's owner, else by the direction.
    theirs: what the vendor holds now. Raises ValueError for an action that is no field's.
    """
    seen = replace(ours, base=theirs.value)
    owner = policy.owned.owner
    match action:
        case DriftAction.PUSH:
            is_ours = owner is Owner.PLATFORM
            reason = MergeReason.OWNER_PLATFORM if is_ours else MergeReason.DIRECTION
            return Verdict(reason=reason, after=replace(seen, is_queued=True))
        case DriftAction.PULL:
            reason = MergeReason.OWNER_EXTERNAL if owner is Owner.EXTERNAL else MergeReason.NEWER
            return Verdict(reason=reason, after=taken(seen, theirs, policy), accepted=True)
        case DriftAction.CONFLICT:
            return _clashed(seen, theirs, policy)
        case _:
            raise ValueError(f"{action} heals no field")


def _clashed(seen: Field, theirs: Change, policy: Policy) -> Verdict:
    if isinstance(theirs.value, list | tuple):
        return _united(seen, theirs, policy)
    clash = judged(seen, theirs, policy, kind=ConflictKind.DIVERGED)
    reason = MergeReason.DIVERGED
    match clash.winner:
        case ConflictSide.EXTERNAL:
            after = taken(seen, theirs, policy)
            return Verdict(reason=reason, after=after, accepted=True, clash=clash)
        case ConflictSide.PLATFORM:
            return Verdict(reason=reason, after=replace(seen, is_queued=True), clash=clash)
        case None:
            opposed = Opposed(value=theirs.value, key=theirs.key)
            return Verdict(reason=reason, after=replace(seen, conflict=opposed), clash=clash)


def _united(seen: Field, theirs: Change, policy: Policy) -> Verdict:
    """Unite two sets: what either side has stays, and the vendor is told of it (rule K1)."""
    union = sorted({*_set(seen.value), *_set(theirs.value)})
    after = taken(seen, replace(theirs, value=union), policy)
    is_queued = _differs(union, theirs.value)
    return Verdict(
        reason=MergeReason.NEWER, after=replace(after, is_queued=is_queued), accepted=True
    )


def _set(value: FieldValue) -> Sequence[str]:
    return value if isinstance(value, list | tuple) else ()


def is_large(*, acting: int, compared: int) -> bool:
    """Say whether a plan heals so much that a person has to confirm it (rule R3).

    acting: items that healing would do something about; compared: records on both sides.
    """
    return acting > MOST_ITEMS or (acting > FEW_ITEMS and acting > compared * MOST_SHARE)


def why_not_healed(
    *, is_same_rules: bool, age: timedelta, is_too_large: bool
) -> PlanRefusal | None:
    """Return why a plan is not healed by its hash (rules R2, R3), None when it is."""
    if not is_same_rules or age > FRESH:
        return PlanRefusal.STALE
    return PlanRefusal.TOO_LARGE if is_too_large else None


def next_run(started_at: datetime, interval: timedelta, *, now: datetime) -> datetime:
    """Return when a schedule runs next (rule R6): missed runs become one, which is now."""
    return max(started_at + interval, now)


def rules_digest(direction: Direction, rules: Mapping[str, Sequence[Rule]]) -> str:
    """Return what tells two settings apart, by which a plan would differ (rule R2).

    rules: of each integration, by its id.
    """
    told = sorted(
        (integration_id, rule.field, rule.owner, rule.priority)
        for integration_id, of_one in rules.items()
        for rule in of_one
    )
    return _digest([direction, told])


def plan_hash(
    integration_id: str, rules: str, direction: Direction, differences: Iterable[Difference]
) -> str:
    """Return the hash that names a plan by all that it would do (rule R1)."""
    items = sorted(
        (
            one.external_id,
            one.field,
            one.version,
            _digest(one.ours),
            _digest(one.theirs),
            one.action,
        )
        for one in differences
    )
    return _digest([integration_id, rules, direction, items])


def _digest(value: object) -> str:
    return sha256(_canonical(value).encode()).hexdigest()


def _differs(one: FieldValue, other: FieldValue) -> bool:
    """Say whether two values are not the same; a set has no order."""
    return _comparable(one) != _comparable(other)


def _comparable(value: FieldValue) -> FieldValue:
    return sorted(value) if isinstance(value, list | tuple) else value


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
