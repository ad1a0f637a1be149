"""Events and change events: sent in by monitoring, and read over the REST API."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.pagerduty.answers import answer_json
from simulators.pagerduty.events import KEPT, Events, InvalidEvent
from simulators.pagerduty.gate import Gate, body, told
from simulators.pagerduty.incidents import Incidents
from simulators.pagerduty.names import stamp
from simulators.pagerduty.paging import page, several, utc_window
from simulators.pagerduty.store import Selection, among

_EDITABLE = ("summary", "source", "links", "images", "custom_details")


class EventsApi:
    """The two doors of monitoring, and what is kept of changes."""

    def __init__(self, incidents: Incidents, events: Events, gate: Gate) -> None:
        """Take events for these incidents. A routing key is all the login that is needed."""
        self._incidents = incidents
        self._events = events
        self._gate = gate

    def routes(self) -> list[Route]:
        """Return the routes."""
        guarded, scope = self._gate.guarded, "change_events"
        of_service = "/services/{id}/change_events"
        return [
            Route("/v2/enqueue", self._enqueue, methods=["POST"]),
            Route("/v2/change/enqueue", self._change, methods=["POST"]),
            Route("/change_events", guarded(self._list, scope), methods=["GET"]),
            Route("/change_events", self._change, methods=["POST"]),
            Route("/change_events/{id}", guarded(self._one, scope), methods=["GET"]),
            Route("/change_events/{id}", guarded(self._edit, scope), methods=["PUT"]),
            Route(of_service, guarded(self._list_of_service, scope), methods=["GET"]),
        ]

    async def _enqueue(self, request: Request) -> Response:
        self._gate.met(request)
        try:
            key = self._events.take(await body(request))
        except InvalidEvent as fault:
            return _turned_down(fault)
        return answer_json(
            {"status": "success", "message": "Event processed", "dedup_key": key}, 202
        )

    async def _change(self, request: Request) -> Response:
        self._gate.met(request)
        try:
            self._events.change(await body(request))
        except InvalidEvent as fault:
            return _turned_down(fault)
        return answer_json({"status": "success", "message": "Change event processed"}, 202)

    async def _list(self, request: Request) -> Response:
        return self._page(request)

    async def _list_of_service(self, request: Request) -> Response:
        service = self._incidents.directory.get("service", request.path_params["id"])
        return self._page(request, service["id"])

    def _page(self, request: Request, service: str = "") -> Response:
        since, until = utc_window(request)
        since = max(since, stamp(self._incidents.now() - KEPT))
        where, parameters = "timestamp >= ? AND timestamp < ?", [since, until]
        if service:
            where += " AND service = ?"
            parameters.append(service)
        if integrations := several(request, "integration_ids"):
            integration = "json_extract(document, '$.integration')"
            where += f" AND {among(integration, integrations)}"
            parameters += integrations
        selection = Selection(
            where=where, parameters=tuple(parameters), order="timestamp DESC, seq DESC"
        )
        return answer_json(self._gate.listed(request, "change_event", selection, page(request)))

    async def _one(self, request: Request) -> Response:
        return self._answer(request, self._events.change_of(request.path_params["id"]))

    async def _edit(self, request: Request) -> Response:
        asked = await told(request, "change_event")
        changes = {name: asked[name] for name in _EDITABLE if name in asked}
        after = self._events.change_of(request.path_params["id"]) | changes
        self._incidents.store.put("change_event", after)
        return self._answer(request, after)

    def _answer(self, request: Request, change: Mapping[str, Any]) -> Response:
        return answer_json({"change_event": self._gate.one(request, "change_event", change)})


def _turned_down(fault: InvalidEvent) -> Response:
    told = {"status": "invalid event", "message": "Event object is invalid"}
    return answer_json(told | {"errors": fault.errors}, 400)
