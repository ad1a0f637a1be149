"""ServiceNow's rows in our words, by the maps of one integration. Pure; tables before code."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from adapters.field_map import Mappings
from adapters.servicenow.maps import DEPENDS_ON, TABLE
from adapters.servicenow.relations import RELATED, relations, same_as
from adapters.servicenow.values import identity, instant, is_identity, raw, whole
from domain.inbound import FaultyRecord, InboundRecord, MirroredValue, Reference, VendorKey
from domain.records import (
    ChangeRisk,
    ChangeStatus,
    Direction,
    EventSeverity,
    EventStatus,
    IncidentStatus,
    Priority,
    RecordKind,
    ServiceCriticality,
    Severity,
    TicketStatus,
)

# Services extend configuration items, so both are found in that table.
_TABLES: Final[Mapping[RecordKind, str]] = {
    RecordKind.INCIDENT: "incident",
    RecordKind.CHANGE: "change_request",
    RecordKind.EVENT: "em_alert",
    RecordKind.SERVICE: "cmdb_ci",
}
# What we write beside our id into records that we create.
OURS: Final = "watchpane"

Read = Callable[[str], MirroredValue]


def _text(value: str) -> MirroredValue:
    return value


def _reference(table: str) -> Read:
    return lambda value: Reference(table=table, external_id=value)


def _references(value: str) -> MirroredValue:
    return (Reference(table="cmdb_ci", external_id=value),)


def _list(value: str) -> MirroredValue:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _iso(value: str) -> MirroredValue:
    return f"{instant(value).replace(tzinfo=None).isoformat()}.000Z"


_PERSON: Final = _reference("sys_user")
_CHANGE: Final = _reference("change_request")
# How canonical fields are read; those that are not named here are texts or closed sets.
_READ: Final[Mapping[str, Read]] = {
    "assignee": _PERSON,
    "escalationPolicy": _reference("sys_user_group"),
    "labels": _list,
    "services": _references,
    "startedAt": _iso,
    "resolvedAt": _iso,
    "occurredAt": _iso,
    "plannedStartsAt": _iso,
    "plannedEndsAt": _iso,
    "actualStartsAt": _iso,
    "actualEndsAt": _iso,
}
_LISTS: Final = frozenset({"labels", "services"})
# Columns that keep the vendor's name. One that customers add is mapped or not at all.
_OWN: Final[Mapping[RecordKind, Mapping[str, Read]]] = {
    RecordKind.INCIDENT: {
        **dict.fromkeys(("hold_reason", "impact", "urgency", "category", "subcategory"), _text),
        **dict.fromkeys(("u_symptom", "contact_type", "knowledge", "notify"), _text),
        **dict.fromkeys(("u_priority_confirmation", "close_code", "close_notes"), _text),
        "closed_at": _iso,
        **dict.fromkeys(("caller_id", "resolved_by", "opened_by"), _PERSON),
        "location": _reference("cmn_location"),
        "problem_id": _reference("problem"),
        "rfc": _CHANGE,
        "caused_by": _CHANGE,
        "vendor": _reference("core_company"),
    },
    RecordKind.CHANGE: dict.fromkeys(("type", "category", "close_code", "close_notes"), _text),
    RecordKind.EVENT: dict.fromkeys(("node", "resource", "type"), _text),
    RecordKind.TICKET: {
        **dict.fromkeys(("category", "contact_type"), _text),
        "company": _reference("core_company"),
    },
    RecordKind.SERVICE: {},
}
# Asked for to read the rest by; not mirrored. Tables leave out those that they lack.
_MEANS: Final = (
    "sys_id",
    "sys_created_on",
    "sys_updated_on",
    "sys_updated_by",
    "sys_mod_count",
    "number",
    "active",
    "correlation_id",
    "correlation_display",
)
# The nearest values where there is no counterpart: of a record at work, and of one that ended.
# Customers add states; what is unknown counts as least urgent.
_NEAREST: Final[Mapping[tuple[RecordKind, str], tuple[str, str]]] = {
    (RecordKind.INCIDENT, "status"): (IncidentStatus.IN_PROGRESS, IncidentStatus.CLOSED),
    (RecordKind.INCIDENT, "severity"): (Severity.SEV5, Severity.SEV5),
    (RecordKind.INCIDENT, "priority"): (Priority.P5, Priority.P5),
    (RecordKind.CHANGE, "status"): (ChangeStatus.IN_PROGRESS, ChangeStatus.COMPLETED),
    (RecordKind.CHANGE, "risk"): (ChangeRisk.MEDIUM, ChangeRisk.MEDIUM),
    (RecordKind.EVENT, "status"): (EventStatus.FIRING, EventStatus.CLEARED),
    (RecordKind.EVENT, "severity"): (EventSeverity.INFO, EventSeverity.INFO),
    (RecordKind.TICKET, "status"): (TicketStatus.OPEN, TicketStatus.CLOSED),
    (RecordKind.TICKET, "priority"): (Priority.P5, Priority.P5),
    (RecordKind.SERVICE, "criticality"): (ServiceCriticality.TIER3, ServiceCriticality.TIER3),
}
# The one status that a further column may turn into another: what a change was closed
# with, and an alert's own "clear".
_REFINED: Final[Mapping[RecordKind, str]] = {
    RecordKind.CHANGE: ChangeStatus.COMPLETED,
    RecordKind.EVENT: EventStatus.FIRING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of our fields: how it is read from a value of a column, and what an empty one means."""

    field: str
    read: Read
    empty: MirroredValue = None

    def value(self, value: str) -> MirroredValue:
        """Read a value. Raises ValueError for a time that is none."""
        return self.read(value) if value else self.empty


