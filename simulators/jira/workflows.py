"""Statuses, and the transitions that lead from one to the next. Data only."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What a status means; ``key`` is never translated, ``name`` is."""

    id: int
    key: str
    name: str
    colour: str
    statuses_key: str
    """As ``/statuses/search`` spells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A step of a workflow."""

    id: str
    name: str
    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A way to a status.

    starts: ids of the statuses that it starts from; empty for all.
    wants_resolution: its screen has this field, and it must be filled.
    resolution: what a post function sets; "" for none.
    """

    id: str
    name: str
    to: str
    starts: frozenset[str] = field(default_factory=frozenset)
    wants_resolution: bool = False
    resolution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """The status that an issue begins with, and where it may go."""

    initial: str
    transitions: tuple[Transition, ...]

    def statuses(self) -> list[Status]:
        """Return the statuses that can be reached, in the order of the catalogue."""
        reached = {self.initial, *(transition.to for transition in self.transitions)}
        return [status for status in STATUSES.values() if status.id in reached]

    def leading(self, status: str) -> list[Transition]:
        """Return the transitions that start from a status."""
        return [way for way in self.transitions if not way.starts or status in way.starts]


NEW: Final = Category(id=2, key="new", name="To Do", colour="blue-gray", statuses_key="TODO")
WORKING: Final = Category(
    id=4,
    key="indeterminate",
    name="In Progress",
    colour="yellow",
    statuses_key="IN_PROGRESS",
)
DONE: Final = Category(id=3, key="done", name="Done", colour="green", statuses_key="DONE")
CATEGORIES: Final = (NEW, WORKING, DONE)

_OPEN, _CLOSED = "1", "6"
_WORK, _PENDING, _COMPLETED, _CANCELED = "10100", "10101", "10102", "10103"
_REVIEW, _PLANNING, _CAB, _AWAITING = "10110", "10111", "10112", "10113"
_IMPLEMENTING, _FAILED, _DECLINED = "10114", "10115", "10116"
_SUPPORT, _CUSTOMER, _PROGRESS, _RESOLVED = "10120", "10121", "3", "5"
_TODO, _DONE = "10000", "10001"

STATUSES: Final = {
    key: Status(id=key, name=name, category=category)
    for key, name, category in (
        (_OPEN, "Open", NEW),
        (_PROGRESS, "In Progress", WORKING),
        (_RESOLVED, "Resolved", DONE),
        (_CLOSED, "Closed", DONE),
        (_TODO, "To Do", NEW),
        (_DONE, "Done", DONE),
        (_WORK, "Work in progress", WORKING),
        (_PENDING, "Pending", WORKING),
        (_COMPLETED, "Completed", DONE),
        (_CANCELED, "Canceled", DONE),
        (_REVIEW, "Review", WORKING),
        (_PLANNING, "Planning", WORKING),
        (_CAB, "Awaiting CAB approval", WORKING),
        (_AWAITING, "Awaiting implementation", WORKING),
        (_IMPLEMENTING, "Implementing", WORKING),
        (_FAILED, "Failed", DONE),
        (_DECLINED, "Declined", DONE),
        (_SUPPORT, "Waiting for support", NEW),
        (_CUSTOMER, "Waiting for customer", WORKING),
    )
}
RESOLUTIONS: Final = {
    "10000": "Done",
    "10001": "Won't Do",
    "10002": "Duplicate",
    "10003": "Cannot Reproduce",
    "10004": "Failed",
    "10005": "Declined",
}


def _way(id: str, name: str, starts: tuple[str, ...], to: str, **more: str | bool) -> Transition:
    """Return a transition."""
    return Transition(
        id=id,
        name=name,
        to=to,
        starts=frozenset(starts),
        wants_resolution=bool(more.get("asks")),
        resolution=str(more.get("sets", "")),
    )


# The workflows that a Jira Service Management project starts with.
INCIDENT: Final = Workflow(
    initial=_OPEN,
    transitions=(
        _way("11", "Investigate", (_OPEN,), _WORK),
        _way("21", "Pend", (_WORK,), _PENDING),
        _way("31", "Resume", (_PENDING,), _WORK),
        _way("41", "Resolve", (_WORK, _PENDING), _COMPLETED, asks=True),
        _way("51", "Close", (_COMPLETED,), _CLOSED),
        _way("61", "Reopen", (_COMPLETED, _CLOSED), _WORK),
        _way("71", "Cancel", (_OPEN, _WORK, _PENDING), _CANCELED, sets="10001"),
    ),
)
CHANGE: Final = Workflow(
    initial=_OPEN,
    transitions=(
        _way("11", "Send for review", (_OPEN,), _REVIEW),
        _way("21", "Plan", (_REVIEW,), _PLANNING),
        _way("31", "Ask for approval", (_PLANNING,), _CAB),
        _way("41", "Approve", (_CAB,), _AWAITING),
        _way("51", "Implement", (_AWAITING,), _IMPLEMENTING),
        _way("61", "Complete", (_IMPLEMENTING,), _COMPLETED, sets="10000"),
        _way("71", "Fail", (_IMPLEMENTING,), _FAILED, sets="10004"),
        _way("81", "Decline", (_REVIEW, _CAB), _DECLINED, sets="10005"),
        _way("91", "Cancel", (_OPEN, _REVIEW, _PLANNING, _AWAITING), _CANCELED, sets="10001"),
    ),
)
REQUEST: Final = Workflow(
    initial=_SUPPORT,
    transitions=(
        _way("11", "Start progress", (_SUPPORT, _PENDING, _CUSTOMER), _PROGRESS),
        _way("21", "Respond to customer", (_SUPPORT, _PROGRESS), _CUSTOMER),
        _way("31", "Respond to support", (_CUSTOMER,), _SUPPORT),
        _way("41", "Pend", (_SUPPORT, _PROGRESS), _PENDING),
        _way("61", "Resolve", (_SUPPORT, _PROGRESS, _CUSTOMER), _RESOLVED, asks=True),
        _way("71", "Close", (_RESOLVED,), _CLOSED),
        _way("81", "Cancel", (_SUPPORT, _PROGRESS, _CUSTOMER, _PENDING), _CANCELED, sets="10001"),
        _way("91", "Reopen", (_RESOLVED, _CLOSED), _PROGRESS),
    ),
)
TASK: Final = Workflow(
    initial=_TODO,
    transitions=(
        _way("11", "To Do", (), _TODO),
        _way("21", "In Progress", (), _PROGRESS),
        _way("31", "Done", (), _DONE, sets="10000"),
    ),
)
