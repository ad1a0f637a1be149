"""ServiceNow's incidents in our words. Pure; tables before code."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from adapters.field_map import FieldMap
from domain.records import (
    FaultyRecord,
    InboundRecord,
    IncidentStatus,
    MirroredValue,
    Priority,
    RecordKind,
    Reference,
    Severity,
    VendorKey,
)

STATUS: Final[Mapping[str, IncidentStatus]] = {
    "1": IncidentStatus.NEW,
    "2": IncidentStatus.IN_PROGRESS,
    "3": IncidentStatus.ON_HOLD,
    "6": IncidentStatus.RESOLVED,
    "7": IncidentStatus.CLOSED,
    "8": IncidentStatus.CANCELLED,
}
PRIORITY: Final[Mapping[str, Priority]] = {
    "1": Priority.P1,
    "2": Priority.P2,
    "3": Priority.P3,
    "4": Priority.P4,
    "5": Priority.P5,
}
# An instance's own ``severity`` is seldom kept; ``priority`` follows from impact and urgency.
SEVERITY: Final[Mapping[str, Severity]] = {
    "1": Severity.SEV1,
    "2": Severity.SEV2,
    "3": Severity.SEV3,
    "4": Severity.SEV4,
    "5": Severity.SEV5,
}

Read = Callable[[str], MirroredValue]


def _text(value: str) -> MirroredValue:
    return value


def _choice(table: Mapping[str, str]) -> Read:
    """Read by a table; a value that is not in it stays as it is."""
    return lambda value: str(table.get(value, value))


def _reference(table: str) -> Read:
    return lambda value: Reference(table=table, external_id=value)


def _references(table: str) -> Read:
    return lambda value: (Reference(table=table, external_id=value),)


def _list(value: str) -> MirroredValue:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _iso(value: str) -> MirroredValue:
    return f"{instant(value):%Y-%m-%dT%H:%M:%S}.000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of our fields: how it is read from a value, and what an empty one means."""

    field: str
    read: Read
    empty: MirroredValue = None


def _own(*names: str, read: Read = _text) -> dict[str, tuple[Part, ...]]:
    """Return columns that keep the vendor's name."""
    return {name: (Part(field=name, read=read),) for name in names}


# Every column that is mirrored. A column that customers add is named here or not at all.
COLUMNS: Final[Mapping[str, tuple[Part, ...]]] = {
    "number": (Part(field="number", read=_text),),
    "short_description": (Part(field="title", read=_text),),
    "description": (Part(field="description", read=_text),),
    "state": (Part(field="status", read=_choice(STATUS)),),
    "priority": (
        Part(field="priority", read=_choice(PRIORITY)),
        Part(field="severity", read=_choice(SEVERITY)),
    ),
    "assigned_to": (Part(field="assignee", read=_reference("sys_user")),),
    "assignment_group": (Part(field="escalationPolicy", read=_reference("sys_user_group")),),
    "sys_tags": (Part(field="labels", read=_list, empty=()),),
    # Services extend configuration items, so both are found in that table.
    "cmdb_ci": (Part(field="services", read=_references("cmdb_ci"), empty=()),),
    "business_service": (Part(field="services", read=_references("cmdb_ci"), empty=()),),
    "opened_at": (Part(field="startedAt", read=_iso),),
    "resolved_at": (Part(field="resolvedAt", read=_iso),),
    **_own("hold_reason", "impact", "urgency", "category", "subcategory", "u_symptom"),
    **_own("contact_type", "knowledge", "u_priority_confirmation", "notify"),
    **_own("close_code", "close_notes"),
    **_own("closed_at", read=_iso),
    **_own("caller_id", "resolved_by", "opened_by", read=_reference("sys_user")),
    **_own("location", read=_reference("cmn_location")),
    **_own("problem_id", read=_reference("problem")),
    **_own("rfc", "caused_by", read=_reference("change_request")),
    **_own("vendor", read=_reference("core_company")),
}
# Asked for to read the rest by; not mirrored.
_MEANS: Final = (
    "sys_id",
    "sys_created_on",
    "sys_updated_on",
    "sys_updated_by",
    "sys_mod_count",
    "active",
    "correlation_id",
    "correlation_display",
)
ASKED: Final = (*_MEANS, *COLUMNS)
# The canonical fields among them; all others keep the vendor's name.
MAPPINGS: Final = tuple(
    FieldMap(kind=RecordKind.INCIDENT, field=part.field, external_field=column)
    for column, parts in COLUMNS.items()
    for part in parts
    if part.field != column or column in {"number", "description", "priority"}
)
# What we write beside our id into records that we create.
_OURS: Final = "watchpane"
_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def incident(row: object, base_url: str) -> InboundRecord | FaultyRecord:
    """Read a row of the table ``incident``.

    A column that the row lacks is left out: access rules hide columns, and
    absence is not emptiness. An empty one is None, or no services.
    """
    if not isinstance(row, dict):
        return faulty({"row": row}, "the row is not an object")
    try:
        return _incident(row, base_url)
    except ValueError as error:
        return faulty(row, str(error))


