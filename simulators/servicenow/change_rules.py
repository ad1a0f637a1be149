"""The business rules and data policies of changes. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from simulators.servicenow.writing import Aborted, Writing, require


class State(StrEnum):
    """States of a change, as a new instance has them."""

    NEW = "-5"
    ASSESS = "-4"
    AUTHORIZE = "-3"
    SCHEDULED = "-2"
    IMPLEMENT = "-1"
    REVIEW = "0"
    CLOSED = "3"
    CANCELED = "4"


_ENDS: Final = (State.CLOSED, State.CANCELED)
_ROUTES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "normal": tuple(State),
        "standard": (
            State.NEW,
            State.SCHEDULED,
            State.IMPLEMENT,
            State.REVIEW,
            State.CLOSED,
        ),
        "emergency": (
            State.NEW,
            State.AUTHORIZE,
            State.SCHEDULED,
            State.IMPLEMENT,
            State.REVIEW,
            State.CLOSED,
        ),
    }
)
# From these a change may be sent back to New, to be planned again.
_PLANNED: Final = (State.ASSESS, State.AUTHORIZE, State.SCHEDULED)
_NEEDED: Final = {"close_code": "Close code", "close_notes": "Close notes"}


def ruled(before: Mapping[str, str], asked: Mapping[str, str], writing: Writing) -> dict[str, str]:
    """Return the fields that a change's write sets; see ``Rule``.

    A change goes from state to state in the order of its type, one at a time.
    A new one may be created in any state.
    """
    after = dict(asked)
    state = after.get("state", before["state"])
    if state == before["state"]:
        return after
    if not writing.is_new and state not in _allowed(before, after.get("type", before["type"])):
        raise Aborted("change_request", "Change Model: Check State Transition")
    if state == State.CLOSED:
        require(_NEEDED, before, asked)
    if state == State.IMPLEMENT and not before["work_start"]:
        after.setdefault("work_start", writing.at)
    if state == State.REVIEW and not before["work_end"]:
        after.setdefault("work_end", writing.at)
    if state in _ENDS:
        after |= {"active": "false", "closed_at": writing.at, "closed_by": writing.user}
    return after


def _allowed(before: Mapping[str, str], kind: str) -> set[str]:
    """Return the states that may follow the present one; none follows an end."""
    state = before["state"]
    if state in _ENDS:
        return set()
    route = _ROUTES.get(kind, tuple(State))
    follow: set[str] = {State.CANCELED}
    if state in route:
        follow.add(route[route.index(state) + 1])
    if state in _PLANNED:
        follow.add(State.NEW)
    return follow