class Translation:
    """One kind's rows in our words.

    table: where they are; columns: to ask for, so that all can be read.
    parts: the columns that are mirrored, and our fields in each.
    """

    def __init__(self, kind: RecordKind, maps: Mappings, base_url: str) -> None:
        """Index the maps of one kind."""
        self.kind = kind
        self.table = _TABLES.get(kind) or maps.external_fields(kind, TABLE)[0]
        self._maps = maps
        self._base_url = base_url
        self.parts: dict[str, list[Part]] = {}
        self._further: dict[str, str] = {}
        for entry in maps.of(kind):
            if entry.direction is Direction.OUTBOUND or entry.field in {TABLE, DEPENDS_ON}:
                continue
            if entry.field == "status" and maps.external_fields(kind, "status")[0] != (
                entry.external_field
            ):
                self._further[entry.external_field] = entry.field
                continue
            self.parts.setdefault(entry.external_field, []).append(
                _part(kind, entry.field, maps.values(kind, entry.field))
            )
        for column, read in _OWN[kind].items():
            own = self.parts.setdefault(column, [])
            if all(part.field != column for part in own):
                own.append(Part(field=column, read=read))
        # Where one of a few values is meant, and another one may be found.
        self._chosen = [
            (column, part.field, nearest)
            for column, parts in self.parts.items()
            for part in parts
            if (nearest := _NEAREST.get((kind, part.field)))
        ]
        self.columns = tuple(
            dict.fromkeys((*_MEANS, *self.parts, *self._further, *RELATED.get(kind, ())))
        )

    def record(self, row: object) -> InboundRecord | FaultyRecord:
        """Read one row; columns that it does not have are left out.

        A row that is not an object, or lacks an id or a readable time, is faulty.
        """
        if not isinstance(row, dict):
            return faulty({"row": row}, "the row is not an object")
        try:
            return self._record(row)
        except ValueError as error:
            return faulty(row, str(error))

    def _record(self, row: Mapping[str, object]) -> InboundRecord:
        sys_id, at = identity(raw(row, "sys_id")), instant(raw(row, "sys_updated_on"))
        fields: dict[str, MirroredValue] = {}
        for column, parts in self.parts.items():
            if column in row:
                for part in parts:
                    value = part.value(raw(row, column))
                    fields[part.field] = _joined(fields.get(part.field), value)
        unmapped = self._settle(row, fields)
        correlation = raw(row, "correlation_id")
        return InboundRecord(
            external_id=sys_id,
            external_key=raw(row, "number") or raw(row, "name") or sys_id,
            url=f"{self._base_url}/nav_to.do?uri={self.table}.do?sys_id={sys_id}",
            key=VendorKey(at=at, sequence=whole(raw(row, "sys_mod_count"), "sys_mod_count")),
            created_at=instant(raw(row, "sys_created_on")),
            author=raw(row, "sys_updated_by"),
            fields=fields,
            unmapped=unmapped,
            correlation_id=correlation if raw(row, "correlation_display") == OURS else None,
            relations=relations(self.kind, row),
            same_as=same_as(self.kind, row, ours=OURS),
        )

    def _settle(
        self, row: Mapping[str, object], fields: dict[str, MirroredValue]
    ) -> dict[str, str]:
        """Put the nearest value where ours has no counterpart; return the raw ones by column."""
        unmapped: dict[str, str] = {}
        for column, field, nearest in self._chosen:
            value = raw(row, column)
            if value and value not in self._maps.values(self.kind, field):
                fields[field] = str(nearest[raw(row, "active") == "false"])
                unmapped[column] = value
        for column, field in self._further.items():
            meant = self._maps.values(self.kind, field).get(raw(row, column))
            if meant and fields.get(field) == _REFINED.get(self.kind):
                fields[field] = str(meant)
        return unmapped


def _part(kind: RecordKind, field: str, values: Mapping[str, str]) -> Part:
    if (kind, field) == (RecordKind.SERVICE, "isConfigurationItem"):
        return Part(field=field, read=lambda value: values.get(value) != "false")
    known = _READ.get(field)
    return Part(
        field=field,
        # A value that is not in the table stays as it is.
        read=known or (lambda value: str(values.get(value, value))),
        empty=() if field in _LISTS else None,
    )


def _joined(before: MirroredValue, value: MirroredValue) -> MirroredValue:
    """Return what several columns of one list name, once each; else the later value."""
    if isinstance(before, tuple) and isinstance(value, tuple):
        return tuple(dict.fromkeys((*before, *value)))
    return value


def faulty(row: Mapping[str, object], detail: str) -> FaultyRecord:
    """Keep a row that cannot be read; one without an id is known by its content."""
    content = json.dumps(row, sort_keys=True, default=str).encode()
    known_by = raw(row, "sys_id") or raw(row, "number") or sha256(content).hexdigest()
    return FaultyRecord(
        external_id=known_by[:64],
        detail=detail,
        payload=dict(row),
        is_named=is_identity(raw(row, "sys_id")),
    )