def _incident(row: Mapping[str, object], base_url: str) -> InboundRecord:
    sys_id, at = position(row)
    fields: dict[str, MirroredValue] = {}
    for column in COLUMNS:
        if column in row:
            fields |= values(column, raw(row, column))
    if "services" in fields:
        fields["services"] = _services(row)
    correlation = raw(row, "correlation_id")
    return InboundRecord(
        external_id=sys_id,
        external_key=raw(row, "number") or sys_id,
        url=f"{base_url}/nav_to.do?uri=incident.do?sys_id={sys_id}",
        key=VendorKey(at=at, sequence=whole(raw(row, "sys_mod_count"), "sys_mod_count")),
        created_at=instant(raw(row, "sys_created_on")),
        author=raw(row, "sys_updated_by"),
        fields=fields,
        unmapped=_nearest(row, fields),
        correlation_id=correlation if raw(row, "correlation_display") == _OURS else None,
    )


def _services(row: Mapping[str, object]) -> tuple[Reference, ...]:
    """Return what both columns name, once each."""
    named = dict.fromkeys((raw(row, "cmdb_ci"), raw(row, "business_service")))
    return tuple(Reference(table="cmdb_ci", external_id=sys_id) for sys_id in named if sys_id)


def values(column: str, value: str) -> dict[str, MirroredValue]:
    """Return our fields for one value of a column.

    Raises ValueError for a time that is none.
    """
    return {part.field: part.read(value) if value else part.empty for part in COLUMNS[column]}


def _nearest(row: Mapping[str, object], fields: dict[str, MirroredValue]) -> dict[str, str]:
    """Put the nearest value where ours has no counterpart; return the raw ones by column.

    Customers add states: one of an active incident counts as IN_PROGRESS, else
    as CLOSED. A priority beyond the table counts as the lowest.
    """
    unmapped: dict[str, str] = {}
    state, priority = raw(row, "state"), raw(row, "priority")
    if state and state not in STATUS:
        is_over = raw(row, "active") == "false"
        fields["status"] = str(IncidentStatus.CLOSED if is_over else IncidentStatus.IN_PROGRESS)
        unmapped["state"] = state
    if priority and priority not in PRIORITY:
        fields |= {"priority": str(Priority.P5), "severity": str(Severity.SEV5)}
        unmapped["priority"] = priority
    return unmapped


def faulty(row: Mapping[str, object], detail: str) -> FaultyRecord:
    """Keep a row that cannot be read; one without an id is known by its content."""
    content = json.dumps(row, sort_keys=True, default=str).encode()
    known_by = raw(row, "sys_id") or raw(row, "number") or sha256(content).hexdigest()
    return FaultyRecord(external_id=known_by[:64], detail=detail, payload=dict(row))


def position(row: Mapping[str, object]) -> tuple[str, datetime]:
    """Return a row's id and update time, by which pages are ordered.

    Raises ValueError when either cannot be read.
    """
    return identity(raw(row, "sys_id")), instant(raw(row, "sys_updated_on"))


def identity(text: str) -> str:
    """Return a sys_id; it goes into queries, where a ``^`` would begin another condition.

    Raises ValueError.
    """
    if _ID.fullmatch(text) is None:
        raise ValueError("sys_id is missing or malformed")
    return text


def instant(text: str) -> datetime:
    """Read a time: UTC, one-second resolution, no zone in the text.

    Raises ValueError.
    """
    if _TIME.fullmatch(text) is None:
        raise ValueError(f"{text[:40]!r} is not a time")
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def literal(at: datetime) -> str:
    """Write a time for a query, where a bare one is read as UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def whole(text: str, name: str) -> int:
    """Read a count. Raises ValueError."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{name} is {text[:40]!r}, not a number")
    return int(text)


def raw(row: Mapping[str, object], column: str) -> str:
    """Return a value as the text that the Table API means by it.

    Some endpoints, and older versions, wrap references, or send numbers,
    truth values and nulls where this one sends texts.
    """
    match row.get(column):
        case str(text):
            return text
        case {"value": str(text)}:
            return text
        case bool(truth):
            return "true" if truth else "false"
        case int() | float() as number:
            return f"{number:.15g}"
        case _:
            return ""
