"""Alerts: what monitoring reported, as children of incidents."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from simulators.pagerduty.answers import not_found
from simulators.pagerduty.names import identity, stamp
from simulators.pagerduty.store import Document, Store, equal


class Alerts:
    """All writes of alerts. Incidents are not touched here."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        """Write to the store, with stamps by this clock."""
        self._store = store
        self._now = now

    def add(self, incident: Mapping[str, Any], event: Mapping[str, Any], key: str) -> Document:
        """Add the alert of an event to an incident.

        event: the body of the Events API, with its ``payload``.
        """
        number, at = self._store.newest("alert") + 1, stamp(self._now())
        payload = event["payload"]
        made = {
            "id": identity("alert", number),
            "summary": payload["summary"],
            "status": "triggered",
            "severity": payload["severity"],
            "alert_key": key,
            "service": incident["service"],
            "incident": incident["id"],
            "first_trigger_log_entry": incident["first_trigger_log_entry"],
            "created_at": at,
            "updated_at": at,
            "contexts": _contexts(event),
            "details": payload.get("custom_details") or {},
            "cef_details": _cef(event, key),
        }
        self._store.put("alert", made)
        return made

    def get(self, incident: str, id: str) -> Document:
        """Return an alert of an incident; raise Refusal (404)."""
        found = self._store.one("alert", id)
        if found is None or found["incident"] != incident:
            raise not_found()
        return found

    def open(self, service: str, key: str) -> Document | None:
        """Return the open alert of a service with this key, or None."""
        return self._store.first("alert", equal(alert_key=key, service=service, status="triggered"))

    def edit(self, alert: Mapping[str, Any], **changes: str) -> Document:
        """Write fields of an alert: its status, or its incident."""
        after = {**alert, **changes, "updated_at": stamp(self._now())}
        self._store.put("alert", after)
        return after

    def resolve(self, incident: str) -> None:
        """Resolve all alerts of an incident."""
        for alert in self.of(incident):
            if alert["status"] == "triggered":
                self.edit(alert, status="resolved")

    def move(self, source: str, target: str) -> None:
        """Give all alerts of an incident to another."""
        for alert in self.of(source):
            self.edit(alert, incident=target)

    def of(self, incident: str) -> list[Document]:
        """Return all alerts of an incident, oldest first."""
        selection = equal(incident=incident)
        return self._store.page("alert", selection)

    def counts(self, incident: str) -> dict[str, int]:
        """Return how many alerts an incident has, by status."""
        selection = equal(incident=incident)
        whole = self._store.count("alert", selection)
        triggered = equal(incident=incident, status="triggered")
        still = self._store.count("alert", triggered) if whole else 0
        return {"all": whole, "triggered": still, "resolved": whole - still}


def _contexts(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    links = [{"type": "link", **link} for link in event.get("links") or []]
    return links + [{"type": "image", **image} for image in event.get("images") or []]


def _cef(event: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return an event in the common event format, as an alert's body shows it."""
    payload = event["payload"]
    return {
        "client": event.get("client"),
        "client_url": event.get("client_url"),
        "contexts": _contexts(event),
        "creation_time": payload.get("timestamp"),
        "dedup_key": key,
        "description": payload["summary"],
        "details": payload.get("custom_details") or {},
        "event_class": payload.get("class"),
        "message": payload["summary"],
        "mutations": [],
        "service_group": payload.get("group"),
        "severity": payload["severity"],
        "source_component": payload.get("component"),
        "source_origin": payload["source"],
        "version": "1.0",
    }
