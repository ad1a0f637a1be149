"""The incident log, read by itself: what a mirror of it has to hold, and nothing of ours."""

import csv
import lzma
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice, pairwise
from pathlib import Path
from typing import Any, Final

LOG: Final = Path(__file__).parents[2] / "simulators" / "data" / "servicenow-incident-log.csv.xz"
# The columns that are imported and that change, all but the state.
_AS_THEY_ARE: Final = ("category", "subcategory", "u_symptom", "knowledge")
_LABELS: Final = {"assignment_group": "escalationPolicy", "location": "location"}
_PEOPLE: Final = {"assigned_to": "assignee", "caller_id": "caller_id"}
_CHANGES: Final = ("rfc", "caused_by")
_STATES: Final = {
    "New": ("NEW", None),
    "Active": ("IN_PROGRESS", None),
    "Awaiting User Info": ("ON_HOLD", "1"),
    "Awaiting Problem": ("ON_HOLD", "3"),
    "Awaiting Vendor": ("ON_HOLD", "4"),
    "Awaiting Evidence": ("ON_HOLD", "6"),
    "Resolved": ("RESOLVED", None),
    "Closed": ("CLOSED", None),
}
_CONTACTS: Final = {"Self service": "self-service", "Direct opening": "direct"}
_NOTIFIES: Final = {"Do Not Notify": "1", "Send Email": "2"}
IMPORTED: Final = (
    *("contact_type", "location", "category", "subcategory", "u_symptom", "cmdb_ci"),
    *("impact", "urgency", "priority", "assignment_group", "assigned_to", "knowledge"),
    *("u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by"),
    *("caller_id", "incident_state"),
)
# Their changes are told by other fields' too, or follow from the state.
DERIVED: Final = frozenset({"severity", "close_code", "resolved_by", "resolvedAt", "closed_at"})

Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field's change, as the mirror has to tell it."""

    number: str
    at: int
    sequence: int
    by: str
    field: str
    before: str
    after: str


def moment(text: str) -> datetime:
    """Read a time of the log."""
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)


def incidents(rows: int = 0) -> list[list[Row]]:
    """Return the versions of each incident, in order of time, then of the file."""
    with lzma.open(LOG, "rt", encoding="utf-8", newline="") as file:
        found = islice(csv.DictReader(file), rows or None)
        return [
            sorted(group, key=lambda row: moment(row["sys_updated_at"]))
            for _, group in groupby(found, key=lambda row: row["number"])
        ]


def last_moment(found: Sequence[Sequence[Row]]) -> datetime:
    """Return the time of the newest version."""
    return max(moment(versions[-1]["sys_updated_at"]) for versions in found)


def columns_changed(found: Sequence[Sequence[Row]]) -> int:
    """Return how many changes of imported columns the log holds."""
    return sum(
        before[name] != after[name]
        for versions in found
        for before, after in pairwise(versions)
        for name in IMPORTED
    )


def shown(row: Row, shift: timedelta) -> dict[str, Any]:
    """Return the mirrored fields of a version, by our names."""
    status, hold_reason = _STATES.get(row["incident_state"], (row["incident_state"], None))
    is_done = row["incident_state"] in ("Resolved", "Closed")
    is_closed = row["incident_state"] == "Closed"
    return {
        **{name: _known(row[name]) for name in _AS_THEY_ARE},
        **{ours: _label(row[name]) for name, ours in _LABELS.items()},
        **{ours: _person(row[name]) for name, ours in _PEOPLE.items()},
        **{name: _label(row[name]) for name in _CHANGES},
        "u_priority_confirmation": row["u_priority_confirmation"],
        "vendor": _label(row["vendor"]),
        "contact_type": _CONTACTS.get(row["contact_type"], row["contact_type"].lower()),
        "notify": _NOTIFIES[row["notify"]],
        "problem_id": _problem(row["problem_id"]),
        "services": [_label(row["cmdb_ci"])] if row["cmdb_ci"] != "?" else [],
        "impact": row["impact"][0],
        "urgency": row["urgency"][0],
        "priority": f"P{row['priority'][0]}",
        "severity": f"SEV{row['priority'][0]}",
        "status": status,
        "hold_reason": hold_reason,
        "close_code": _known(row["closed_code"]) if is_done else None,
        "resolved_by": _person(row["resolved_by"]) if is_done else None,
        "resolvedAt": _instant(row["resolved_at"], shift) if is_done else None,
        "closed_at": _instant(row["closed_at"], shift) if is_closed else None,
    }


def changes(found: Sequence[Sequence[Row]], shift: timedelta) -> Counter[Change]:
    """Return every change of a mirrored field."""
    return Counter(change for versions in found for change in _of(versions, shift))


def _of(versions: Sequence[Row], shift: timedelta) -> Iterator[Change]:
    sides = [shown(row, shift) for row in versions]
    for row, (before, after) in zip(versions[1:], pairwise(sides), strict=True):
        at = moment(row["sys_updated_at"]) + shift
        for name, value in after.items():
            if before[name] != value:
                yield Change(
                    number=row["number"],
                    at=round(at.timestamp() * 1000),
                    sequence=int(row["sys_mod_count"]),
                    by=".".join(row["sys_updated_by"].lower().split()),
                    field=name,
                    before=str(before[name]),
                    after=str(value),
                )


def _known(value: str) -> str | None:
    return None if value == "?" else value


def _label(value: str) -> str | None:
    return None if value == "?" else " ".join(value.split())


def _person(value: str) -> str | None:
    return None if value == "?" else " ".join(value.split()).title()


def _problem(value: str) -> str | None:
    digits = "".join(letter for letter in value if letter.isdigit())
    return None if value == "?" else f"PRB{int(digits):07d}"


def _instant(value: str, shift: timedelta) -> str | None:
    return None if value == "?" else f"{moment(value) + shift:%Y-%m-%dT%H:%M:%S}.000Z"
