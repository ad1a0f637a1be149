"""What incidents refer to, as the REST API shows it."""

from collections.abc import Mapping
from typing import Any, Final

from simulators.pagerduty.names import identity
from simulators.pagerduty.store import Document, equal
from simulators.pagerduty.views import Shape, View

_ACCOUNT: Final = identity("account", 1)


def _service(view: View, service: Mapping[str, Any]) -> Document:
    hidden = ("integration", "integration_key")
    policy = service["escalation_policy"]
    whole = "integrations" in view.includes
    key = {"integration_key": service["integration_key"]} if whole else {}
    open_ones = _standing(view, service["id"])
    return {name: value for name, value in service.items() if name not in hidden} | {
        "status": service["status"] if service["status"] != "active" else open_ones,
        "escalation_policy": view.either("escalation_policy", policy, "escalation_policies"),
        "teams": [],
        "integrations": [(integration(view, service) or {}) | key],
        "last_incident_timestamp": None,
        "addons": [],
    }


def _standing(view: View, service: str) -> str:
    """Return "critical", "warning" or "active", by the open incidents of a service."""
    for status, word in (("triggered", "critical"), ("acknowledged", "warning")):
        if view.store.first("incident", equal(service=service, status=status)):
            return word
    return "active"


def _user(view: View, user: Mapping[str, Any]) -> Document:
    method = identity("contact_method", user["id"])
    address = f"{view.root}/users/{user['id']}/contact_methods/{method}"
    contact = {"id": method, "type": "email_contact_method_reference", "summary": "Default"}
    return _without_stamps(user) | {
        "avatar_url": f"{view.root}/avatars/{user['id']}.png",
        "billed": True,
        "invitation_sent": False,
        "teams": view.references("team", user["teams"]),
        "contact_methods": [contact | {"self": address, "html_url": None}],
        "notification_rules": [],
        "coordinated_incidents": [],
    }


def _team(_: View, team: Mapping[str, Any]) -> Document:
    return _without_stamps(team)


def _business_service(_: View, service: Mapping[str, Any]) -> Document:
    return _without_stamps(service) | {"team": None}


def _escalation_policy(view: View, policy: Mapping[str, Any]) -> Document:
    rules = [
        {
            "id": identity("escalation_rule", f"{policy['id']}/{level}"),
            "escalation_delay_in_minutes": rule["escalation_delay_in_minutes"],
            "targets": view.references("user", rule["targets"]),
        }
        for level, rule in enumerate(policy["escalation_rules"], 1)
    ]
    users = view.store.page("service", equal(escalation_policy=policy["id"]))
    return _without_stamps(policy) | {
        "escalation_rules": rules,
        "services": [view.reference("service", service["id"]) for service in users],
        "teams": [view.either("team", team, "teams") for team in policy["teams"]],
    }


def _priority(_: View, priority: Mapping[str, Any]) -> Document:
    return dict(priority) | {"description": "", "account_id": _ACCOUNT, "schema_version": 0}


def _without_stamps(document: Mapping[str, Any]) -> Document:
    return {name: document[name] for name in document if not name.endswith("ed_at")}


def integration(view: View, service: Mapping[str, Any]) -> Document | None:
    """Return the reference to the one integration of a service, or None when it is gone."""
    if not service:
        return None
    address = f"{view.root}/services/{service['id']}/integrations/{service['integration']}"
    kind = "events_api_v2_inbound_integration_reference"
    return view.reference("integration", service["integration"]) | {"type": kind, "self": address}


DIRECTORY: Final[Mapping[str, Shape]] = {
    "business_service": _business_service,
    "escalation_policy": _escalation_policy,
    "priority": _priority,
    "service": _service,
    "team": _team,
    "user": _user,
}
