"""The business rules and data policies of cases and requested items. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from simulators.servicenow.writing import Writing, require


class CaseState(StrEnum):
    """States of a case, as a new instance has them."""

    NEW = "1"
    CLOSED = "3"
    RESOLVED = "6"
    CANCELLED = "7"
    OPEN = "10"
    AWAITING_INFO = "18"


class ItemState(StrEnum):
    """States of a requested item, as a new instance has them."""

    PENDING = "-5"
    OPEN = "1"
    WORK_IN_PROGRESS = "2"
    CLOSED_COMPLETE = "3"
    CLOSED_INCOMPLETE = "4"
    CLOSED_SKIPPED = "7"


_CASE_ENDS: Final = (CaseState.CLOSED, CaseState.CANCELLED)
_CASE_DONE: Final = (CaseState.RESOLVED, CaseState.CLOSED)
_CASE_NEEDED: Final = {"resolution_code": "Resolution code", "close_notes": "Resolution notes"}
_ITEM_ENDS: Final = (
    ItemState.CLOSED_COMPLETE,
    ItemState.CLOSED_INCOMPLETE,
    ItemState.CLOSED_SKIPPED,
)


def case(before: Mapping[str, str], asked: Mapping[str, str], writing: Writing) -> dict[str, str]:
    """Return the fields that a case's write sets; see ``Rule``."""
    after = dict(asked)
    state, old = after.get("state", before["state"]), before["state"]
    if state == old:
        return after
    if state in _CASE_DONE and old not in _CASE_DONE:
        require(_CASE_NEEDED, before, asked)
        after |= {"resolved_at": writing.at, "resolved_by": writing.user}
    elif old in _CASE_DONE and state not in _CASE_DONE:
        after |= dict.fromkeys(("resolved_at", "resolved_by", *_CASE_NEEDED), "")
    return after | _ended(writing, is_ended=state in _CASE_ENDS)


def item(before: Mapping[str, str], asked: Mapping[str, str], writing: Writing) -> dict[str, str]:
    """Return the fields that a requested item's write sets; see ``Rule``."""
    after = dict(asked)
    state = after.get("state", before["state"])
    if state == before["state"]:
        return after
    is_ended = state in _ITEM_ENDS
    after["stage"] = "completed" if is_ended else "fulfillment"
    return after | _ended(writing, is_ended=is_ended)


def _ended(writing: Writing, *, is_ended: bool) -> dict[str, str]:
    return {
        "active": "false" if is_ended else "true",
        "closed_at": writing.at if is_ended else "",
        "closed_by": writing.user if is_ended else "",
    }
