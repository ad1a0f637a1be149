"""Webhook subscriptions: who wants to be told of what."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from simulators.pagerduty.answers import invalid, not_found
from simulators.pagerduty.drafts import Happened
from simulators.pagerduty.names import identity, instant, stamp
from simulators.pagerduty.store import Document, Selection, Store

INCIDENT_EVENTS: Final = tuple(
    f"incident.{event}"
    for event in (
        "acknowledged",
        "annotated",
        "delegated",
        "escalated",
        "priority_updated",
        "reassigned",
        "reopened",
        "resolved",
        "service_updated",
        "triggered",
        "unacknowledged",
    )
)
_EVENTS: Final = (
    *INCIDENT_EVENTS,
    "incident.conference_bridge.updated",
    "incident.custom_field_values.updated",
    "incident.incident_type.changed",
    "incident.responder.added",
    "incident.responder.replied",
    "incident.status_update_published",
    "incident.workflow.completed",
    "incident.workflow.started",
    "service.created",
    "service.custom_field_values.updated",
    "service.deleted",
    "service.updated",
)
_FILTERS: Final = ("account_reference", "service_reference", "team_reference")
# A subscription that dropped so many messages in a row is off for a day.
_MOST_DROPS: Final = 3
_OFF_FOR: Final = timedelta(hours=24)


class Subscriptions:
    """All subscriptions; also what became of their messages."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], new_secret: Callable[[], str]
    ) -> None:
        """Keep them in the store."""
        self._store = store
        self._now = now
        self._new_secret = new_secret

    def add(self, asked: Mapping[str, Any], root: str, *, secret: str = "") -> Document:
        """Add a subscription and return it; its first secret is in ``secrets``.

        root: address of the API, with which links in its messages begin.
        secret: made up when empty.
        Raises Refusal (400).
        """
        method = asked.get("delivery_method")
        if not isinstance(method, Mapping) or not method.get("url"):
            raise invalid("Delivery method url is missing")
        number = self._store.newest("webhook_subscription") + 1
        made = {
            "id": identity("webhook_subscription", number),
            "root": root,
            "url": method["url"],
            "custom_headers": list(method.get("custom_headers") or []),
            "secrets": [secret or self._new_secret()],
            "description": asked.get("description"),
            "active": asked.get("active", True),
            "events": _events(asked.get("events")),
            "filter": _filter(asked.get("filter")),
            "drops": 0,
            "off_until": None,
        }
        self._store.put("webhook_subscription", made)
        return made

    def find(self, id: str) -> Document | None:
        """Return a subscription, or None."""
        return self._store.one("webhook_subscription", id)

    def get(self, id: str) -> Document:
        """Return a subscription; raise Refusal (404)."""
        found = self.find(id)
        if found is None:
            raise not_found()
        return found

    def all(self) -> list[Document]:
        """Return every subscription, oldest first."""
        return self._store.page("webhook_subscription", Selection())

    def edit(self, id: str, asked: Mapping[str, Any]) -> Document:
        """Write the fields that may change after creation; raise Refusal (400, 404)."""
        after = self.get(id)
        if "events" in asked:
            after["events"] = _events(asked["events"])
        if "filter" in asked:
            after["filter"] = _filter(asked["filter"])
        after |= {name: asked[name] for name in ("description", "active") if name in asked}
        self._store.put("webhook_subscription", after)
        return after

    def remove(self, id: str) -> None:
        """Delete a subscription; raise Refusal (404)."""
        self._store.remove("webhook_subscription", self.get(id)["id"])

    def enable(self, id: str) -> Document:
        """Switch a subscription on again that had dropped too much; raise Refusal (404)."""
        return self._counted(self.get(id), drops=0, off_until=None)

    def rotate(self, id: str, secret: str = "") -> str:
        """Add a secret beside the old one, and return it: messages are signed with both.

        secret: made up when empty.
        """
        subscription = self.get(id)
        secret = secret or self._new_secret()
        subscription["secrets"] = [secret, *subscription["secrets"][:1]]
        self._store.put("webhook_subscription", subscription)
        return secret

    def retire(self, id: str) -> None:
        """Forget all secrets but the newest."""
        subscription = self.get(id)
        subscription["secrets"] = subscription["secrets"][:1]
        self._store.put("webhook_subscription", subscription)

    def delivered(self, id: str) -> None:
        """Note that a message was taken; the subscription may be gone by now."""
        if (subscription := self.find(id)) is not None:
            self._counted(subscription, drops=0)

    def dropped(self, id: str) -> bool:
        """Note that a message was refused; say whether the subscription is off now."""
        subscription = self.find(id)
        if subscription is None:
            return True
        drops = int(subscription["drops"]) + 1
        is_off = drops >= _MOST_DROPS
        until = stamp(self._now() + _OFF_FOR) if is_off else None
        self._counted(subscription, drops=drops, off_until=until)
        return is_off

    def is_off(self, subscription: Mapping[str, Any]) -> bool:
        """Say whether a subscription is temporarily disabled."""
        until = subscription["off_until"]
        return until is not None and self._now() < instant(until)

    def wants(self, subscription: Mapping[str, Any], happened: Happened) -> bool:
        """Say whether a subscription is to be told."""
        if not subscription["active"] or self.is_off(subscription):
            return False
        return happened.event in subscription["events"] and self._concerns(subscription, happened)

    def _concerns(self, subscription: Mapping[str, Any], happened: Happened) -> bool:
        wanted, kind = subscription["filter"]["id"], subscription["filter"]["type"]
        match kind:
            case "service_reference":
                service = (happened.incident or {}).get("service") or _id(happened.service)
                return bool(wanted == service)
            case "team_reference":
                policy = (happened.incident or happened.service or {}).get("escalation_policy")
                found = self._store.one("escalation_policy", str(policy))
                return found is not None and wanted in found["teams"]
            case _:
                return True

    def _counted(self, subscription: Document, **counts: Any) -> Document:  # noqa: ANN401 — JSON
        after = subscription | counts
        if after != subscription:
            self._store.put("webhook_subscription", after)
        return after


def _id(document: Mapping[str, Any] | None) -> str:
    return "" if document is None else str(document["id"])


def _events(asked: Any) -> Sequence[str]:  # noqa: ANN401 — JSON
    if not isinstance(asked, list) or not asked:
        raise invalid("Events is missing")
    unknown = [str(event) for event in asked if event not in _EVENTS]
    if unknown:
        raise invalid(f"Events contains unknown types: {', '.join(unknown)}")
    return asked


def _filter(asked: Any) -> Document:  # noqa: ANN401 — JSON
    if not isinstance(asked, Mapping) or asked.get("type") not in _FILTERS:
        raise invalid("Filter type is invalid")
    if asked["type"] != "account_reference" and not asked.get("id"):
        raise invalid("Filter id is missing")
    return {"id": asked.get("id"), "type": asked["type"]}
