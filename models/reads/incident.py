"""Incidents, one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.records import FieldValue, IncidentStatus, Priority, RecordKind, Severity
from models.coding import from_milliseconds, instant, loads
from models.reads.mirrored import Mirrored
from models.reads.scope import Scope

_COLUMNS: Final = """
    r.id, r.number, r.title, r.description, r.status, r.severity, r.priority, r.assignee,
    r.escalation_policy, r.labels, r.extra, r.started_at, r.resolved_at, r.created_at,
    r.updated_at, r.deleted_at, r.version
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident; ``extra`` holds the fields without a canonical name."""

    id: str
    number: str
    title: str
    description: str | None
    status: IncidentStatus
    severity: Severity
    priority: Priority | None
    assignee: str | None
    escalation_policy: str | None
    labels: list[str]
    extra: Mapping[str, FieldValue]
    started_at: datetime
    resolved_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int


def _incident_of(row: Mapping[str, Any]) -> Incident:
    return Incident(
        id=row["id"],
        number=row["number"],
        title=row["title"],
        description=row["description"],
        status=IncidentStatus(row["status"]),
        severity=Severity(row["severity"]),
        priority=None if row["priority"] is None else Priority(row["priority"]),
        assignee=row["assignee"],
        escalation_policy=row["escalation_policy"],
        labels=loads(row["labels"]),
        extra=loads(row["extra"]),
        started_at=from_milliseconds(row["started_at"]),
        resolved_at=instant(row["resolved_at"]),
        created_at=from_milliseconds(row["created_at"]),
        updated_at=from_milliseconds(row["updated_at"]),
        deleted_at=instant(row["deleted_at"]),
        version=row["version"],
    )


INCIDENTS: Final = Mirrored(kind=RecordKind.INCIDENT, columns=_COLUMNS, record_of=_incident_of)


async def incident_numbered(scope: Scope, number: str) -> Incident | None:
    """Return the incident of a number, its own or any link's; None when several share it.

    Cost: two index probes.
    """
    return await INCIDENTS.named(scope, "number", number)
