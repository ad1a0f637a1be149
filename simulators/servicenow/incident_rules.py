"""The business rules and data policies of incidents. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from simulators.servicenow.writing import Writing, require


class State(StrEnum):
    """States of an incident, as a new instance has them."""

    NEW = "1"
    IN_PROGRESS = "2"
    ON_HOLD = "3"
    RESOLVED = "6"
    CLOSED = "7"
    CANCELED = "8"


# (impact, urgency) to priority, without 3,3: instances differ there.
_PRIORITY: Final[Mapping[tuple[str, ...], str]] = {
    ("1", "1"): "1",
    ("1", "2"): "2",
    ("1", "3"): "3",
    ("2", "1"): "2",
    ("2", "2"): "3",
    ("2", "3"): "4",
    ("3", "1"): "3",
    ("3", "2"): "4",
}
_DONE: Final = (State.RESOLVED, State.CLOSED)
_RESOLUTION: Final = ("close_code", "close_notes", "resolved_at", "resolved_by")


_NEEDED: Final = {"close_code": "Resolution code", "close_notes": "Resolution notes"}


def ruled(before: Mapping[str, str], asked: Mapping[str, str], writing: Writing) -> dict[str, str]:
    """Return the fields that an incident's write sets; see ``Rule``.

    ``priority`` is overruled: it follows ``impact`` and ``urgency``.
    ``incident_state`` and ``state`` mean the same.
    """
    after = dict(asked)
    if "incident_state" in after and after["incident_state"] != before["incident_state"]:
        after["state"] = after["incident_state"]
    state = after.get("state", before["state"])
    after["state"] = after["incident_state"] = state
    if state in _DONE and before["state"] not in _DONE:
        require(_NEEDED, before, asked)
    if state != State.ON_HOLD:
        after["hold_reason"] = ""
    pair = tuple(after.get(name, before[name]) for name in ("impact", "urgency"))
    after["priority"] = before["priority"]
    if not before["priority"] or pair != (before["impact"], before["urgency"]):
        after["priority"] = _PRIORITY.get(pair, writing.lowest)
    if state != before["state"]:
        after |= _moved(before, after, writing)
    group = before["assignment_group"]
    if group and after.get("assignment_group", group) != group:
        after["reassignment_count"] = str(int(before["reassignment_count"]) + 1)
    return after


def _moved(before: Mapping[str, str], after: Mapping[str, str], writing: Writing) -> dict[str, str]:
    state, by, at = after["state"], writing.user, writing.at
    was_done, is_done = before["state"] in _DONE, state in _DONE
    moved = {"active": "false" if state in (State.CLOSED, State.CANCELED) else "true"}
    if is_done and not was_done:
        moved |= {"resolved_at": at, "resolved_by": by}
    if was_done and not is_done:
        moved |= dict.fromkeys(_RESOLUTION, "")
        moved["reopen_count"] = str(int(before["reopen_count"]) + 1)
        moved |= {"reopened_by": by, "reopened_time": at}
    closed = state == State.CLOSED
    moved |= {"closed_at": at if closed else "", "closed_by": by if closed else ""}
    return moved
