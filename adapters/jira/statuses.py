"""What the statuses of a site mean. Pure; tables before code.

Each workflow has statuses of its own, in the site's language: their category is
the same everywhere, their names are a hint that is often there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.field_map import Mappings
from adapters.jira.maps import STATUS
from domain.records import RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A status; ``category`` is new, indeterminate, done, or undefined."""

    id: str
    name: str
    category: str


# Parts of names, by category; the first that fits decides.
_CANCELLED: Final = ("cancel", "declin", "reject", "duplicate", "withdrawn")
_HOLD: Final = ("pending", "hold", "waiting")
HINTS: Final[Mapping[RecordKind, tuple[tuple[str, tuple[str, ...], str], ...]]] = {
    RecordKind.INCIDENT: (
        ("indeterminate", _HOLD, "ON_HOLD"),
        ("indeterminate", ("acknowledg",), "ACKNOWLEDGED"),
        ("done", _CANCELLED, "CANCELLED"),
        ("done", ("closed",), "CLOSED"),
    ),
    RecordKind.CHANGE: (
        ("indeterminate", ("awaiting implementation", "scheduled"), "SCHEDULED"),
        ("indeterminate", ("review", "planning", "approval", "assess", "authori"), "DRAFT"),
        ("done", ("fail", "unsuccessful"), "FAILED"),
        ("done", _CANCELLED, "CANCELLED"),
    ),
    RecordKind.TICKET: (
        ("indeterminate", ("waiting for customer", "awaiting customer"), "PENDING"),
        ("indeterminate", ("pending", "hold"), "ON_HOLD"),
        ("done", _CANCELLED, "CANCELLED"),
        ("done", ("closed",), "CLOSED"),
    ),
}
# What stands in for a value that a workflow has no status for, the nearest first.
_STAND_INS: Final[Mapping[str, tuple[str, ...]]] = {
    "NEW": (),
    "ACKNOWLEDGED": ("IN_PROGRESS",),
    "IN_PROGRESS": ("ACKNOWLEDGED",),
    "ON_HOLD": ("IN_PROGRESS", "ACKNOWLEDGED"),
    "RESOLVED": ("CLOSED",),
    "CLOSED": ("RESOLVED",),
    "CANCELLED": ("CLOSED", "RESOLVED"),
}


def status(told: object) -> Status | None:
    """Read a status as issues, transitions and lists of statuses tell it."""
    match told:
        case {"id": str() | int() as key, "name": str(name), **rest}:
            category = rest.get("statusCategory")
            word = category.get("key") if isinstance(category, Mapping) else category
            return Status(id=str(key), name=name, category=str(word or "undefined").lower())
        case _:
            return None


def meaning(found: Status, kind: RecordKind, mappings: Mappings) -> str | None:
    """Return our value for a status; None where not even its category is known.

    A setting for its name or id comes first, then what its name hints at.
    """
    values = mappings.values(kind, "status")
    name = found.name.casefold()
    for key, ours in values.items():
        if key.casefold() == name or key == found.id:
            return ours
    for category, parts, ours in HINTS[kind]:
        if found.category == category and any(part in name for part in parts):
            return ours
    return values.get(found.category) or STATUS[kind].get(found.category)


def goals(
    wanted: str, statuses: Iterable[Status], kind: RecordKind, mappings: Mappings
) -> frozenset[str]:
    """Return the ids of the statuses that a value of ours is written as.

    Those that mean the value; where the workflow has none, those that mean what
    comes nearest. An issue that is in one of them is left there.
    """
    known = [(found.id, meaning(found, kind, mappings)) for found in statuses]
    for value in (wanted, *_STAND_INS.get(wanted, ())):
        meant = frozenset(key for key, ours in known if ours == value)
        if meant:
            return meant
    return frozenset()


def listed(answer: Mapping[str, Any], issue_type: str) -> list[Status]:
    """Return the statuses of an issue type's workflow, as a project's list tells them."""
    items = answer.get("items")
    for entry in items if isinstance(items, list) else ():
        match entry:
            case {"id": str() | int() as key, "statuses": [*told]} if str(key) == issue_type:
                return [found for one in told if (found := status(one)) is not None]
    return []
