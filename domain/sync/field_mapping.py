"""Whether a person's field mapping can hold: which fields, which values. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.records import (
    ChangeRisk,
    ChangeStatus,
    EventSeverity,
    EventStatus,
    IncidentStatus,
    Priority,
    RecordKind,
    ServiceCriticality,
    Severity,
    TicketStatus,
)

# The fields whose values are closed sets of ours.
CLOSED_SETS: Final[Mapping[tuple[RecordKind, str], type[StrEnum]]] = {
    (RecordKind.INCIDENT, "status"): IncidentStatus,
    (RecordKind.INCIDENT, "severity"): Severity,
    (RecordKind.INCIDENT, "priority"): Priority,
    (RecordKind.CHANGE, "status"): ChangeStatus,
    (RecordKind.CHANGE, "risk"): ChangeRisk,
    (RecordKind.EVENT, "severity"): EventSeverity,
    (RecordKind.EVENT, "status"): EventStatus,
    (RecordKind.TICKET, "status"): TicketStatus,
    (RecordKind.TICKET, "priority"): Priority,
    (RecordKind.SERVICE, "criticality"): ServiceCriticality,
}
# Of this field, a value is a service's external id: of the vendor, and of another integration.
_SERVICES: Final = "services"
# Names go into queries: what has a meaning in a vendor's query language stays out.
# Blanks are let in, for people name their own fields with them ("Change risk").
_EXTERNAL_NAME: Final = re.compile(r"\w(?:[\w .-]{0,198}\w)?")
MOST_VALUES: Final = 500
LONGEST_VALUE: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Mappable:
    """What a vendor's default says of one field.

    has_values: its default translates values.
    """

    kind: RecordKind
    field: str
    is_fixed: bool = False
    has_values: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePair:
    """A vendor's value and ours; None for ours takes a default's meaning away."""

    external: str
    ours: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What cannot hold, and where it stands in the request."""

    message: str
    path: tuple[str, ...]


def joins_services(field: str) -> bool:
    """Say whether a field's values tell which services of two integrations are one."""
    return field == _SERVICES


def find_field(known: Sequence[Mappable], kind: RecordKind, field: str) -> Mappable | Wrong:
    """Return what is known of a field, when it may be mapped otherwise."""
    named = {one.field: one for one in known if one.kind is kind}
    if field not in named:
        some = ", ".join(sorted(named)) or "none"
        return Wrong(message=f'no field "{field}" of {kind}; there are {some}', path=("field",))
    if named[field].is_fixed:
        return Wrong(message=f"{field} of {kind} cannot be mapped otherwise", path=("field",))
    return named[field]


def wrong_mapping(
    about: Mappable, *, external_field: str | None, values: Sequence[ValuePair]
) -> Wrong | None:
    """Return the first thing that cannot hold in a mapping of a field, None when all can.

    external_field: None keeps the vendor's default.
    """
    if external_field is not None and not _EXTERNAL_NAME.fullmatch(external_field):
        return Wrong(
            message="a vendor's field has 1 to 200 letters, digits or _, and inner blanks, . or -",
            path=("externalField",),
        )
    if external_field is None and not values:
        return Wrong(message="name a vendor's field, or values, or both", path=("externalField",))
    if len(values) > MOST_VALUES:
        return Wrong(message=f"at most {MOST_VALUES} values", path=("values",))
    closed = CLOSED_SETS.get((about.kind, about.field))
    if values and closed is None and not about.has_values and not joins_services(about.field):
        return Wrong(message=f"{about.field} is taken as it is, without values", path=("values",))
    seen: set[str] = set()
    for place, pair in enumerate(values):
        if fault := _wrong_pair(pair, closed, seen):
            name, message = fault
            return Wrong(message=message, path=("values", str(place), name))
        seen.add(pair.external)
    return None


def _wrong_pair(
    pair: ValuePair, closed: type[StrEnum] | None, seen: set[str]
) -> tuple[str, str] | None:
    """Return the part of a pair that cannot hold, and why."""
    if not _is_plain(pair.external):
        return "external", f"a value has 1 to {LONGEST_VALUE} printable characters"
    if pair.external in seen:
        return "external", f'"{pair.external}" is given twice'
    if pair.ours is None:
        return None
    if closed is not None and pair.ours not in set(closed):
        return "ours", f"one of {', '.join(closed)}"
    if not _is_plain(pair.ours):
        return "ours", f"a value has 1 to {LONGEST_VALUE} printable characters"
    return None


def _is_plain(text: str) -> bool:
    return text.isprintable() and bool(text.strip()) and len(text) <= LONGEST_VALUE
