"""What incidents refer to: services, users, teams, policies and priorities."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from simulators.company import SERVICES
from simulators.pagerduty.answers import Refusal, error, invalid, not_found
from simulators.pagerduty.names import identity, key, stamp
from simulators.pagerduty.store import Document, Selection, Store, equal

# What an account that pays for everything may do.
ABILITIES: Final = (
    "advanced_permissions",
    "event_rules",
    "manage_schedules",
    "preview_intelligent_alert_grouping",
    "priorities",
    "service_support_hours",
    "sso",
    "teams",
    "time_based_alert_grouping",
    "urgencies",
)
_PRIORITIES: Final = (
    ("P1", "a8171c"),
    ("P2", "eb6016"),
    ("P3", "f9b406"),
    ("P4", "555555"),
    ("P5", "555555"),
)
_ORDER_STEP: Final = 100_000_000
# What a caller may set of each kind, and what it is when nobody did.
_FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "service": {
        "name": None,
        "description": None,
        "status": "active",
        "auto_resolve_timeout": 14_400,
        "acknowledgement_timeout": 1_800,
        "escalation_policy": None,
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        "support_hours": None,
        "scheduled_actions": [],
        "alert_creation": "create_alerts_and_incidents",
        "alert_grouping_parameters": None,
    },
    "user": {
        "name": None,
        "email": None,
        "time_zone": "Etc/UTC",
        "color": "purple",
        "role": "user",
        "description": None,
        "job_title": None,
        "teams": [],
    },
    "team": {"name": None, "description": None, "default_role": "manager"},
    "escalation_policy": {
        "name": None,
        "description": None,
        "num_loops": 0,
        "on_call_handoff_notifications": "if_has_services",
        "escalation_rules": [],
        "teams": [],
    },
    "business_service": {"name": None, "description": None, "point_of_contact": None},
}
_UNIQUE: Final = {"service": "name", "team": "name", "escalation_policy": "name", "user": "email"}


class Directory:
    """Finds, adds, edits and removes what incidents refer to."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        """Write to the store, with stamps by this clock."""
        self._store = store
        self._now = now
        self._known: dict[tuple[str, str], Document | None] = {}

    def settle(self, email: str) -> None:
        """Found the account: its owner, a policy, the company's services, five priorities."""
        if self._store.count("user"):
            return
        with self._store.together():
            owner = self.person(email)
            rule = {"escalation_delay_in_minutes": 30, "targets": [owner["id"]]}
            policy = self.add("escalation_policy", {"name": "Default", "escalation_rules": [rule]})
            for rank, (name, colour) in enumerate(_PRIORITIES):
                order = (len(_PRIORITIES) - rank) * _ORDER_STEP
                self._put("priority", {"name": name, "color": colour, "order": order})
            ids = {
                service.key: self.add(
                    "service",
                    {
                        "name": service.name,
                        "escalation_policy": policy["id"],
                        "auto_resolve_timeout": None,
                    },
                )["id"]
                for service in SERVICES
            }
            for service in SERVICES:
                for needed in service.depends_on:
                    self.depend(dependent=ids[service.key], supporting=ids[needed])

    def find(self, kind: str, id: str) -> Document | None:
        """Return what has this id, or None."""
        if (kind, id) not in self._known:
            self._known[kind, id] = self._store.one(kind, id)
        return self._known[kind, id]

    def get(self, kind: str, id: str) -> Document:
        """Return what has this id; raise Refusal (404) for nothing."""
        found = self.find(kind, id)
        if found is None:
            raise not_found(kind)
        return found

    def named(self, kind: str, name: str) -> Document:
        """Return what has this id or name; raise KeyError for nothing."""
        where = "id = ? OR name = ?"
        found = self._store.first(kind, Selection(where=where, parameters=(name, name)))
        if found is None:
            raise KeyError(f"{kind} {name}")
        return found

    def user(self, email: str) -> Document | None:
        """Return the user of an address, whatever its case, or None."""
        return self._store.first("user", equal(email=email.lower()))

    def person(self, email: str) -> Document:
        """Return the user of an address, made on first sight."""
        known = self.user(email)
        if known is not None:
            return known
        name = email.partition("@")[0].replace(".", " ").title()
        return self.add("user", {"name": name, "email": email})

    def add(self, kind: str, asked: Mapping[str, Any]) -> Document:
        """Add one with the fields asked for, references given as ids.

        Raises Refusal (400) when the name is missing or taken.
        """
        fields = dict(_FIELDS[kind]) | {n: v for n, v in asked.items() if n in _FIELDS[kind]}
        if kind == "user":
            fields["email"] = str(fields["email"] or "").lower()
        unique = _UNIQUE.get(kind, "name")
        if not fields["name"] or not fields[unique]:
            raise invalid(f"{unique.capitalize()} can't be blank.")
        if kind == "service" and not fields["escalation_policy"]:
            raise invalid("Escalation policy can't be blank.")
        taken = equal(**{unique: fields[unique]})
        if kind in _UNIQUE and self._store.first(kind, taken):
            raise invalid(f"{unique.capitalize()} has already been taken.")
        return self._put(kind, fields)

    def edit(self, kind: str, id: str, asked: Mapping[str, Any]) -> Document:
        """Write fields and return the whole; raise Refusal (404)."""
        changes = {name: value for name, value in asked.items() if name in _FIELDS[kind]}
        after = self.get(kind, id) | changes | {"updated_at": stamp(self._now())}
        self._store.put(kind, after)
        self._known[kind, id] = after
        return after

    def remove(self, kind: str, id: str) -> Document:
        """Delete one and return what it was; raise Refusal (404, or 400 while it is in use)."""
        found = self.get(kind, id)
        if kind == "escalation_policy" and self._store.first(
            "service", equal(escalation_policy=id)
        ):
            used = "The escalation policy can't be deleted as it's being used by 1 service."
            raise Refusal(400, error("Invalid Input Provided", 2001, [used]))
        self._store.remove(kind, id)
        self._known[kind, id] = None
        return found

    def depend(self, *, dependent: str, supporting: str) -> None:
        """Say that a service, or business service, needs another; twice is once."""
        edge_id = identity("service_dependency", f"{supporting}/{dependent}")
        edge = {"id": edge_id, "supporting": supporting, "dependent": dependent}
        self._store.put("service_dependency", edge)

    def dependencies(self, id: str) -> list[Document]:
        """Return the edges at a service, either way."""
        where = "supporting = ? OR dependent = ?"
        return self._store.page("service_dependency", Selection(where=where, parameters=(id, id)))

    def priority(self, asked: Any) -> str | None:  # noqa: ANN401 — JSON
        """Return the id of a priority given as an object or by name; raise Refusal (400)."""
        if not asked:
            return None
        wanted = asked.get("id") if isinstance(asked, Mapping) else asked
        try:
            return str(self.named("priority", str(wanted))["id"])
        except KeyError:
            raise invalid("Priority not found") from None

    def targets(self, policy: Mapping[str, Any], level: int) -> list[str]:
        """Return the users to call at a level of a policy, counted from 1."""
        rules = policy["escalation_rules"]
        return list(rules[min(level, len(rules)) - 1]["targets"]) if rules else []

    def _put(self, kind: str, fields: Mapping[str, Any]) -> Document:
        number, at = self._store.newest(kind) + 1, stamp(self._now())
        made = {"id": identity(kind, number), "created_at": at, "updated_at": at, **fields}
        if kind == "service":
            made["integration"] = identity("integration", number)
            made["integration_key"] = key("integration", number)
        self._store.put(kind, made)
        self._known[kind, made["id"]] = made
        return made
