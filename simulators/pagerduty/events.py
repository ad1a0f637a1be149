"""What monitoring sends in: events become alerts and incidents; changes are kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from simulators.pagerduty.answers import not_found
from simulators.pagerduty.drafts import Agent
from simulators.pagerduty.incidents import OPEN, Incidents
from simulators.pagerduty.names import identity, instant, key, stamp
from simulators.pagerduty.store import Document, Selection, among, equal

# Change events are kept so long.
KEPT: Final = timedelta(days=90)
_ACTIONS: Final = ("trigger", "acknowledge", "resolve")
_SEVERITIES: Final = ("critical", "error", "warning", "info")


class InvalidEvent(Exception):  # noqa: N818 — named after the status the API gives it
    """An event that the Events API turns down; ``errors`` says why."""

    def __init__(self, *errors: str) -> None:
        """Keep what the answer shows."""
        super().__init__(", ".join(errors))
        self.errors = list(errors)


class Events:
    """Takes events and change events, named by the routing key of a service."""

    def __init__(self, incidents: Incidents) -> None:
        """Turn events into these incidents."""
        self._incidents = incidents
        self._store = incidents.store

    def take(self, event: Mapping[str, Any]) -> str:
        """Trigger, acknowledge or resolve; return the deduplication key.

        Raises InvalidEvent.
        """
        service, dedup = self._service(event), str(event.get("dedup_key") or "")
        action = event.get("event_action")
        if action not in _ACTIONS:
            raise InvalidEvent("'event_action' is invalid")
        if action != "trigger" and not dedup:
            raise InvalidEvent("'dedup_key' is missing or blank")
        agent = Agent(kind="service", id=service["id"], name=service["name"], channel="api")
        if action == "trigger":
            _check(event)
            dedup = dedup or key("event", self._store.newest("alert") + 1)
            with self._store.together():
                self._trigger(event, dedup, service, agent)
        elif alert := self._incidents.alerts.open(service["id"], dedup):
            with self._store.together():
                self._answer(action, alert, agent)
        return dedup

    def change(self, event: Mapping[str, Any]) -> Document:
        """Keep a change event and return it; raise InvalidEvent."""
        service = self._service(event)
        payload = event.get("payload")
        if not isinstance(payload, Mapping) or not payload.get("summary"):
            raise InvalidEvent("'payload.summary' is missing or blank")
        number, at = self._store.newest("change_event") + 1, self._incidents.now()
        made = {
            "id": identity("change_event", number),
            "summary": payload["summary"],
            "timestamp": stamp(_time(payload.get("timestamp")) or at),
            "source": payload.get("source"),
            "service": service["id"],
            "integration": service["integration"],
            "routing_key": event["routing_key"],
            "links": event.get("links") or [],
            "images": event.get("images") or [],
            "custom_details": payload.get("custom_details") or {},
        }
        self._store.put("change_event", made)
        return made

    def change_of(self, id: str) -> Document:
        """Return a change event that is still kept; raise Refusal (404)."""
        found = self._store.one("change_event", id)
        if found is None or found["timestamp"] < stamp(self._incidents.now() - KEPT):
            raise not_found()
        return found

    def related(self, incident: Mapping[str, Any]) -> list[Document]:
        """Return the changes of an incident's service in the day before it, latest first."""
        until = incident["created_at"]
        since = stamp(instant(until) - timedelta(days=1))
        where = "service = ? AND timestamp BETWEEN ? AND ?"
        selection = Selection(
            where=where,
            parameters=(incident["service"], since, until),
            order="timestamp DESC, seq DESC",
        )
        return self._store.page("change_event", selection, limit=10)

    def resolve_alert(self, alert: Mapping[str, Any], agent: Agent) -> Document:
        """Resolve an alert, and its incident when it was the last one open."""
        alerts = self._incidents.alerts
        after = alerts.edit(alert, status="resolved")
        incident = self._incidents.get(alert["incident"])
        if incident["status"] != "resolved" and not alerts.counts(incident["id"])["triggered"]:
            self._incidents.edit(incident["id"], {"status": "resolved"}, agent)
        else:
            self._incidents.save(self._incidents.draft(incident["id"], agent))
        return after

    def _trigger(
        self, event: Mapping[str, Any], dedup: str, service: Mapping[str, Any], agent: Agent
    ) -> None:
        payload = event["payload"]
        channel = {
            "type": "api",
            "summary": payload["summary"],
            "description": payload["summary"],
            "service_key": event["routing_key"],
            "incident_key": dedup,
            "details": payload.get("custom_details") or {},
            "client": event.get("client"),
        }
        incidents = self._incidents
        known = incidents.alerts.open(service["id"], dedup)
        incident = incidents.get(known["incident"]) if known else self._grouped(service)
        if incident is None:
            asked = {"title": payload["summary"], "service": service["id"], "incident_key": None}
            urgency = "low" if payload["severity"] in ("warning", "info") else "high"
            if (service["incident_urgency_rule"] or {}).get("urgency") == "severity_based":
                asked["urgency"] = urgency
            incident = incidents.create(asked, agent, channel)
            incidents.alerts.add(incident, event, dedup)
            incidents.save(incidents.draft(incident["id"], agent))
            return
        draft = incidents.draft(incident["id"], agent)
        draft.log(
            "trigger",
            "Triggered through the API.",
            channel=channel,
            event_details={"description": payload["summary"]},
        )
        if known is None:
            incidents.alerts.add(incident, event, dedup)
        incidents.save(draft)

    def _answer(self, action: str, alert: Mapping[str, Any], agent: Agent) -> None:
        if action == "resolve":
            self.resolve_alert(alert, agent)
        else:
            self._incidents.edit(alert["incident"], {"status": "acknowledged"}, agent)

    def _grouped(self, service: Mapping[str, Any]) -> Document | None:
        """Return the open incident that a new alert joins, where its service groups by time."""
        grouping = service["alert_grouping_parameters"] or {}
        if grouping.get("type") != "time":
            return None
        minutes = (grouping.get("config") or {}).get("timeout") or 0
        # 0 minutes group for as long as the incident is open.
        since = stamp(self._incidents.now() - timedelta(minutes=minutes)) if minutes else ""
        where = f"service = ? AND {among('status', OPEN)} AND created_at >= ?"
        selection = Selection(
            where=where, parameters=(service["id"], *OPEN, since), order="created_at DESC"
        )
        return self._store.first("incident", selection)

    def _service(self, event: Mapping[str, Any]) -> Document:
        routing_key = str(event.get("routing_key"))
        found = self._store.first("service", equal(integration_key=routing_key))
        if found is None:
            raise InvalidEvent("Invalid routing key")
        return found


def _check(event: Mapping[str, Any]) -> None:
    payload = event.get("payload")
    if not isinstance(payload, Mapping):
        raise InvalidEvent("'payload' is missing or blank")
    missing = [name for name in ("summary", "source", "severity") if not payload.get(name)]
    if missing:
        raise InvalidEvent(*(f"'payload.{name}' is missing or blank" for name in missing))
    if payload["severity"] not in _SEVERITIES:
        raise InvalidEvent(
            "'payload.severity' is invalid (must be one of the following: "
            f"{', '.join(_SEVERITIES)})"
        )


def _time(text: Any) -> datetime | None:  # noqa: ANN401 — JSON
    """Read the time that a sender gave; None for none. Raises InvalidEvent."""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        raise InvalidEvent("'payload.timestamp' is invalid") from None
    return read if read.tzinfo else None
