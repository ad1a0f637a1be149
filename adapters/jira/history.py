"""What changelogs tell of issues: their items as edits. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.exchange import HistoryAsk
from adapters.field_map import FieldMap
from adapters.jira import values
from adapters.jira.mapping import CLOSED, FINDERS, INSTANTS, OWN, choice, nearest
from adapters.jira.site import Site
from adapters.jira.statuses import Status, meaning
from domain.inbound import InboundEdit, MirroredValue, Reference, VendorKey
from domain.records import RecordKind

_PEOPLE: Final = frozenset({"assignee", "reporter"})
# They follow from others, or are put together from parts.
_UNTOLD: Final = frozenset({"services", "startedAt", "resolvedAt", *FINDERS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One item of a changelog: one field, from one value to another."""

    record: str
    place: str
    before: tuple[str, str]
    after: tuple[str, str]
    key: VendorKey
    author: str


def changes(logs: Iterable[object], asks: Sequence[HistoryAsk]) -> list[Change]:
    """Return the items of changelogs in their order, each since it was asked for.

    An entry that says not of which issue and when it is can be put nowhere.
    """
    begins = {ask.external_id: ask.since for ask in asks}
    found: list[Change] = []
    for log in logs:
        match log:
            case {"issueId": str() | int() as issue, "changeHistories": [*entries]} if (
                str(issue) in begins
            ):
                since = begins[str(issue)]
                for entry in entries:
                    found += _entry(str(issue), entry, since)
    return sorted(found, key=lambda change: (change.key, change.place))


def _entry(record: str, entry: object, since: datetime | None) -> list[Change]:
    match entry:
        case {"id": str() | int() as number, "created": told, "items": [*items], **rest}:
            try:
                sequence = int(values.identity(number))
                key = VendorKey(at=values.instant(told), sequence=sequence)
            except ValueError:
                return []
            if since is not None and key.at < since:
                return []
            author = values.author(rest.get("author"))
            return [
                Change(
                    record=record,
                    place=str(item.get("fieldId") or item.get("field")),
                    before=_side(item, "from"),
                    after=_side(item, "to"),
                    key=key,
                    author=author,
                )
                for item in items
                if isinstance(item, Mapping)
            ]
        case _:
            return []


def _side(item: Mapping[str, Any], name: str) -> tuple[str, str]:
    """Return the id and the text of one side; accounts go by their own id, not by a name."""
    account = "tmpFromAccountId" if name == "from" else "tmpToAccountId"
    key = item.get(account) if account in item else item.get(name)
    text = item.get(f"{name}String")
    return str(key or ""), str(text or "")


def edits(found: Iterable[Change], kind: RecordKind, site: Site) -> list[InboundEdit]:
    """Return the edits of mirrored fields; of services, see ``service_edits``."""
    fields = _fields(kind, site)
    return [
        _edit(
            change,
            field,
            _value(field, entry, change.before, site),
            _value(field, entry, change.after, site),
        )
        for change in found
        for field, entry in fields.get(change.place, ())
    ]


def service_places(kind: RecordKind, site: Site) -> frozenset[str]:
    """Return the ids of the fields that name services."""
    return frozenset(place for _, place in site.places(kind, "services"))


def service_edits(
    found: Iterable[Change],
    present: Mapping[str, tuple[Reference, ...]],
    kind: RecordKind,
    site: Site,
) -> list[InboundEdit]:
    """Return the edits of services, going back from what issues name at present.

    A changelog tells what came and went, one by one: before and after are known
    only from the end. An issue whose present services are not known has none.
    """
    places = service_places(kind, site)
    by_entry: dict[tuple[str, VendorKey], list[Change]] = {}
    for change in found:
        if change.place in places and change.record in present:
            by_entry.setdefault((change.record, change.key), []).append(change)
    named = dict(present)
    told: list[InboundEdit] = []
    for (record, _), parts in sorted(by_entry.items(), key=lambda entry: entry[0], reverse=True):
        after = named[record]
        came, went = set[str](), dict[str, None]()
        for part in parts:
            before_ids, after_ids = _ids(part.before), _ids(part.after)
            came |= set(after_ids) - set(before_ids)
            went |= {key: None for key in before_ids if key not in after_ids}
        kept = tuple(service for service in after if service.external_id not in came)
        back = (values.service(key) for key in went)
        named[record] = before = tuple(dict.fromkeys((*kept, *back)))
        if before != after:
            told.append(_edit(parts[0], "services", before, after))
    return told[::-1]


def _ids(side: tuple[str, str]) -> list[str]:
    return [part for told in side[0].strip("[]").split(",") if (part := told.strip())]


def people(found: Iterable[Change]) -> dict[Reference, str]:
    """Return the people that changes name, as they were called then."""
    sides = (
        side
        for change in found
        if change.place in _PEOPLE
        for side in (change.before, change.after)
    )
    return {
        Reference(table=values.PEOPLE, external_id=key): text for key, text in sides if key and text
    }


def _fields(kind: RecordKind, site: Site) -> dict[str, list[tuple[str, FieldMap | None]]]:
    """Return our fields by the place that they stand at."""
    fields: dict[str, list[tuple[str, FieldMap | None]]] = {
        name: [(name, None)] for name in OWN if name != "project"
    }
    for name in {entry.field: None for entry in site.mappings.of(kind)}:
        places = site.places(kind, name)
        if places and name not in _UNTOLD:
            entry, place = places[0]
            fields.setdefault(place, []).append((name, entry))
    return fields


def _edit(change: Change, field: str, before: MirroredValue, after: MirroredValue) -> InboundEdit:
    return InboundEdit(
        external_id=f"{change.key.sequence}:{field}",
        record_external_id=change.record,
        field=field,
        before=before,
        after=after,
        key=change.key,
        author=change.author,
    )


def _value(field: str, entry: FieldMap | None, side: tuple[str, str], site: Site) -> MirroredValue:
    """Return our value for one side of a change; a time that is none stays as it is told."""
    key, text = side
    if field == "labels":
        return values.labels(text.split())
    if not key and not text:
        return None
    if field in _PEOPLE:
        return Reference(table=values.PEOPLE, external_id=key) if key else text
    if field in INSTANTS:
        return _instant(key or text)
    return _chosen(entry, side, site) if entry and field in CLOSED else text or key


def _instant(told: str) -> MirroredValue:
    try:
        return values.iso(told)
    except ValueError:
        return told


def _chosen(entry: FieldMap, side: tuple[str, str], site: Site) -> str | None:
    key, text = side
    place = site.field_id(entry.external_field) or ""
    if entry.field == "status":
        left = Status(id=key, name=text, category="undefined")
        ours = meaning(site.statuses.get(key, left), entry.kind, site.mappings)
    else:
        ours = choice(entry, place, side, site)
    return str(ours) if ours else nearest(entry)
