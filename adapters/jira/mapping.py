"""A site's issues in our words. Pure; tables before code."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from adapters.field_map import FieldMap
from adapters.jira import values
from adapters.jira.links import relations
from adapters.jira.site import Site
from adapters.jira.statuses import meaning, status
from domain.inbound import FaultyRecord, InboundRecord, MirroredValue, VendorKey
from domain.records import (
    ChangeRisk,
    ChangeStatus,
    IncidentStatus,
    Priority,
    RecordKind,
    Severity,
    TicketStatus,
)

PRIORITY_PLACE: Final = "priority"
# What the key of a value begins with that is a place in an order.
RANK: Final = "#"
INSTANTS: Final = frozenset(
    {"startedAt", "resolvedAt", "plannedStartsAt", "plannedEndsAt", "actualStartsAt"}
    | {"actualEndsAt"}
)
_READ: Final[Mapping[str, values.Read]] = {
    "title": values.text,
    "description": values.text,
    "assignee": values.person,
    "labels": values.labels,
    "services": values.references,
    **dict.fromkeys(INSTANTS, values.iso),
}
# Closed sets, and what comes nearest to a value that is in none of them.
_NEAREST: Final[Mapping[str, str | None]] = {
    "severity": Severity.SEV3,
    "priority": Priority.P3,
    "risk": ChangeRisk.MEDIUM,
    "tier": None,
}
_NEAREST_STATUS: Final[Mapping[RecordKind, str]] = {
    RecordKind.INCIDENT: IncidentStatus.IN_PROGRESS,
    RecordKind.CHANGE: ChangeStatus.IN_PROGRESS,
    RecordKind.TICKET: TicketStatus.OPEN,
}
CLOSED: Final = frozenset({"status", *_NEAREST})
# Fields that keep the vendor's name.
OWN: Final[Mapping[str, values.Read]] = {
    "reporter": values.person,
    "creator": values.person,
    "resolution": values.name,
    "issuetype": values.name,
    "project": values.name,
    "duedate": values.name,
    "environment": values.text,
}
# Asked for to read the rest by; not mirrored.
_MEANS: Final = ("created", "updated", "issuelinks", "labels")
# By these issues are found; what they are stands under the vendor's own names.
FINDERS: Final = frozenset({"number", "issueType", "project"})


def asked(kind: RecordKind, site: Site) -> list[str]:
    """Return the ids of the fields that issues of a kind are read with."""
    names = {entry.field for entry in site.mappings.of(kind)} - FINDERS
    mapped = {place for name in names for _, place in site.places(kind, name)}
    return sorted({*_MEANS, *OWN, *mapped})


def issue(row: object, kind: RecordKind, site: Site) -> InboundRecord | FaultyRecord:
    """Read an issue, as searches, single reads and webhooks tell it.

    A field that is not told is left out: absence is not emptiness.
    """
    if not isinstance(row, dict):
        return faulty({"row": row}, "the issue is not an object")
    try:
        return _issue(row, kind, site)
    except ValueError as error:
        return faulty(row, str(error))


def _issue(row: Mapping[str, Any], kind: RecordKind, site: Site) -> InboundRecord:
    match row:
        case {"fields": dict(told)}:
            pass
        case _:
            raise ValueError("the issue has no fields")
    key = values.human_key(row.get("key"))
    created, updated = values.instant(told.get("created")), values.instant(told.get("updated"))
    fields: dict[str, MirroredValue] = {"number": key}
    unmapped: dict[str, str] = {}
    for name in dict.fromkeys(entry.field for entry in site.mappings.of(kind)):
        if name not in FINDERS:
            fields |= _field(name, kind, told, site, unmapped)
    for name, read in OWN.items():
        if name in told:
            fields.setdefault(name, read(told[name]))
    return InboundRecord(
        external_id=values.identity(row.get("id")),
        external_key=key,
        url=f"{site.url}/browse/{key}",
        key=VendorKey(at=updated),
        created_at=created,
        # Who made a later update is told by the history alone.
        author=values.author(told.get("creator")) if updated == created else "",
        fields=fields,
        unmapped=unmapped,
        correlation_id=values.our_id(told.get("labels")),
        relations=(
            relations(kind, told["issuelinks"], site.mappings) if "issuelinks" in told else {}
        ),
    )


def _field(
    name: str, kind: RecordKind, told: Mapping[str, Any], site: Site, unmapped: dict[str, str]
) -> dict[str, MirroredValue]:
    """Return one of our fields; nothing when no place of it is told.

    Of several places the first that is not empty counts; services are in all of them.
    """
    places = [(entry, place) for entry, place in site.places(kind, name) if place in told]
    if not places:
        return {}
    if name == "services":
        found = (found for _, place in places for found in values.references(told[place]))
        return {name: tuple(dict.fromkeys(found))}
    entry, place = next((here for here in places if told[here[1]]), places[0])
    value = told[place]
    if name in CLOSED:
        return {name: _closed(entry, place, value, site, unmapped)}
    return {name: _READ.get(name, values.name)(value)}


def _closed(
    entry: FieldMap, place: str, value: object, site: Site, unmapped: dict[str, str]
) -> str | None:
    """Read one of a closed set, and keep the raw value of one that is not in it."""
    if entry.field == "status":
        found = status(value)
        if found is None:
            raise ValueError("the issue's status is missing or malformed")
        ours, raw = meaning(found, entry.kind, site.mappings), found.name
    else:
        called = values.called(value)
        if called is None:
            return None
        ours, raw = choice(entry, place, called, site), called[1]
    if ours:
        return str(ours)
    unmapped[place] = raw
    return nearest(entry)


def nearest(entry: FieldMap) -> str | None:
    """Return what comes nearest to a value that has no counterpart."""
    return _NEAREST_STATUS[entry.kind] if entry.field == "status" else _NEAREST[entry.field]


def choice(entry: FieldMap, place: str, called: tuple[str, str], site: Site) -> str | None:
    """Return our value for an id and name at a place; None when there is none.

    A setting for the name or id comes first, then the rank in the site's order
    of priorities; what is behind the last rank is as the last.
    """
    key, name = called
    folded = {told.casefold(): ours for told, ours in entry.values.items()}
    ours = folded.get(name.casefold()) or entry.values.get(key)
    rank = site.rank(key) if place == PRIORITY_PLACE else None
    if ours or rank is None:
        return ours
    ranks = sorted(told for told in entry.values if told.startswith(RANK))
    return entry.values[ranks[min(rank, len(ranks)) - 1]] if ranks else None


def faulty(row: Mapping[str, object], detail: str) -> FaultyRecord:
    """Keep an issue that cannot be read; one without an id is known by its content."""
    content = json.dumps(row, sort_keys=True, default=str).encode()
    known_by = row.get("id") or row.get("key")
    if not isinstance(known_by, str | int):
        known_by = sha256(content).hexdigest()
    return FaultyRecord(
        external_id=str(known_by)[:64],
        detail=detail,
        payload=dict(row),
        is_named=values.is_id(str(row.get("id"))),
    )
