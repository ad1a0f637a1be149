"""Issues and what they refer to, as a client is shown them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from simulators.jira import adf
from simulators.jira.catalogue import (
    FIELDS,
    ISSUE_TYPES,
    LINK_TYPES,
    PRIORITIES,
    PROJECTS,
    SERVICE_IDS,
    Field,
    Kind,
)
from simulators.jira.desk_shapes import organization, request_type
from simulators.jira.listing import Document
from simulators.jira.people import People
from simulators.jira.store import Store
from simulators.jira.workflows import RESOLUTIONS, STATUSES

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EXPAND: Final = (
    "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a client sees the site.

    root: the address that it reached; version: "2" shows plain text, "3"
    documents; zone: of its account.
    """

    root: str
    version: str
    zone: tzinfo
    store: Store
    people: People
    components: Mapping[str, str]
    hides_emails: bool

    @property
    def api(self) -> str:
        """The address of the platform's interface."""
        return f"{self.root}/rest/api/{self.version}"

    def time(self, milliseconds: int) -> str:
        """Return an instant on the account's clock, to the millisecond."""
        at = (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(self.zone)
        return f"{at:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}{at:%z}"

    def rich(self, document: Document | None) -> Any:  # noqa: ANN401 — JSON
        """Return rich text in the form of the version."""
        if document is None or self.version == "3":
            return document
        return adf.plain(document)

    def issue(
        self, issue: Document, names: Collection[str], expand: Collection[str] = ()
    ) -> dict[str, Any]:
        """Return an issue with the named fields, and its history where that is expanded."""
        shown: dict[str, Any] = {
            "expand": _EXPAND,
            "id": str(issue["id"]),
            "self": f"{self.api}/issue/{issue['id']}",
            "key": issue["key"],
            "fields": {name: self._field(FIELDS[name], issue) for name in names},
        }
        if "changelog" in expand:
            histories = self.histories(issue["id"])[::-1]
            shown["changelog"] = {
                "startAt": 0,
                "maxResults": len(histories),
                "total": len(histories),
                "histories": histories,
            }
        if "names" in expand:
            shown["names"] = {name: FIELDS[name].name for name in names}
        return shown

    def person(self, account: str) -> dict[str, Any]:
        """Return a person."""
        person = dict(self.people.shown(account))
        if self.hides_emails:
            person.pop("emailAddress", None)
        return {
            "self": f"{self.api}/user?accountId={account}",
            **person,
            "timeZone": str(self.zone),
        }

    def status(self, id: str) -> dict[str, Any]:
        """Return a status with its category."""
        status = STATUSES[id]
        category = status.category
        return {
            "self": f"{self.api}/status/{id}",
            "description": "",
            "iconUrl": f"{self.root}/images/icons/statuses/generic.png",
            "name": status.name,
            "id": id,
            "statusCategory": {
                "self": f"{self.api}/statuscategory/{category.id}",
                "id": category.id,
                "key": category.key,
                "colorName": category.colour,
                "name": category.name,
            },
        }

    def issue_type(self, id: str) -> dict[str, Any]:
        """Return an issue type."""
        issue_type = ISSUE_TYPES[id]
        return {
            "self": f"{self.api}/issuetype/{id}",
            "id": id,
            "description": issue_type.description,
            "iconUrl": f"{self.root}/images/icons/issuetypes/{id}.svg",
            "name": issue_type.name,
            "subtask": False,
            "hierarchyLevel": 0,
        }

    def priority(self, id: str) -> dict[str, Any]:
        """Return a priority."""
        return {
            "self": f"{self.api}/priority/{id}",
            "iconUrl": f"{self.root}/images/icons/priorities/{PRIORITIES[id].lower()}.svg",
            "name": PRIORITIES[id],
            "id": id,
        }

    def resolution(self, id: str) -> dict[str, Any]:
        """Return a resolution."""
        return {
            "self": f"{self.api}/resolution/{id}",
            "id": id,
            "description": "",
            "name": RESOLUTIONS[id],
        }

    def component(self, id: str) -> dict[str, Any]:
        """Return a component."""
        return {
            "self": f"{self.api}/component/{id}",
            "id": id,
            "name": self.components[id],
            "description": "",
        }

    def project(self, id: str) -> dict[str, Any]:
        """Return a project as issues show it."""
        project = PROJECTS[id]
        return {
            "self": f"{self.api}/project/{id}",
            "id": id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.kind,
            "simplified": False,
        }

    def link_type(self, id: str) -> dict[str, Any]:
        """Return a link type."""
        name, inward, outward = LINK_TYPES[id]
        return {
            "id": id,
            "name": name,
            "inward": inward,
            "outward": outward,
            "self": f"{self.api}/issueLinkType/{id}",
        }

    def link(self, row: tuple[int, str, int, int], issue: int | None) -> dict[str, Any]:
        """Return a link, with the other end of it, or with both when seen from no issue."""
        link, kind, source, target = row
        shown = {
            "id": str(link),
            "self": f"{self.api}/issueLink/{link}",
            "type": self.link_type(kind),
        }
        if issue != target:
            shown["outwardIssue"] = self._end(target)
        if issue != source:
            shown["inwardIssue"] = self._end(source)
        return shown

    def comment(self, issue: int, comment: Document) -> dict[str, Any]:
        """Return a comment."""
        return {
            "self": f"{self.api}/issue/{issue}/comment/{comment['id']}",
            "id": str(comment["id"]),
            "author": self.person(comment["author"]),
            "body": self.rich(comment["body"]),
            "updateAuthor": self.person(comment["editor"]),
            "created": self.time(comment["created"]),
            "updated": self.time(comment["updated"]),
            "jsdPublic": comment["public"],
        }

    def histories(self, issue: int) -> list[dict[str, Any]]:
        """Return what happened to an issue, oldest first."""
        return [self.history(one) for one in self.store.children("history", issue)]

    def history(self, history: Document) -> dict[str, Any]:
        """Return what happened in one write."""
        return {
            "id": str(history["id"]),
            "author": self.person(history["author"]),
            "created": self.time(history["created"]),
            "items": history["items"],
        }

    def option(self, field: Field, id: str) -> dict[str, Any]:
        """Return a choice of a select."""
        label = dict(field.options)[id]
        return {"self": f"{self.api}/customFieldOption/{id}", "value": label, "id": id}

    def _end(self, id: int) -> dict[str, Any]:
        issue = self.store.issue(id)
        if issue is None:
            return {"id": str(id)}
        names = ("summary", "status", "priority", "issuetype")
        shown = self.issue(issue, names)
        return {name: shown[name] for name in ("id", "key", "self", "fields")}

    def _field(self, field: Field, issue: Document) -> Any:  # noqa: ANN401 — JSON
        if field.kind is Kind.LINKS:
            return [self.link(row, issue["id"]) for row in self.store.links(issue["id"])]
        if field.kind is Kind.COMMENTS:
            comments = [
                self.comment(issue["id"], one)
                for one in self.store.children("comment", issue["id"])
            ]
            return {
                "comments": comments,
                "self": f"{self.api}/issue/{issue['id']}/comment",
                "maxResults": len(comments),
                "total": len(comments),
                "startAt": 0,
            }
        value = issue["fields"].get(field.id)
        if value is None:
            return [] if field.kind in (Kind.LABELS, Kind.COMPONENTS, Kind.ORGANIZATIONS) else None
        show = _SHOWN.get(field.kind)
        if show is None:
            return value
        if isinstance(value, list):
            return [show(self, field, one) for one in value]
        return show(self, field, value)


# How a single value of each kind is shown; kinds that are not here, as they are kept.
_SHOWN: Final[Mapping[Kind, Callable[[View, Field, Any], Any]]] = {
    Kind.RICH: lambda view, _, value: view.rich(value),
    Kind.INSTANT: lambda view, _, value: view.time(value),
    Kind.USER: lambda view, _, value: view.person(value),
    Kind.STATUS: lambda view, _, value: view.status(value),
    Kind.ISSUE_TYPE: lambda view, _, value: view.issue_type(value),
    Kind.PRIORITY: lambda view, _, value: view.priority(value),
    Kind.RESOLUTION: lambda view, _, value: view.resolution(value),
    Kind.COMPONENTS: lambda view, _, value: view.component(value),
    Kind.PROJECT: lambda view, _, value: view.project(value),
    Kind.ORGANIZATIONS: lambda view, _, value: organization(view.root, value),
    Kind.OPTION: lambda view, field, value: view.option(field, value),
    Kind.SERVICES: lambda _view, _, value: {"id": value, "name": SERVICE_IDS[value]},
    Kind.REQUEST_TYPE: lambda view, _, value: {
        "requestType": request_type(view.root, value),
        "_links": {},
    },
}
