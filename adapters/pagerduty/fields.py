"""Which field of PagerDuty is which of ours. Tables only.

``external_field`` is the name of a top-level field of the vendor's record.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from adapters.field_map import FieldMap
from domain.records import (
    ChangeRisk,
    ChangeStatus,
    Direction,
    EventSeverity,
    EventStatus,
    IncidentStatus,
    Priority,
    RecordKind,
    Severity,
)

STATUS: Final[Mapping[str, str]] = {
    "triggered": IncidentStatus.NEW,
    "acknowledged": IncidentStatus.ACKNOWLEDGED,
    "resolved": IncidentStatus.RESOLVED,
}
# Those of ours that the vendor has no word for become its nearest.
NEAREST_STATUS: Final[Mapping[str, str]] = {
    IncidentStatus.NEW: "triggered",
    IncidentStatus.ACKNOWLEDGED: "acknowledged",
    IncidentStatus.IN_PROGRESS: "acknowledged",
    IncidentStatus.ON_HOLD: "acknowledged",
    IncidentStatus.RESOLVED: "resolved",
    IncidentStatus.CLOSED: "resolved",
    IncidentStatus.CANCELLED: "resolved",
}
# An account names its priorities as it likes: what counts is the rank, from 1,
# in the list that it gives. A setting may name one by its id or name instead.
PRIORITY_BY_RANK: Final[Mapping[str, str]] = {
    "1": Priority.P1,
    "2": Priority.P2,
    "3": Priority.P3,
    "4": Priority.P4,
    "5": Priority.P5,
}
SEVERITY_BY_RANK: Final[Mapping[str, str]] = {
    "1": Severity.SEV1,
    "2": Severity.SEV2,
    "3": Severity.SEV3,
    "4": Severity.SEV4,
    "5": Severity.SEV5,
}
# For an incident without a priority, or an account without priorities.
SEVERITY_BY_URGENCY: Final[Mapping[str, str]] = {"high": Severity.SEV2, "low": Severity.SEV4}
NEAREST_URGENCY: Final[Mapping[str, str]] = {
    Severity.SEV1: "high",
    Severity.SEV2: "high",
    Severity.SEV3: "high",
    Severity.SEV4: "low",
    Severity.SEV5: "low",
}
_ALERT_SEVERITY: Final[Mapping[str, str]] = {
    "critical": EventSeverity.CRITICAL,
    "error": EventSeverity.CRITICAL,
    "warning": EventSeverity.WARNING,
    "info": EventSeverity.INFO,
}
_ALERT_STATUS: Final[Mapping[str, str]] = {
    "triggered": EventStatus.FIRING,
    "resolved": EventStatus.CLEARED,
}


def _fixed(kind: RecordKind, field: str, external_field: str) -> FieldMap:
    """Return a map for what is only read, and stands nowhere else."""
    return FieldMap(
        kind=kind,
        field=field,
        external_field=external_field,
        direction=Direction.INBOUND,
        is_fixed=True,
    )


def _incident(field: str, external_field: str, values: Mapping[str, str]) -> FieldMap:
    return FieldMap(
        kind=RecordKind.INCIDENT,
        field=field,
        external_field=external_field,
        is_lossy=bool(values),
        values=values,
        is_fixed=not values,
    )


def _read(kind: RecordKind, field: str, external_field: str, values: Mapping[str, str]) -> FieldMap:
    """Return a map for a closed set that is only read."""
    return FieldMap(
        kind=kind,
        field=field,
        external_field=external_field,
        direction=Direction.INBOUND,
        is_lossy=True,
        values=values,
    )


MAPPINGS: Final = (
    _fixed(RecordKind.INCIDENT, "number", "incident_number"),
    _incident("title", "title", {}),
    # It is taken when an incident is created, and cannot be edited after that.
    _fixed(RecordKind.INCIDENT, "description", "body"),
    _incident("status", "status", STATUS),
    _incident("severity", "priority", SEVERITY_BY_RANK),
    _incident("severity", "urgency", SEVERITY_BY_URGENCY),
    _incident("priority", "priority", PRIORITY_BY_RANK),
    _incident("assignee", "assignments", {}),
    _incident("escalationPolicy", "escalation_policy", {}),
    # An incident of theirs has one service: the first of ours.
    replace(_incident("services", "service", {}), is_lossy=True),
    _fixed(RecordKind.INCIDENT, "startedAt", "created_at"),
    _fixed(RecordKind.INCIDENT, "resolvedAt", "resolved_at"),
    _fixed(RecordKind.CHANGE, "number", "id"),
    _fixed(RecordKind.CHANGE, "title", "summary"),
    # A change event tells of a change that has been made, never of a plan.
    _read(RecordKind.CHANGE, "status", "type", {"change_event": ChangeStatus.COMPLETED}),
    _read(RecordKind.CHANGE, "risk", "type", {"change_event": ChangeRisk.LOW}),
    _fixed(RecordKind.CHANGE, "services", "services"),
    _fixed(RecordKind.CHANGE, "actualStartsAt", "timestamp"),
    _fixed(RecordKind.CHANGE, "actualEndsAt", "timestamp"),
    _fixed(RecordKind.EVENT, "title", "summary"),
    _read(RecordKind.EVENT, "severity", "severity", _ALERT_SEVERITY),
    _read(RecordKind.EVENT, "status", "status", _ALERT_STATUS),
    _fixed(RecordKind.EVENT, "source", "body"),
    _fixed(RecordKind.EVENT, "dedupKey", "alert_key"),
    _fixed(RecordKind.EVENT, "services", "service"),
    _fixed(RecordKind.EVENT, "occurredAt", "created_at"),
    _fixed(RecordKind.SERVICE, "name", "name"),
    _fixed(RecordKind.SERVICE, "isConfigurationItem", "type"),
)
