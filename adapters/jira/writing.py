"""Our fields as an issue's: what a write sends. Pure.

Values are absolute. What an issue already shows is not sent again: rich text
would lose its form, and of two values that are one of theirs the present stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.field_map import FieldMap
from adapters.jira import values
from adapters.jira.adf import document, plain
from adapters.jira.mapping import PRIORITY_PLACE, RANK, choice
from adapters.jira.site import Site
from domain.inbound import MirroredValue, Reference
from domain.records import Direction, RecordKind

_LONGEST_TITLE: Final = 255
_READ_ONLY: Final = "Jira does not let this be written"
_KIND: Final = RecordKind.INCIDENT


class Unwritable(Exception):  # noqa: N818 — named for what was found
    """A value that Jira cannot take; the message says why."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """What is to be sent.

    fields: by the site's ids. status: ours, reached by transitions.
    refused: fields of ours that cannot be sent, and why.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    status: str | None = None
    refused: dict[str, str] = field(default_factory=dict)


def drafted(fields: Mapping[str, MirroredValue], present: Mapping[str, Any], site: Site) -> Draft:
    """Translate fields of an incident; present: the issue's own, none for a new one."""
    draft = Draft()
    for name, value in fields.items():
        places = [
            (entry, place)
            for entry, place in site.places(_KIND, name)
            if entry.direction is not Direction.INBOUND
        ]
        if not places:
            draft.refused[name] = _READ_ONLY
        elif name == "status":
            draft.status = None if value is None else str(value)
        elif name != "severity" or not _is_told_twice(places[0][1], fields, site):
            try:
                draft.fields |= _written(name, value, places, present, site)
            except Unwritable as error:
                draft.refused[name] = str(error)
    return draft


def _is_told_twice(place: str, fields: Mapping[str, MirroredValue], site: Site) -> bool:
    """Say whether the severity would go where the priority goes, which is then the exact one."""
    return "priority" in fields and any(
        place == other for _, other in site.places(_KIND, "priority")
    )


def _written(
    name: str,
    value: MirroredValue,
    places: Sequence[tuple[FieldMap, str]],
    present: Mapping[str, Any],
    site: Site,
) -> dict[str, Any]:
    """Return a field as the site takes it; nothing when it shows it already.

    Raises Unwritable.
    """
    if name == "services":
        return _services(value, [place for _, place in places], present)
    entry, place = places[0]
    if name in {"severity", "priority"}:
        return _choice(entry, place, value, present, site)
    write = _WRITE.get(name, _plain)
    sent = write(value, present.get(place))
    return {} if place in present and sent == _shown(name, present[place]) else {place: sent}


def _title(value: MirroredValue, _: object) -> str:
    text = " ".join(str(value or "").split())[:_LONGEST_TITLE]
    if not text:
        raise Unwritable("a title may not be empty")
    return text


def _description(value: MirroredValue, present: object) -> object:
    text = str(value or "").rstrip()
    if text == plain(present).rstrip():
        return present
    return document(text) if text else None


def _assignee(value: MirroredValue, _: object) -> dict[str, str] | None:
    match value:
        case None:
            return None
        case Reference(table=values.PEOPLE, external_id=key):
            return {"accountId": key}
        case _:
            raise Unwritable("this person is not known in Jira")


def _labels(value: MirroredValue, present: object) -> list[str]:
    """Return the labels, ours with them; Jira allows no blanks in one."""
    if isinstance(value, str | int | float | Reference):
        raise Unwritable("labels are a list")
    kept = present if isinstance(present, list) else []
    ours = [label for label in kept if str(label).startswith(values.OUR_LABEL)]
    wanted = ["_".join(str(label).split()) for label in value or ()]
    return list(dict.fromkeys([*wanted, *ours]))


def _plain(value: MirroredValue, _: object) -> object:
    if isinstance(value, Reference | tuple):
        raise Unwritable(_READ_ONLY)
    return value


_WRITE: Final[Mapping[str, Callable[[MirroredValue, object], object]]] = {
    "title": _title,
    "description": _description,
    "assignee": _assignee,
    "labels": _labels,
}


def _shown(name: str, present: object) -> object:
    """Return what an issue shows, in the form that it is written in."""
    match name, present:
        case "assignee", {"accountId": key}:
            return {"accountId": key}
        case _:
            return present


def _choice(
    entry: FieldMap, place: str, value: MirroredValue, present: Mapping[str, Any], site: Site
) -> dict[str, Any]:
    if value is None:
        return {place: None}
    wanted = str(value)
    called = values.called(present.get(place))
    if called is not None and choice(entry, place, called, site) == wanted:
        return {}
    if place == PRIORITY_PLACE:
        return {place: {"id": _priority(entry, wanted, site)}}
    for theirs, ours in entry.values.items():
        if ours == wanted and not theirs.startswith(RANK):
            return {place: {"value": theirs}}
    raise Unwritable(f"no value of {entry.external_field} stands for {wanted}")


def _priority(entry: FieldMap, wanted: str, site: Site) -> str:
    """Return the site's priority for ours; the lowest where it has too few."""
    for theirs in site.priorities:
        if choice(entry, PRIORITY_PLACE, (theirs.id, theirs.name), site) == wanted:
            return theirs.id
    if not site.priorities or wanted not in entry.values.values():
        raise Unwritable(f"no priority stands for {wanted}")
    return site.priorities[-1].id


def _services(
    value: MirroredValue, places: Sequence[str], present: Mapping[str, Any]
) -> dict[str, Any]:
    """Divide services between the components and the field of affected services."""
    if not isinstance(value, tuple) or not all(isinstance(part, Reference) for part in value):
        raise Unwritable("these services are not known in Jira")
    homes = {
        values.COMPONENTS: "components",
        values.SERVICES: next((place for place in places if place != "components"), None),
    }
    sent: dict[str, list[dict[str, str]]] = {place: [] for place in places}
    for part in value:
        home = homes.get(part.table) if isinstance(part, Reference) else None
        if home not in sent or home is None:
            raise Unwritable("Jira has no field for some of these services")
        sent[home].append({"id": part.external_id})
    return {
        place: named
        for place, named in sent.items()
        if {one["id"] for one in named}
        != {one.external_id for one in values.references(present.get(place))}
    }
