"""What a rule would do to the values that both sides hold now."""

from collections.abc import Sequence
from enum import StrEnum

from domain.records import TAKES_INBOUND, Direction, FieldValue, Owner
from domain.sync.ownership import carries_out


class RuleEffect(StrEnum):
    """What the next comparison of both sides does with a field that differs."""

    SENT = "SENT"
    TAKEN = "TAKEN"
    STAYS = "STAYS"


def differs(ours: FieldValue, theirs: FieldValue) -> bool:
    """Say whether two values differ; of lists, the order says nothing (rule K1)."""
    if _is_list(ours) or _is_list(theirs):
        return set(_items(ours)) != set(_items(theirs))
    return ours != theirs


def effect_of(owner: Owner | None, direction: Direction, *, is_written: bool) -> RuleEffect:
    """Return what becomes of a field that differs under its owner (rule O, table).

    is_written: the vendor takes the field from us at all.
    """
    if owner is Owner.EXTERNAL:
        return RuleEffect.TAKEN if direction in TAKES_INBOUND else RuleEffect.STAYS
    return RuleEffect.SENT if is_written and carries_out(direction) else RuleEffect.STAYS


def _is_list(value: FieldValue) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _items(value: FieldValue) -> Sequence[str]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
