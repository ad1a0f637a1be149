"""Writing incidents: whoever asks, a request, a test or the passing of time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from simulators.pagerduty import fields, status
from simulators.pagerduty.alerts import Alerts
from simulators.pagerduty.answers import Refusal, error, impossible, invalid, not_found
from simulators.pagerduty.calling import Calling
from simulators.pagerduty.directory import Directory
from simulators.pagerduty.drafts import Agent, Draft, Happened
from simulators.pagerduty.journal import Journal
from simulators.pagerduty.names import identity, instant, stamp
from simulators.pagerduty.store import Document, Selection, Store, among, equal
from simulators.pagerduty.switches import Switches
from simulators.pagerduty.timers import pending

OPEN: Final = ("triggered", "acknowledged")
_MOST_NOTES: Final = 2_000
_RESOLVED: Final = error("Incident Already Resolved", 1001)


class Incidents:
    """All writes of incidents, their notes and their log."""

    def __init__(
        self, store: Store, directory: Directory, switches: Switches, now: Callable[[], datetime]
    ) -> None:
        """Write to the store, with stamps by this clock."""
        self.store = store
        self.directory = directory
        self.listeners: list[Callable[[Happened], None]] = []
        self.now = now
        self._switches = switches
        self.alerts = Alerts(store, now)
        self.journal = Journal(store)
        self.calling = Calling(directory)

    def get(self, id: str) -> Document:
        """Return an incident; raise Refusal (404)."""
        found = self.store.one("incident", id)
        if found is None:
            raise not_found("incident")
        return found

    def create(
        self, asked: Mapping[str, Any], agent: Agent, channel: Mapping[str, Any] | None = None
    ) -> Document:
        """Open an incident.

        asked: ``title`` and ``service``, and what else an incident may have,
            references given as ids.
        channel: that of an event; None for what a person opened.
        Raises Refusal (400, 404), also when the key is that of an open incident
        of the service.
        """
        if not asked.get("title"):
            raise invalid("Title cannot be empty.")
        service = self.directory.get("service", asked["service"])
        if asked.get("assignments") and asked.get("escalation_policy"):
            raise invalid("Assignments and escalation policy cannot both be given.")
        wanted = asked.get("incident_key")
        if wanted and self.with_key(service["id"], wanted) is not None:
            raise impossible("Open incident with matching dedup key already exists on this service")
        number, at = self.store.newest("incident") + 1, self.now()
        incident = fields.blank(number, at, service, asked)
        incident["priority"] = self.directory.priority(asked.get("priority"))
        draft = Draft(incident=incident, agent=agent, at=at)
        status.trigger(draft, channel)
        if asked.get("assignments"):
            self.calling.to(draft, asked["assignments"])
        else:
            self.calling.by_policy(draft)
        return self.save(draft)

    def edit(self, id: str, asked: Mapping[str, Any], agent: Agent) -> Document:
        """Write the given fields and return the incident; an equal value is no change.

        Raises Refusal (400, 404).
        """
        draft = self.draft(id, agent)
        service = self.directory.find("service", draft.incident["service"]) or {}
        self._turn(draft, asked, service.get("acknowledgement_timeout"))
        fields.describe(draft, asked, self.directory)
        if level := asked.get("escalation_level"):
            self.calling.escalate(draft, int(level))
        policy = asked.get("escalation_policy")
        if policy and policy != draft.incident["escalation_policy"]:
            self.calling.delegate(draft, policy)
        if asked.get("assignments"):
            self.calling.reassign(draft, asked["assignments"])
        return self.save(draft)

    def annotate(self, id: str, content: str, agent: Agent) -> Document:
        """Add a note; ``updated_at`` stays as it was. Raises Refusal (400, 404)."""
        draft = self.draft(id, agent)
        selection = equal(incident=id)
        if self.store.count("incident_note", selection) >= _MOST_NOTES:
            raise invalid("The incident has reached the maximum number of notes.")
        note = {
            "id": identity("incident_note", self.store.newest("incident_note") + 1),
            "incident": id,
            "content": content,
            "user": agent.id,
            "created_at": stamp(draft.at),
        }
        draft.log(
            "annotate", f"Note added {agent.by}.", channel={"type": "note", "summary": content}
        )
        with self.store.together():
            self.store.put("incident_note", note)
            self.journal.keep(draft)
        self._announce(draft, "incident.annotated", note)
        return note

    def snooze(self, id: str, seconds: int, agent: Agent) -> Document:
        """Acknowledge for so many seconds; raise Refusal (400, 404)."""
        draft = self.draft(id, agent)
        if draft.status == "resolved":
            raise Refusal(400, _RESOLVED)
        status.snooze(draft, seconds)
        return self.save(draft)

    def merge(self, id: str, sources: Sequence[str], agent: Agent) -> Document:
        """Move all alerts of the sources here, and resolve them; raise Refusal (400, 404)."""
        target = self.get(id)
        if target["status"] == "resolved":
            raise Refusal(400, _RESOLVED)
        with self.store.together():
            for source in sources:
                draft = self.draft(source, agent)
                self.alerts.move(source, id)
                if draft.status != "resolved":
                    status.resolve(draft)
                draft.incident["resolve_reason"] = id
                self.save(draft)
            return self.save(self.draft(id, agent))

    def with_key(self, service: str, key: str) -> Document | None:
        """Return the open incident of a service that has this key, or an alert with it."""
        alerts = "SELECT incident FROM alert WHERE alert_key = ? AND status = 'triggered'"
        named = f"(incident_key = ? OR id IN ({alerts}))"
        where = f"service = ? AND {among('status', OPEN)} AND {named}"
        selection = Selection(where=where, parameters=(service, *OPEN, key, key))
        return self.store.first("incident", selection)

    def settle(self) -> None:
        """Let everything happen that fell due: at its time, not at that of looking."""
        while True:
            where, now = "due_at <= ?", stamp(self.now())
            due = self.store.page(
                "incident", Selection(where=where, parameters=(now,), order="due_at"), limit=100
            )
            if not due:
                return
            for incident in due:
                self._fall_due(incident)

    def draft(self, id: str, agent: Agent) -> Draft:
        """Return an incident to be changed; raise Refusal (404)."""
        return Draft(incident=self.get(id), agent=agent, at=self.now())

    def save(self, draft: Draft) -> Document:
        """Store a draft with its log, and tell what happened."""
        incident = draft.incident
        if draft.entries:
            incident["updated_at"] = stamp(draft.at)
        incident["alert_counts"] = self.alerts.counts(incident["id"])
        incident["pending_actions"] = pending(
            incident,
            self.directory.find("service", incident["service"]) or {},
            self.directory.find("escalation_policy", incident["escalation_policy"]) or {},
        )
        times = [action["at"] for action in incident["pending_actions"]]
        incident["due_at"] = min(times, default=None)
        with self.store.together():
            self.journal.keep(draft)
            self.store.put("incident", incident)
        for event in draft.events:
            self._announce(draft, event)
        return incident

    def _announce(self, draft: Draft, event: str, note: Document | None = None) -> None:
        happened = Happened(
            event=event, at=draft.at, agent=draft.agent, incident=dict(draft.incident), note=note
        )
        for listener in self.listeners:
            listener(happened)

    def _turn(self, draft: Draft, asked: Mapping[str, Any], timeout: int | None) -> None:
        wanted = asked.get("status")
        if wanted is not None and wanted not in (*OPEN, "resolved"):
            raise invalid("Status must be one of triggered, acknowledged, resolved.")
        if wanted is not None and draft.status == "resolved":
            if wanted == "resolved" or not self._switches.reopens:
                raise Refusal(400, _RESOLVED)
            status.reopen(draft)
            self.calling.by_policy(draft)
        match wanted:
            case "acknowledged":
                status.acknowledge(draft, timeout)
            case "triggered" if draft.status == "acknowledged":
                status.unacknowledge(draft)
            case "resolved":
                status.resolve(draft, asked.get("resolution"))
                self.alerts.resolve(draft.incident["id"])

    def _fall_due(self, incident: Document) -> None:
        """Do what the passing of time does to an incident, the earliest of it."""
        action = min(incident["pending_actions"], key=lambda pending: str(pending["at"]))
        service = self.directory.find("service", incident["service"]) or {"name": None}
        agent = Agent(
            kind="service", id=incident["service"], name=str(service["name"]), channel="timeout"
        )
        draft = Draft(incident=incident, agent=agent, at=instant(action["at"]))
        match action["type"]:
            case "unacknowledge":
                status.unacknowledge(draft)
            case "escalate":
                self.calling.escalate(draft, incident["escalation_level"] + 1)
            case _:
                status.resolve(draft)
                self.alerts.resolve(incident["id"])
        self.save(draft)
