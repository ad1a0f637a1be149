"""The bodies of webhooks V3."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from simulators.pagerduty.drafts import Happened
from simulators.pagerduty.shapes import SHAPES
from simulators.pagerduty.store import Document, Store
from simulators.pagerduty.views import View


def event(id: str, happened: Happened, subscription: Mapping[str, Any], store: Store) -> Document:
    """Return the body that tells of what happened, as it then stood."""
    view = View(store=store, root=subscription["root"], shapes=SHAPES)
    agent = happened.agent
    at = happened.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "event": {
            "id": id,
            "event_type": happened.event,
            "resource_type": happened.event.partition(".")[0],
            "occurred_at": at,
            "agent": None if agent is None else view.reference(agent.kind, agent.id),
            "client": None,
            "data": _data(happened, view),
        }
    }


def _data(happened: Happened, view: View) -> Document:
    incident, note, service = happened.incident, happened.note, happened.service
    if note is not None:
        return {
            "incident": view.reference("incident", note["incident"]),
            "id": note["id"],
            "content": note["content"],
            "trimmed": False,
            "type": "incident_note",
        }
    if incident is not None:
        return _incident(incident, view)
    if service is not None:
        shown = view.of("service", service)
        names = ("id", "type", "summary", "self", "html_url", "created_at")
        more = {"alert_creation": service["alert_creation"], "teams": []}
        return {name: shown[name] for name in names} | more
    return {"message": "Hello from your friend Pagey!", "type": "ping"}


def _incident(incident: Mapping[str, Any], view: View) -> Document:
    """Return an incident: fewer fields than over REST, and other names for two of them."""
    shown = view.of("incident", incident)
    names = ("id", "type", "self", "html_url", "status", "incident_key", "created_at", "title")
    priority, reason = incident["priority"], shown["resolve_reason"]
    return {name: shown[name] for name in names} | {
        "number": incident["incident_number"],
        "reopened_at": incident["reopened_at"],
        "service": view.reference("service", incident["service"]),
        "assignees": [
            view.reference("user", given["assignee"]) for given in incident["assignments"]
        ],
        "escalation_policy": view.reference("escalation_policy", incident["escalation_policy"]),
        "teams": shown["teams"],
        "priority": None if priority is None else view.reference("priority", priority),
        "urgency": incident["urgency"],
        "conference_bridge": incident["conference_bridge"],
        "resolve_reason": reason,
        "incident_type": {"name": "incident_default"},
    }
