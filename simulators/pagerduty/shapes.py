"""Incidents, and what hangs on them, as the REST API shows them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from simulators.pagerduty.directory_shapes import DIRECTORY, integration
from simulators.pagerduty.store import Document
from simulators.pagerduty.views import Shape, View

_PLAIN: Final = (
    "incident_number",
    "title",
    "status",
    "urgency",
    "incident_key",
    "assigned_via",
    "created_at",
    "updated_at",
    "last_status_change_at",
    "resolved_at",
    "alert_counts",
    "pending_actions",
)


def _incident(view: View, incident: Mapping[str, Any]) -> Document:
    plain = {name: incident[name] for name in _PLAIN}
    agent_kind, agent = incident["last_status_change_by"]
    policy = view.find("escalation_policy", incident["escalation_policy"]) or {"teams": []}
    alerts, first = incident["alert_counts"], incident["first_trigger_log_entry"]
    shown = (
        plain
        | {
            "description": incident["title"],
            "service": view.either("service", incident["service"], "services"),
            "impacted_services": [view.reference("service", incident["service"])],
            "escalation_policy": view.either(
                "escalation_policy", incident["escalation_policy"], "escalation_policies"
            ),
            "teams": [view.either("team", team, "teams") for team in policy["teams"]],
            "priority": _whole(view, "priority", incident["priority"]),
            "assignments": [
                {"at": given["at"], "assignee": view.either("user", given["assignee"], "assignees")}
                for given in incident["assignments"]
            ],
            "acknowledgements": [
                {
                    "at": given["at"],
                    "acknowledger": _acknowledger(view, *given["acknowledger"]),
                }
                for given in incident["acknowledgements"]
            ],
            "last_status_change_by": view.either(agent_kind, agent, "agents"),
            "first_trigger_log_entry": _first(view, first),
            "is_mergeable": incident["status"] != "resolved",
            "incident_type": {"name": "incident_default"},
            "alert_grouping": None,
            "basic_alert_grouping": None,
            "incidents_responders": [],
            "responder_requests": [],
            "subscriber_requests": [],
            "resolve_reason": _reason(view, incident["resolve_reason"]),
        }
        | _included(view, incident)
    )
    if alerts["all"]:
        started = {"started_at": incident["created_at"], "ended_at": None}
        basic = {"grouping_type": "basic", "alert_grouping_active": False}
        shown["alert_grouping"] = basic | started
    return shown


def _included(view: View, incident: Mapping[str, Any]) -> Document:
    """Return the fields that an incident has only when they are asked for."""
    fields: Document = {
        "conference_bridge": incident["conference_bridge"],
        "body": {"type": "incident_body", "details": incident["body"]},
        "external_references": [],
    }
    return {name: value for name, value in fields.items() if name in view.includes}


def _acknowledger(view: View, kind: str, id: str) -> Document | None:
    return view.either(kind, id, "acknowledgers")


def _first(view: View, id: str) -> Document | None:
    if "first_trigger_log_entries" not in view.includes:
        return view.reference("log_entry", id) | {"type": "trigger_log_entry_reference"}
    entry = view.find("log_entry", id)
    alone = replace(view, includes=("first_trigger_log_entries",))
    return None if entry is None else alone.of("log_entry", entry)


def _reason(view: View, merged: str | None) -> Document | None:
    if merged is None:
        return None
    return {"type": "merge_resolve_reason", "incident": view.reference("incident", merged)}


def _whole(view: View, kind: str, id: str | None) -> Document | None:
    document = None if id is None else view.find(kind, id)
    return None if document is None else view.of(kind, document)


def _log_entry(view: View, entry: Mapping[str, Any]) -> Document:
    channel, details = entry["channel"], dict(entry["details"])
    told = "first_trigger_log_entries" if entry["type"] == "trigger" else "channels"
    whole = "channels" in view.includes or told in view.includes
    if "user" in details:
        details["user"] = view.reference("user", details["user"])
    if "assignees" in details:
        details["assignees"] = view.references("user", details["assignees"])
    shown: Document = {
        "type": f"{entry['type']}_log_entry",
        "created_at": entry["created_at"],
        "channel": channel if whole else {"type": channel["type"]},
        "service": view.either("service", entry["service"], "services"),
        "incident": view.either("incident", entry["incident"], "incidents"),
        "teams": [],
        "contexts": [],
    }
    if entry["agent"] is not None:
        shown["agent"] = view.reference(*entry["agent"])
    return shown | details


def _alert(view: View, alert: Mapping[str, Any]) -> Document:
    parent = f"{view.root}/incidents/{alert['incident']}/alerts/{alert['id']}"
    service = view.find("service", alert["service"]) or {}
    body = {name: alert[name] for name in ("contexts", "details", "cef_details")}
    plain = {name: alert[name] for name in ("status", "severity", "alert_key", "created_at")}
    entry = alert["first_trigger_log_entry"]
    return plain | {
        "self": parent,
        "service": view.either("service", alert["service"], "services"),
        "incident": view.either("incident", alert["incident"], "incidents"),
        "first_trigger_log_entry": _first(view, entry),
        "integration": integration(view, service),
        "suppressed": False,
        "body": {"type": "alert_body", **body},
    }


def _incident_note(view: View, note: Mapping[str, Any]) -> Document:
    return {
        "content": note["content"],
        "created_at": note["created_at"],
        "updated_at": note["created_at"],
        "user": view.reference("user", note["user"]),
        "channel": {"summary": "The PagerDuty website or APIs"},
    }


def _change_event(view: View, change: Mapping[str, Any]) -> Document:
    service = view.find("service", change["service"]) or {}
    names = ("timestamp", "source", "routing_key", "links", "images", "custom_details")
    return {name: change[name] for name in names} | {
        "services": [view.reference("service", change["service"])],
        "integration": integration(view, service),
    }


SHAPES: Final[Mapping[str, Shape]] = {
    **DIRECTORY,
    "alert": _alert,
    "change_event": _change_event,
    "incident": _incident,
    "incident_note": _incident_note,
    "log_entry": _log_entry,
}
