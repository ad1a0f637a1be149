"""Documents as the REST API shows them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from simulators.pagerduty.store import Document, Store

# Folders of the REST API, and of the website, where a kind has another one there.
PLURALS: Final = {
    "alert": "alerts",
    "business_service": "business_services",
    "change_event": "change_events",
    "escalation_policy": "escalation_policies",
    "incident": "incidents",
    "incident_note": "notes",
    "integration": "integrations",
    "log_entry": "log_entries",
    "priority": "priorities",
    "service": "services",
    "team": "teams",
    "user": "users",
    "webhook_subscription": "webhook_subscriptions",
}
_PAGES: Final = {"service": "service-directory"}


Shape = Callable[["View", Mapping[str, Any]], Document]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a request wants documents shown.

    root: address of the API as the client reached it; links begin with it.
    shapes: how documents of each kind look.
    includes: what ``include[]`` names: those references become whole documents.
    """

    store: Store
    root: str
    shapes: Mapping[str, "Shape"]
    includes: Collection[str] = ()
    _known: dict[tuple[str, str], Document | None] = field(default_factory=dict)

    def of(self, kind: str, document: Mapping[str, Any]) -> Document:
        """Return a document of any kind."""
        return self._head(kind, document) | self.shapes[kind](self, document)

    def reference(self, kind: str, id: str) -> Document:
        """Return a reference; what it refers to may be gone."""
        document = self.find(kind, id)
        if document is None and kind != "integration":
            nothing = {"summary": None, "self": None, "html_url": None}
            return {"id": id, "type": f"{kind}_reference", **nothing}
        head = self._head(kind, document or {"id": id, "name": "Events API V2"})
        return head | {"type": f"{kind}_reference"}

    def either(self, kind: str, id: str | None, include: str) -> Document | None:
        """Return the whole document when ``include[]`` names it, else a reference."""
        if id is None:
            return None
        document = self.find(kind, id)
        if include in self.includes and document is not None:
            # What is included includes nothing: it may refer back.
            return replace(self, includes=()).of(kind, document)
        return self.reference(kind, id)

    def find(self, kind: str, id: str) -> Document | None:
        """Return a stored document, read once for each answer."""
        if kind == "integration":
            return None
        if (kind, id) not in self._known:
            self._known[kind, id] = self.store.one(kind, id)
        return self._known[kind, id]

    def _head(self, kind: str, document: Mapping[str, Any]) -> Document:
        page: str | None = f"{self.root}/{_PAGES.get(kind, PLURALS[kind])}/{document['id']}"
        if kind == "priority":
            page = f"{self.root}/account/incident_priorities"
        elif kind == "log_entry":
            page = _entry_page(self.root, document)
        return {
            "id": document["id"],
            "type": kind,
            "summary": _summary(kind, document),
            "self": f"{self.root}/{PLURALS[kind]}/{document['id']}",
            "html_url": page,
        }

    def references(self, kind: str, ids: Sequence[str]) -> list[Document]:
        """Return a reference for each id."""
        return [self.reference(kind, one) for one in ids]


def _entry_page(root: str, entry: Mapping[str, Any]) -> str | None:
    if entry["type"] != "trigger":
        return None
    return f"{root}/incidents/{entry['incident']}/log_entries/{entry['id']}"


def _summary(kind: str, document: Mapping[str, Any]) -> str:
    if kind == "incident":
        return f"[#{document['incident_number']}] {document['title']}"
    return str(document.get("summary") or document.get("name") or "")
