"""The fields of an incident that are no status."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from simulators.pagerduty.answers import invalid
from simulators.pagerduty.directory import Directory
from simulators.pagerduty.drafts import Draft
from simulators.pagerduty.names import identity, key, stamp
from simulators.pagerduty.store import Document


def blank(
    number: int, at: datetime, service: Mapping[str, Any], asked: Mapping[str, Any]
) -> Document:
    """Return a new incident of a service, called for nobody yet.

    ``incident_key`` is generated when it was not asked for; an incident of the
    Events API asks for none, its alerts have the keys.
    """
    rule = service["incident_urgency_rule"] or {}
    urgency = asked.get("urgency") or rule.get("urgency")
    created_at = stamp(at)
    return {
        "id": identity("incident", number),
        "incident_number": number,
        "title": asked["title"],
        "service": service["id"],
        "incident_key": asked.get("incident_key", key("incident", number)),
        "status": "triggered",
        "urgency": urgency if urgency in ("high", "low") else "high",
        "priority": None,
        "escalation_policy": asked.get("escalation_policy") or service["escalation_policy"],
        "escalation_level": 1,
        "escalated_at": created_at,
        "assigned_via": "escalation_policy",
        "assignments": [],
        "acknowledgements": [],
        "unacknowledge_at": None,
        "created_at": created_at,
        "updated_at": created_at,
        "last_status_change_at": created_at,
        "last_status_change_by": ["service", service["id"]],
        "resolved_at": None,
        "reopened_at": None,
        "resolve_reason": None,
        "conference_bridge": asked.get("conference_bridge"),
        "body": asked.get("body"),
    }


def describe(draft: Draft, asked: Mapping[str, Any], directory: Directory) -> None:
    """Write what is asked for; no webhook tells of a title or an urgency.

    Raises Refusal (400, 404).
    """
    incident = draft.incident
    incident["conference_bridge"] = asked.get("conference_bridge", incident["conference_bridge"])
    if "title" in asked and asked["title"] != incident["title"]:
        if not asked["title"]:
            raise invalid("Title cannot be empty.")
        _changed(draft, "title", asked["title"])
    if asked.get("urgency") not in (None, incident["urgency"]):
        _urge(draft, asked["urgency"])
    if "priority" in asked:
        priority = directory.priority(asked["priority"])
        if priority != incident["priority"]:
            _changed(draft, "priority", priority)
            draft.tell("priority_updated")
    service = asked.get("service")
    if service not in (None, incident["service"]):
        directory.get("service", service)
        _changed(draft, "service", service)
        draft.tell("service_updated")


def _urge(draft: Draft, urgency: str) -> None:
    if urgency not in ("high", "low"):
        raise invalid("Urgency must be one of high, low.")
    draft.incident["urgency"] = urgency
    draft.log("urgency_change", f"Urgency changed to {urgency} {draft.agent.by}.")


def _changed(draft: Draft, name: str, value: Any) -> None:  # noqa: ANN401 — JSON
    change = {"name": name, "value": value, "old_value": draft.incident[name]}
    draft.incident[name] = value
    channel = {"changeset": {"application_fields": [change]}}
    summary = f"{name.replace('_', ' ').capitalize()} changed {draft.agent.by}."
    draft.log("field_value_change", summary, channel=channel)
