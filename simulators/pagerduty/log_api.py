"""What hangs on incidents, over HTTP: the log, notes, alerts, related changes."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.pagerduty.answers import answer_json, invalid, not_found
from simulators.pagerduty.events import Events
from simulators.pagerduty.gate import Gate, body, id_of, told, view
from simulators.pagerduty.incidents import Incidents
from simulators.pagerduty.paging import Page, page, several, window
from simulators.pagerduty.store import Document, Selection, among
from simulators.pagerduty.switches import Switches

_MONTH: Final = timedelta(days=31)
_MOST: Final = timedelta(days=184)


class LogApi:
    """Endpoints over log entries, notes and alerts."""

    def __init__(
        self, incidents: Incidents, events: Events, switches: Switches, gate: Gate
    ) -> None:
        """Serve what hangs on these incidents to those whom the gate admits."""
        self._incidents = incidents
        self._events = events
        self._switches = switches
        self._gate = gate

    def routes(self) -> list[Route]:
        """Return the routes."""
        alert = "/incidents/{id}/alerts/{alert_id}"
        endpoints = {
            ("GET", "/log_entries"): self._log,
            ("GET", "/log_entries/{id}"): self._entry,
            ("GET", "/incidents/{id}/log_entries"): self._log_of,
            ("GET", "/incidents/{id}/notes"): self._notes,
            ("POST", "/incidents/{id}/notes"): self._annotate,
            ("GET", "/incidents/{id}/alerts"): self._alerts,
            ("PUT", "/incidents/{id}/alerts"): self._edit_alerts,
            ("GET", alert): self._alert,
            ("PUT", alert): self._edit_alert,
            ("GET", "/incidents/{id}/related_change_events"): self._related,
        }
        return [
            Route(path, self._gate.guarded(endpoint, "incidents", signed=True), methods=[method])
            for (method, path), endpoint in endpoints.items()
        ]

    async def _log(self, request: Request) -> Response:
        now, zone = self._incidents.now(), self._switches.zone
        since, until = window(request, now, zone, default=_MONTH, most=_MOST)
        where = "created_at >= ? AND created_at < ?"
        return self._entries(request, where, (since, until))

    async def _log_of(self, request: Request) -> Response:
        incident = self._incidents.get(request.path_params["id"])
        return self._entries(request, "incident = ?", (incident["id"],))

    def _entries(self, request: Request, where: str, parameters: tuple[str, ...]) -> Response:
        if request.query_params.get("is_overview") == "true":
            where += " AND is_overview"
        newest_first = "created_at DESC, seq DESC"
        selection = Selection(where=where, parameters=parameters, order=newest_first)
        return answer_json(self._gate.listed(request, "log_entry", selection, page(request)))

    async def _entry(self, request: Request) -> Response:
        found = self._incidents.store.one("log_entry", request.path_params["id"])
        if found is None:
            raise not_found()
        return answer_json({"log_entry": self._gate.one(request, "log_entry", found)})

    async def _notes(self, request: Request) -> Response:
        incident = self._incidents.get(request.path_params["id"])
        # The order is that of the website: newest first.
        selection = Selection(where="incident = ?", parameters=(incident["id"],), order="seq DESC")
        notes = self._incidents.store.page("incident_note", selection)
        return answer_json({"notes": [self._note(request, note) for note in notes]})

    async def _annotate(self, request: Request) -> Response:
        content = (await told(request, "note")).get("content")
        if not isinstance(content, str) or not content:
            raise invalid("Note content cannot be empty.")
        annotated = request.path_params["id"]
        note = self._incidents.annotate(annotated, content, request.state.agent)
        return answer_json({"note": self._note(request, note)})

    def _note(self, request: Request, note: Document) -> Document:
        """Return a note: it has an id, and no address."""
        shown = self._gate.one(request, "incident_note", note)
        return {n: v for n, v in shown.items() if n not in ("type", "summary", "self", "html_url")}

    async def _alerts(self, request: Request) -> Response:
        incident = self._incidents.get(request.path_params["id"])
        where, parameters = "incident = ?", [incident["id"]]
        if statuses := several(request, "statuses"):
            where += f" AND {among('status', statuses)}"
            parameters += statuses
        if key := request.query_params.get("alert_key"):
            where += " AND alert_key = ?"
            parameters.append(key)
        selection = Selection(where=where, parameters=tuple(parameters), order="created_at, seq")
        return answer_json(self._gate.listed(request, "alert", selection, page(request)))

    async def _alert(self, request: Request) -> Response:
        parts = request.path_params
        alert = self._incidents.alerts.get(parts["id"], parts["alert_id"])
        return answer_json({"alert": self._gate.one(request, "alert", alert)})

    async def _edit_alert(self, request: Request) -> Response:
        asked = await told(request, "alert")
        asked["id"] = request.path_params["alert_id"]
        with self._incidents.store.together():
            alert = self._edited(request, asked)
        return answer_json({"alert": self._gate.one(request, "alert", alert)})

    async def _edit_alerts(self, request: Request) -> Response:
        asked = (await body(request)).get("alerts")
        if not isinstance(asked, list) or not asked:
            raise invalid("Alerts is missing")
        with self._incidents.store.together():
            edited = [self._edited(request, one) for one in asked]
        shown = [self._gate.one(request, "alert", alert) for alert in edited]
        whole = Page(limit=len(edited), offset=0, with_total=False)
        return answer_json({"alerts": shown} | whole.answer(more=False, total=None))

    def _edited(self, request: Request, asked: Document) -> Document:
        incidents, agent = self._incidents, request.state.agent
        incident = request.path_params["id"]
        alert = incidents.alerts.get(incident, id_of(asked))
        if asked.get("incident"):
            target = incidents.get(id_of(asked["incident"]))["id"]
            alert = incidents.alerts.edit(alert, incident=target)
            for changed in (incident, target):
                incidents.save(incidents.draft(changed, agent))
        if asked.get("status") == "resolved" and alert["status"] == "triggered":
            alert = self._events.resolve_alert(alert, agent)
        return alert

    async def _related(self, request: Request) -> Response:
        incident = self._incidents.get(request.path_params["id"])
        reason = {"correlation_reason": {"reason": "most_recent"}}
        shows = view(self._incidents, request)
        changes = self._events.related(incident)
        return answer_json(
            {"change_events": [shows.of("change_event", change) | reason for change in changes]}
        )
