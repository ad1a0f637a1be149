"""Canonical fields as the columns of an incident."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.records import FieldValue, InboundRecord, IncidentStatus, Severity
from models.coding import dumps, loads, to_milliseconds

Line = dict[str, Any]

# Canonical fields that are columns of the incident; all others go into ``extra``.
COLUMNS: Final[Mapping[str, str]] = {
    "title": "title",
    "description": "description",
    "status": "status",
    "severity": "severity",
    "priority": "priority",
    "assignee": "assignee",
    "escalationPolicy": "escalation_policy",
    "labels": "labels",
    "startedAt": "started_at",
    "resolvedAt": "resolved_at",
}
_INSTANTS: Final = frozenset({"startedAt", "resolvedAt"})
# Told by other columns or tables.
_ELSEWHERE: Final = frozenset({"number", "services"})


def columns(values: Mapping[str, FieldValue], key: str) -> Line:
    """Return the columns of a new incident, with what a vendor may leave out."""
    return {
        "title": values.get("title") or key,
        "description": values.get("description"),
        "status": values.get("status") or IncidentStatus.NEW,
        "severity": values.get("severity") or Severity.SEV5,
        "priority": values.get("priority"),
        "assignee": values.get("assignee"),
        "escalation_policy": values.get("escalationPolicy"),
        "labels": dumps(values.get("labels") or []),
        "extra": dumps(_extra(values)),
    }


def _extra(values: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    return {
        name: value
        for name, value in values.items()
        if name not in COLUMNS and name not in _ELSEWHERE
    }


def instants(values: Mapping[str, FieldValue]) -> Line:
    """Return the instants that a new incident's fields name."""
    return {COLUMNS[name]: _stored(name, values[name]) for name in _INSTANTS if values.get(name)}


def _stored(name: str, value: FieldValue) -> object:
    """Return a canonical value as its column holds it."""
    if name in _INSTANTS:
        return None if value is None else to_milliseconds(datetime.fromisoformat(str(value)))
    return dumps(value or []) if name == "labels" else value


def changed_line(
    incident: Line, record: InboundRecord, changed: Mapping[str, FieldValue], edits: int
) -> Line:
    """Return the incident's line with the changed fields in it.

    A column that may not be empty keeps its value when the vendor empties it.
    """
    line = dict(incident)
    for name in changed.keys() & COLUMNS.keys():
        stored = _stored(name, changed[name])
        if stored is not None or name not in {"title", "status", "severity", "startedAt"}:
            line[COLUMNS[name]] = stored
    extra = _extra(changed)
    if extra:
        line["extra"] = dumps(loads(line["extra"]) | extra)
    line["version"] += edits
    line["deleted_at"] = None
    if changed:
        line["updated_at"] = to_milliseconds(record.key.at)
    line["number"] = record.external_key
    return line
