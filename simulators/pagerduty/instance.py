"""A PagerDuty account that runs in this process."""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from simulators.application import application
from simulators.misfortune import Misfortunes
from simulators.pagerduty.answers import ERRORS, records
from simulators.pagerduty.control import Control
from simulators.pagerduty.directory import Directory
from simulators.pagerduty.directory_api import DirectoryApi
from simulators.pagerduty.drafts import Agent, Happened
from simulators.pagerduty.events import Events
from simulators.pagerduty.events_api import EventsApi
from simulators.pagerduty.gate import Gate, Hooks
from simulators.pagerduty.history import History
from simulators.pagerduty.incident_api import IncidentApi
from simulators.pagerduty.incidents import Incidents
from simulators.pagerduty.log_api import LogApi
from simulators.pagerduty.login import Account, Login
from simulators.pagerduty.oauth import TokenApi
from simulators.pagerduty.store import Document, Store, equal
from simulators.pagerduty.subscriptions import INCIDENT_EVENTS, Subscriptions
from simulators.pagerduty.switches import Switches
from simulators.pagerduty.webhook import Webhooks
from simulators.pagerduty.webhook_api import WebhookApi

_ROOT: Final = "https://api.pagerduty.com"


class PagerDuty:
    """An account: its incidents, its doors, and what can happen to it.

    Ready when constructed: ``httpx.ASGITransport(app=account.app)`` needs
    nothing started. What falls due by time happens before each request, and
    with ``settle``; served by a real server, each second, and webhooks are then
    sent too. Elsewhere ``await webhooks.send()`` sends them.

    Whoever acts here does so on the website: ``by`` is an e-mail address, or the
    part before its @, of a user made on first sight. Incidents are named by id
    or number, services by id or name.
    """

    app: Starlette
    """The HTTP door."""
    switches: Switches
    """Settings that may change at any time."""
    hooks: Hooks
    """Callables to run while a request is served, and the counts of requests."""
    login: Login
    """Keys and tokens; ``login.revoke()`` refuses them all."""
    misfortunes: Misfortunes
    """Faults to come."""
    webhooks: Webhooks
    """Messages to subscribers; none at first."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        account: Account,
        store: Path | None = None,
        new_token: Callable[[], str] = secrets.token_hex,
    ) -> None:
        """Found the account, or go on with a kept one.

        now: the clock, aware; ``switches.skew`` is added to it. It stamps every
            record and the ``Date`` of every answer.
        store: a file to keep everything in, so that a later start goes on where
            this one ends; None forgets it.
        new_token: makes access tokens, webhook secrets and the names of deliveries.
        """
        self._clock = now
        self.switches = Switches()
        self.hooks = Hooks()
        self.store = Store(store)
        self.directory = Directory(self.store, self.now)
        self.directory.settle(account.email)
        self.incidents = Incidents(self.store, self.directory, self.switches, self.now)
        self.login = Login(account, self.now, new_token)
        self.misfortunes = Misfortunes(ERRORS, records)
        subscriptions = Subscriptions(self.store, self.now, new_token)
        self.webhooks = Webhooks(self.store, subscriptions, self.now, new_token)
        self.incidents.listeners.append(self.webhooks.heard)
        self.events = Events(self.incidents)
        routes = [*self._routes(), Control(self).route()]
        self.app = application(self, routes, lambda: self.webhooks.run(self.settle))

    def now(self) -> datetime:
        """Return the account's time, in UTC."""
        return (self._clock() + self.switches.skew).astimezone(UTC)

    @property
    def served(self) -> Counter[str]:
        """How often each method and path was asked for, e.g. "GET /incidents/{id}"."""
        return self.hooks.served

    def incident(self, key: str | int) -> Document:
        """Return an incident as it is stored, references as ids; raise KeyError."""
        self.settle()
        is_number = str(key).isdecimal()
        named = equal(incident_number=int(key)) if is_number else equal(id=key)
        found = self.store.first("incident", named)
        if found is None:
            raise KeyError(f"incident {key}")
        return found

    def trigger(
        self,
        title: str,
        *,
        service: str = "Web Shop",
        by: str = "",
        **fields: Any,  # noqa: ANN401 — JSON
    ) -> Document:
        """Open an incident.

        fields: as in ``edit``, and ``incident_key``, ``body``.
        Raises KeyError, and Refusal when the account refuses.
        """
        asked = self._fields({"title": title, "service": service, **fields})
        return self.incidents.create(asked, self.agent(by))

    def acknowledge(self, key: str | int, *, by: str = "") -> Document:
        """Acknowledge an incident; raise KeyError, Refusal."""
        return self.edit(key, {"status": "acknowledged"}, by=by)

    def resolve(self, key: str | int, *, by: str = "", note: str | None = None) -> Document:
        """Resolve an incident; raise KeyError, Refusal."""
        return self.edit(key, {"status": "resolved", "resolution": note}, by=by)

    def edit(self, key: str | int, fields: Mapping[str, Any], *, by: str = "") -> Document:
        """Edit an incident.

        fields: ``title``, ``status``, ``urgency``, ``priority`` (a name),
            ``assignments`` (users, as ``by``), ``escalation_level``,
            ``escalation_policy`` and ``service`` (names or ids).
        Raises KeyError, and Refusal when the account refuses.
        """
        edited = self.incident(key)["id"]
        return self.incidents.edit(edited, self._fields(fields), self.agent(by))

    def note(self, key: str | int, content: str, *, by: str = "") -> Document:
        """Add a note to an incident; raise KeyError."""
        return self.incidents.annotate(self.incident(key)["id"], content, self.agent(by))

    def snooze(self, key: str | int, seconds: int, *, by: str = "") -> Document:
        """Acknowledge an incident for so many seconds; raise KeyError, Refusal."""
        return self.incidents.snooze(self.incident(key)["id"], seconds, self.agent(by))

    def merge(self, key: str | int, source: str | int, *, by: str = "") -> Document:
        """Merge the source into an incident; raise KeyError, Refusal."""
        source_id = self.incident(source)["id"]
        return self.incidents.merge(self.incident(key)["id"], [source_id], self.agent(by))

    def alert(  # noqa: PLR0913 — what monitoring tells
        self,
        summary: str,
        *,
        service: str = "Web Shop",
        severity: str = "critical",
        action: str = "trigger",
        dedup_key: str = "",
        source: str = "monitor",
    ) -> str:
        """Send an event as monitoring does; return its deduplication key."""
        payload = {"summary": summary, "source": source, "severity": severity}
        routing_key = self.service(service)["integration_key"]
        event = {"routing_key": routing_key, "event_action": action, "payload": payload}
        return self.events.take(event | {"dedup_key": dedup_key})

    def change(self, summary: str, *, service: str = "Web Shop", source: str = "ci") -> Document:
        """Send a change event as a pipeline does, and return it."""
        payload = {"summary": summary, "source": source}
        routing_key = self.service(service)["integration_key"]
        return self.events.change({"routing_key": routing_key, "payload": payload})

    def service(self, key: str) -> Document:
        """Return a service by id or name; raise KeyError."""
        return self.directory.named("service", key)

    def add_service(self, name: str, *, by: str = "") -> Document:
        """Add a service with the default policy; raise Refusal when the name is taken."""
        policy = self.directory.named("escalation_policy", "Default")["id"]
        made = self.directory.add("service", {"name": name, "escalation_policy": policy})
        self._tell("service.created", made, by)
        return made

    def delete_service(self, key: str, *, by: str = "") -> None:
        """Delete a service; its incidents stay. Raises KeyError."""
        gone = self.directory.remove("service", self.service(key)["id"])
        self._tell("service.deleted", gone, by)

    def subscribe(
        self,
        url: str,
        secret: str = "",
        *,
        events: Sequence[str] = INCIDENT_EVENTS,
        root: str = _ROOT,
        http: httpx.AsyncClient | None = None,
    ) -> Document:
        """Tell an address of all that happens, signed, and return the subscription.

        secret: made up when empty; root: with which links in messages begin.
        http: through which all messages are sent, if any.
        """
        self.webhooks.http = http or self.webhooks.http
        asked = {
            "delivery_method": {"type": "http_delivery_method", "url": url},
            "events": list(events),
            "filter": {"type": "account_reference"},
        }
        return self.webhooks.subscriptions.add(asked, root, secret=secret)

    def load(self, history: History) -> None:
        """Add a made-up past, much faster than acting it out, and without telling anybody."""
        history.write(self.incidents)

    def settle(self) -> None:
        """Let everything happen that fell due."""
        self.incidents.settle()

    def agent(self, by: str) -> Agent:
        """Return a user who acts on the website; the owner when nobody is named."""
        address = by or self.login.account.email
        user = self.directory.person(address if "@" in address else f"{address}@example.com")
        return Agent(kind="user", id=user["id"], name=user["name"], channel="website")

    def _tell(self, event: str, service: Document, by: str) -> None:
        agent = self.agent(by)
        self.webhooks.heard(Happened(event=event, at=self.now(), agent=agent, service=service))

    def _fields(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        fields = dict(asked)
        for name in ("service", "escalation_policy"):
            if fields.get(name):
                fields[name] = self.directory.named(name, fields[name])["id"]
        if fields.get("assignments"):
            fields["assignments"] = [self.agent(user).id for user in fields["assignments"]]
        return fields

    def _routes(self) -> list[Route]:
        incidents, switches = self.incidents, self.switches
        gate = Gate(self.login, switches, self.hooks, incidents)
        return [
            *TokenApi(self.login, gate).routes(),
            *EventsApi(incidents, self.events, gate).routes(),
            *IncidentApi(incidents, switches, gate).routes(),
            *LogApi(incidents, self.events, switches, gate).routes(),
            *DirectoryApi(incidents, switches, gate, self.webhooks.heard).routes(),
            *WebhookApi(self.webhooks, gate).routes(),
        ]
