"""All writes to issues, whoever asks: histories, stamps, workflow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from simulators.jira.answers import Refusal
from simulators.jira.catalogue import (
    COMPONENTS,
    DEFAULT_PRIORITY,
    FIELDS,
    ISSUE_TYPES,
    LINK_TYPES,
    PROJECTS,
)
from simulators.jira.index import Index, milliseconds
from simulators.jira.listing import Document
from simulators.jira.people import People
from simulators.jira.store import Store
from simulators.jira.values import Reading, told
from simulators.jira.workflows import STATUSES, Transition

CREATED: Final = "jira:issue_created"
UPDATED: Final = "jira:issue_updated"
DELETED: Final = "jira:issue_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a listener is told of one write.

    event: the name of its webhook; kind: what an issue's event is called.
    issue: as it stands after the write, or stood before it was deleted.
    """

    event: str
    issue: Document
    by: str
    kind: str = ""
    history: Document | None = None
    comment: Document | None = None


class Records:
    """Writes issues and what belongs to them; ``by`` is an account id throughout."""

    def __init__(
        self, store: Store, people: People, index: Index, now: Callable[[], datetime]
    ) -> None:
        """Take the clock that stamps, aware."""
        self.store = store
        self.people = people
        self.listeners: list[Callable[[Written], None]] = []
        self._index = index
        self._now = now
        self.components = dict(COMPONENTS)
        """Of the project, id to name."""
        self.components |= {key: row["name"] for key, row in store.kept("component").items()}

    def reading(self, rich: str = "") -> Reading:
        """Return how values are read now; rich: as in ``Reading``."""
        return Reading(people=self.people, components=self.components, rich=rich)

    def add_component(self, name: str) -> str:
        """Add a component and return its id."""
        key = str(self.store.next("component", 20_001))
        self.components[key] = name
        self.store.keep("component", key, {"name": name})
        return key

    def create(self, fields: Mapping[str, Any], *, by: str) -> Document:
        """Add an issue with kept values, among them project, type and summary; return it."""
        at = milliseconds(self._now())
        project = PROJECTS[fields["project"]]
        status = ISSUE_TYPES[fields["issuetype"]].workflow.initial
        stamps = {"created": at, "updated": at, "statuscategorychangedate": at}
        issue: Document = {
            "id": self.store.next("issue"),
            "key": f"{project.key}-{self.store.next(f'key {project.key}', 1)}",
            "fields": {"priority": DEFAULT_PRIORITY, "reporter": by}
            | dict(fields)
            | {"creator": by, "status": status, "resolution": None}
            | stamps,
        }
        self.store.put(issue)
        self._index.written(None, issue["id"])
        self._tell(Written(event=CREATED, kind="issue_created", issue=issue, by=by))
        return issue

    def edit(
        self, issue: Document, changes: Mapping[str, Any], *, by: str, kind: str = "issue_updated"
    ) -> Document:
        """Set kept values and return the issue; what stays as it was is no change."""
        fields = issue["fields"]
        changes = {name: value for name, value in changes.items() if fields.get(name) != value}
        if not changes:
            return issue
        # One write has one time, in the issue and in its history.
        at = milliseconds(self._now())
        after = issue | {"fields": fields | changes | {"updated": at}}
        self.store.put(after)
        history = self._history(issue, changes, by, at)
        self._index.written(issue, issue["id"])
        self._tell(Written(event=UPDATED, kind=kind, issue=after, by=by, history=history))
        return after

    def transition(
        self, issue: Document, way: Transition, changes: Mapping[str, Any], *, by: str
    ) -> Document:
        """Take an issue along a transition and return it.

        changes: kept values from its screen.
        Raises Refusal when the screen wants a resolution.
        """
        resolution = changes.get("resolution") or way.resolution or None
        if way.wants_resolution and resolution is None:
            raise Refusal(400, errors={"resolution": "Resolution is required."})
        at = milliseconds(self._now())
        before, after = (STATUSES[one].category for one in (issue["fields"]["status"], way.to))
        change: dict[str, Any] = dict(changes) | {"status": way.to}
        if before is not after:
            change["statuscategorychangedate"] = at
        if after.key != "done":
            change |= {"resolution": None, "resolutiondate": None}
        elif issue["fields"]["resolution"] is None:
            change |= {"resolution": resolution, "resolutiondate": at if resolution else None}
        return self.edit(issue, change, by=by, kind="issue_generic")

    def delete(self, issue: Document, *, by: str) -> None:
        """Delete an issue and all that belongs to it."""
        self.store.remove(issue["id"])
        self._index.written(issue, issue["id"])
        self._tell(Written(event=DELETED, issue=issue, by=by))

    def comment(self, issue: Document, body: Document, *, by: str, public: bool = True) -> Document:
        """Add a comment, a document, and return it; it raises the issue's ``updated``."""
        at = milliseconds(self._now())
        comment: Document = {"id": self.store.next("child"), "author": by, "created": at}
        return self._commented(issue, comment | {"public": public}, body, by)

    def edit_comment(
        self, issue: Document, comment: Document, body: Document, *, by: str
    ) -> Document:
        """Replace a comment's text and return it."""
        return self._commented(issue, comment, body, by)

    def delete_comment(self, issue: Document, comment: Document, *, by: str) -> None:
        """Delete a comment."""
        self.store.remove_child(comment["id"])
        after = self._touched(issue)
        self._tell(Written(event="comment_deleted", issue=after, by=by, comment=comment))

    def link(self, type: str, source: int, target: int, *, by: str) -> int:
        """Link two issues and return the link's id; ``updated`` of both stays as it is."""
        for here, there, label in (
            (source, target, LINK_TYPES[type][2]),
            (target, source, LINK_TYPES[type][1]),
        ):
            other = self.store.issue(there)
            if other is not None:
                item = _item(
                    "Link",
                    "issuelinks",
                    (None, None),
                    (other["key"], f"This issue {label} {other['key']}"),
                )
                self._chronicle(here, [item], by, milliseconds(self._now()))
        return self.store.add_link(type, source, target)

    def _commented(self, issue: Document, comment: Document, body: Document, by: str) -> Document:
        event = "comment_updated" if "body" in comment else "comment_created"
        comment = comment | {"body": body, "editor": by, "updated": milliseconds(self._now())}
        self.store.add_child("comment", issue["id"], comment)
        after = self._touched(issue)
        self._tell(Written(event=event, issue=after, by=by, comment=comment))
        return comment

    def _touched(self, issue: Document) -> Document:
        after = issue | {"fields": issue["fields"] | {"updated": milliseconds(self._now())}}
        self.store.put(after)
        self._index.written(issue, issue["id"])
        return after

    def _history(
        self, before: Document, changes: Mapping[str, Any], by: str, at: int
    ) -> Document | None:
        reading = self.reading()
        items = [
            _item(
                field.name if field.custom else field.id,
                field.id,
                told(field, before["fields"].get(name), reading),
                told(field, value, reading),
            )
            for name, value in changes.items()
            # The history of a site leaves out times that follow from others.
            if (field := FIELDS[name]).id not in ("statuscategorychangedate", "resolutiondate")
        ]
        return self._chronicle(before["id"], items, by, at) if items else None

    def _chronicle(self, issue: int, items: list[dict[str, Any]], by: str, at: int) -> Document:
        history: Document = {
            "id": self.store.next("child"),
            "author": by,
            "created": at,
            "items": items,
        }
        self.store.add_child("history", issue, history)
        return history

    def _tell(self, written: Written) -> None:
        for listener in self.listeners:
            listener(written)


def _item(
    name: str,
    id: str,
    before: tuple[str | None, str | None],
    after: tuple[str | None, str | None],
) -> dict[str, Any]:
    return {
        "field": name,
        "fieldtype": "custom" if id.startswith("customfield_") else "jira",
        "fieldId": id,
        "from": before[0],
        "fromString": before[1],
        "to": after[0],
        "toString": after[1],
    }
