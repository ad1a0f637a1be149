"""What a site's webhooks tell. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from adapters import signatures
from adapters.delivery import Deleted, Hinted, RawDelivery, Reported, Told, Unreadable
from adapters.exchange import HistoryAsk
from adapters.jira import history, mapping, values
from adapters.jira.directory import names_in
from adapters.jira.links import kind_of
from adapters.jira.site import Site
from domain.inbound import InboundEdit, InboundRecord, Reference
from domain.records import RecordKind

_CREATED: Final = "jira:issue_created"
_UPDATED: Final = "jira:issue_updated"
_DELETED: Final = "jira:issue_deleted"
_WHOLE: Final = frozenset({_CREATED, _UPDATED})
_COMMENT: Final = "comment_"
_ISSUE_OF_COMMENT: Final = re.compile(r"/issue/([0-9]{1,18})/comment/")


def about(delivery: RawDelivery) -> str | None:
    """Return the id of the issue that a delivery is about; None where it names none."""
    try:
        issue = _issue(signatures.document(delivery))
        return None if issue is None else values.identity(issue.get("id"))
    except ValueError:
        return None


def read(delivery: RawDelivery, site: Site) -> Told:
    """Read what happened to one issue; of one that is not mirrored, nothing.

    Webhooks tell texts in the older markup, which reads otherwise than the documents
    that issues are read with: what is such a text is left out, and asked for when it
    has changed. That goes for comments as a whole.
    """
    try:
        return _read(signatures.document(delivery), site)
    except ValueError as error:
        return (Unreadable(detail=str(error)),)


def _read(told: dict[str, Any], site: Site) -> Told:
    """Read a body. Raises ValueError for one that names no issue."""
    event = str(told.get("webhookEvent") or "")
    row = _issue(told)
    if row is None:
        return ()
    key, fields = values.identity(row.get("id")), row.get("fields")
    kinds = _kinds(row.get("key"), fields, site)
    if event.startswith(_COMMENT):
        return tuple(Hinted(kind=kind, external_id=key, is_full=True) for kind in kinds)
    if event == _DELETED:
        return tuple(Deleted(kind=kind, external_id=key) for kind in kinds)
    if event in _WHOLE and isinstance(fields, dict) and "issuetype" in fields:
        return tuple(_reported(told, row, fields, kind, site) for kind in kinds)
    # A workflow's own webhook names no event.
    return tuple(Hinted(kind=kind, external_id=key) for kind in kinds)


def _issue(told: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the issue that a body tells of; None of an event that has none.

    Of a comment, sites of one's own tell no issue but in the comment's address.
    Raises ValueError where an issue is missing.
    """
    event = str(told.get("webhookEvent") or "")
    is_comment = event.startswith(_COMMENT)
    match told:
        case {"issue": dict(row)} if not is_comment or "id" in row:
            return row
        case {"comment": {"self": str(address)}} if is_comment and (
            found := _ISSUE_OF_COMMENT.search(address)
        ):
            return {"id": found[1]}
        case _ if event and not is_comment:
            return None
        case _:
            raise ValueError(f"the {'comment is' if is_comment else 'body tells'} of no issue")


def _kinds(key: object, fields: object, site: Site) -> list[RecordKind]:
    """Return the kind of an issue; all that it can be, where it does not tell its type."""
    mirrored = list(dict.fromkeys(entry.kind for entry in site.mappings.maps))
    if isinstance(fields, Mapping) and "issuetype" in fields:
        kind = kind_of(fields["issuetype"], site.mappings)
        mirrored = [] if kind is None else [kind]
    project = str(key or "").rpartition("-")[0]
    return [
        kind
        for kind in mirrored
        if not project or not (found := site.projects(kind)) or project in found
    ]


def _reported(
    told: Mapping[str, Any],
    row: Mapping[str, Any],
    fields: Mapping[str, Any],
    kind: RecordKind,
    site: Site,
) -> Reported | Hinted:
    marked_up = _marked_up(fields, kind, site)
    kept = {name: value for name, value in fields.items() if name not in marked_up}
    row = {**row, "fields": kept}
    record = mapping.issue(row, kind, site)
    if not isinstance(record, InboundRecord) or _changed(told) & marked_up:
        return Hinted(kind=kind, external_id=str(row["id"]))
    return Reported(
        kind=kind,
        record=replace(record, author=values.author(told.get("user")) or record.author),
        edits=_edits(told, record, kind, site),
        named=names_in([row], history.service_places(kind, site)),
        is_whole=told["webhookEvent"] == _CREATED and set(mapping.asked(kind, site)) <= kept.keys(),
    )


def _marked_up(fields: Mapping[str, object], kind: RecordKind, site: Site) -> frozenset[str]:
    """Return the places of texts that are told in the older markup."""
    places = {place for _, place in site.places(kind, "description")} | {"environment"}
    return frozenset(place for place in places if isinstance(fields.get(place), str))


def _changed(told: Mapping[str, Any]) -> frozenset[str]:
    match told:
        case {"webhookEvent": "jira:issue_updated", "changelog": {"items": [*items]}}:
            places = (
                item.get("fieldId") or item.get("field") for item in items if isinstance(item, dict)
            )
            return frozenset(map(str, places))
        case _:
            return frozenset()


def _edits(
    told: Mapping[str, Any], record: InboundRecord, kind: RecordKind, site: Site
) -> list[InboundEdit]:
    """Return the changelog's items under the ids that the issue's history gives them.

    How an issue was created is in no history.
    """
    log = told.get("changelog")
    if told.get("webhookEvent") != _UPDATED or not isinstance(log, Mapping):
        return []
    entry = {**log, "created": record.key.at.isoformat(), "author": told.get("user")}
    issue = {"issueId": record.external_id, "changeHistories": [entry]}
    asks = [HistoryAsk(external_id=record.external_id, since=None)]
    changes = history.changes([issue], asks)
    services = record.fields.get("services")
    present = (
        {record.external_id: tuple(one for one in services if isinstance(one, Reference))}
        if isinstance(services, tuple)
        else {}
    )
    edits = history.edits(changes, kind, site)
    edits += history.service_edits(changes, present, kind, site)
    return sorted(edits, key=lambda edit: edit.external_id)
