"""Incidents by id and by number."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.records import FieldValue, IncidentStatus, Priority, Severity
from models.coding import dumps, from_milliseconds, loads
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

COLUMNS: Final = """
    i.id, i.number, i.title, i.description, i.status, i.severity, i.priority, i.assignee,
    i.escalation_policy, i.labels, i.extra, i.started_at, i.resolved_at, i.created_at,
    i.updated_at, i.deleted_at, i.version
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


def instant(milliseconds: int | None) -> datetime | None:
    """Return the instant of a column that may be empty."""
    return None if milliseconds is None else from_milliseconds(milliseconds)


def incident_of(row: Mapping[str, Any]) -> Incident:
    """Return the record of a row that has ``COLUMNS``."""
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


async def incidents(scope: Scope, ids: Collection[str]) -> dict[str, Incident]:
    """Return incidents by id, deleted ones too. Cost: one index probe an id."""
    wanted = Conditions()
    wanted.add(one_of("i.id", wanted.put(dumps(sorted(ids)))))
    wanted.see_incidents(scope)
    found = await rows(
        f"SELECT {COLUMNS} FROM incident i WHERE {wanted.where}",  # noqa: S608 — names and places
        *wanted.values,
    )
    return {row["id"]: incident_of(row) for row in found}


async def incident_numbered(scope: Scope, number: str) -> Incident | None:
    """Return the incident of a number, its own or any link's; None when several share it.

    Cost: two index probes.
    """
    wanted = Conditions()
    place = wanted.put(number)
    wanted.add(
        f"""
        i.id IN (
            SELECT id FROM incident WHERE number = {place}
            UNION SELECT incident_id FROM incident_link WHERE external_key = {place}
        )
        """  # noqa: S608 — places only
    )
    wanted.see_incidents(scope)
    found = await rows(
        f"SELECT {COLUMNS} FROM incident i WHERE {wanted.where} LIMIT 2",  # noqa: S608 — names and places
        *wanted.values,
    )
    return incident_of(found[0]) if len(found) == 1 else None
