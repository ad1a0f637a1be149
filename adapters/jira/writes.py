"""Creating and editing incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from adapters.exchange import CreateAsk, Failed, WriteAsk
from adapters.jira import jql, mapping, search
from adapters.jira.api import PLATFORM, Api, gone, nowhere
from adapters.jira.moves import move
from adapters.jira.site import Site
from adapters.jira.statuses import status
from adapters.jira.values import OUR_LABEL, identity, is_id
from adapters.jira.writing import Draft, drafted
from domain.inbound import FaultyRecord, InboundRecord
from domain.records import RecordKind
from domain.sync.retry import Fault

_KIND: Final = RecordKind.INCIDENT
_NO_PROJECT: Final = (
    "it is not told in which project incidents are created: map the field project to its key"
)

Row = dict[str, Any]


async def create(api: Api, ask: CreateAsk) -> InboundRecord | Failed:
    """Create an incident, or find the one that an earlier try has made."""
    site = await api.site()
    if isinstance(site, Failed):
        return site
    label = f"{OUR_LABEL}{ask.correlation_id}"
    if ask.may_exist:
        found = await search.first(api, [f"labels = {jql.quoted(label)}"], "created ASC", 1)
        if isinstance(found, Failed):
            return found
        if found:
            return await _record(api, site, found[0])
    draft = drafted(ask.fields, {}, site)
    if draft.refused:
        return _unwritable(draft)
    made = await _made(api, site, draft, label)
    return _ours(made, ask.fields, site) if isinstance(made, Failed) else made


async def _made(api: Api, site: Site, draft: Draft, label: str) -> InboundRecord | Failed:
    """Create an issue; its status follows when it is there, as far as it goes."""
    home = await _home(api, site)
    if isinstance(home, Failed):
        return home
    labels = [*draft.fields.get("labels", ()), label]
    fields = draft.fields | home | {"labels": labels}
    answer = await api.send("POST", f"{PLATFORM}/issue", {"fields": fields})
    if isinstance(answer, Failed):
        return answer
    key = str(answer.body.get("id"))
    row = await _row(api, site, key)
    if isinstance(row, Failed) or not draft.status:
        return row if isinstance(row, Failed) else _read(row, site)
    # The issue is there: where it cannot be moved, its own status tells so.
    await move(api, site, row, draft.status)
    return await _record(api, site, key)


async def write(api: Api, ask: WriteAsk) -> InboundRecord | Failed:
    """Write fields, then the status; the other way round for an issue that has ended."""
    site = await api.site()
    if isinstance(site, Failed):
        return site
    row = await _row(api, site, ask.external_id)
    if isinstance(row, Failed):
        return row
    draft = drafted(ask.fields, row["fields"], site)
    if draft.refused:
        return _unwritable(draft)
    failed = await _written(api, site, row, draft)
    if failed is not None:
        return _ours(failed, ask.fields, site)
    return await _record(api, site, ask.external_id)


async def _written(api: Api, site: Site, row: Row, draft: Draft) -> Failed | None:
    present = status(row["fields"].get("status"))
    # Many workflows let nothing be edited at their end.
    has_ended = present is not None and present.category == "done"
    failed = await move(api, site, row, draft.status) if has_ended and draft.status else None
    failed = failed or await _edit(api, row, draft)
    if failed is None and draft.status and not has_ended:
        return await move(api, site, row, draft.status)
    return failed


async def _edit(api: Api, row: Row, draft: Draft) -> Failed | None:
    """Send all fields; the assignee apart, who may be set where nothing else may."""
    place, fields = f"{PLATFORM}/issue/{identity(row.get('id'))}", dict(draft.fields)
    if "assignee" in fields:
        person = fields.pop("assignee") or {"accountId": None}
        answer = await api.send("PUT", f"{place}/assignee", person)
        if isinstance(answer, Failed):
            return gone(answer)
    steps = _label_steps(row["fields"].get("labels"), fields.pop("labels", None))
    body: dict[str, Any] = {"fields": fields} if fields else {}
    if steps:
        body["update"] = {"labels": steps}
    edited = await api.send("PUT", place, body) if body else None
    return gone(edited) if isinstance(edited, Failed) else None


def _label_steps(present: object, wanted: Sequence[str] | None) -> list[dict[str, str]]:
    """Return what to add and remove: a label that somebody else adds meanwhile stays."""
    if wanted is None:
        return []
    kept = [str(label) for label in present] if isinstance(present, list) else []
    added = [{"add": label} for label in wanted if label not in kept]
    return added + [{"remove": label} for label in kept if label not in wanted]


async def _home(api: Api, site: Site) -> dict[str, Any] | Failed:
    """Return the project and the issue type of a new incident.

    The first that the settings name; without any, the only service desk there is.
    """
    kind = next(iter(site.mappings.values(_KIND, "issueType")), "")
    projects: Sequence[str] = site.projects(_KIND)[:1]
    if not projects:
        query = {"typeKey": "service_desk"}
        answer = await api.get(f"{PLATFORM}/project/search", query)
        if isinstance(answer, Failed):
            return answer
        projects = _desks(answer.body)
    if len(projects) != 1:
        return Failed(fault=Fault.REJECTED, detail=_NO_PROJECT)
    named = {"id": kind} if is_id(kind) else {"name": kind}
    return {"project": {"key": projects[0]}, "issuetype": named}


def _desks(answer: Mapping[str, Any]) -> list[str]:
    found = answer.get("values")
    return [
        str(one.get("key"))
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, Mapping) and one.get("projectTypeKey") == "service_desk"
    ]


async def _row(api: Api, site: Site, key: str) -> Row | Failed:
    """Read an incident directly: a search may not know of it yet."""
    if not is_id(key):
        return nowhere(key)
    fields = ",".join(mapping.asked(_KIND, site))
    answer = await api.get(f"{PLATFORM}/issue/{key}", {"fields": fields})
    if isinstance(answer, Failed):
        return gone(answer)
    match answer.body:
        case {"id": str(), "fields": {}}:
            return answer.body
        case _:
            return Failed(fault=Fault.BAD_ANSWER, detail="the answer has no issue")


async def _record(api: Api, site: Site, key: str) -> InboundRecord | Failed:
    row = await _row(api, site, key)
    return row if isinstance(row, Failed) else _read(row, site)


def _read(row: Row, site: Site) -> InboundRecord | Failed:
    record = mapping.issue(row, _KIND, site)
    if isinstance(record, FaultyRecord):
        return Failed(fault=Fault.BAD_ANSWER, detail=record.detail)
    return record


def _unwritable(draft: Draft) -> Failed:
    detail = "; ".join(f"{name}: {why}" for name, why in draft.refused.items())
    return Failed(fault=Fault.REJECTED, detail=detail[:500], fields=draft.refused)


def _ours(failed: Failed, fields: Mapping[str, object], site: Site) -> Failed:
    """Name the refused fields as we do."""
    names = {place: name for name in fields for _, place in site.places(_KIND, name)}
    named = {names.get(place, place): told for place, told in failed.fields.items()}
    return replace(failed, fields=named)
