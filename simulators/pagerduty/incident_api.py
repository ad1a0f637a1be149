"""Incidents over HTTP."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.pagerduty.answers import Refusal, answer_json, error, invalid
from simulators.pagerduty.gate import Gate, body, id_of, told, view
from simulators.pagerduty.incidents import Incidents
from simulators.pagerduty.paging import Page, page, several, window
from simulators.pagerduty.store import Selection, among
from simulators.pagerduty.switches import Switches

_MONTH: Final = timedelta(days=31)
# Six months, the longest that they may be.
_MOST: Final = timedelta(days=184)
_MOST_AT_ONCE: Final = 250
_SNOOZES: Final = range(1, 604_801)
_FILTERS: Final = {"statuses": "status", "urgencies": "urgency", "service_ids": "service"}
_SORTS: Final = ("incident_number", "created_at", "resolved_at", "urgency")


class IncidentApi:
    """Endpoints over incidents: list, read, create, edit, merge, snooze."""

    def __init__(self, incidents: Incidents, switches: Switches, gate: Gate) -> None:
        """Serve these incidents to those whom the gate admits."""
        self._incidents = incidents
        self._switches = switches
        self._gate = gate

    def routes(self) -> list[Route]:
        """Return the routes of incidents."""
        endpoints = {
            ("GET", "/incidents"): self._list,
            ("POST", "/incidents"): self._create,
            ("PUT", "/incidents"): self._edit_all,
            ("GET", "/incidents/{id}"): self._one,
            ("PUT", "/incidents/{id}"): self._edit,
            ("PUT", "/incidents/{id}/merge"): self._merge,
            ("POST", "/incidents/{id}/snooze"): self._snooze,
        }
        return [
            Route(path, self._gate.guarded(endpoint, "incidents", signed=True), methods=[method])
            for (method, path), endpoint in endpoints.items()
        ]

    async def _list(self, request: Request) -> Response:
        selection = self._selection(request)
        return answer_json(self._gate.listed(request, "incident", selection, page(request)))

    async def _one(self, request: Request) -> Response:
        return self._answer(request, self._incidents.get(request.path_params["id"]))

    async def _create(self, request: Request) -> Response:
        asked = _fields(await told(request, "incident"))
        if "service" not in asked:
            raise invalid("Service is missing")
        incident = self._incidents.create(asked, request.state.agent)
        shown = self._gate.one(request, "incident", incident)
        # Only here does an incident show them unasked.
        if incident["body"]:
            shown["body"] = {"details": incident["body"]}
        if incident["conference_bridge"]:
            shown["conference_bridge"] = incident["conference_bridge"]
        return answer_json({"incident": shown}, 201)

    async def _edit(self, request: Request) -> Response:
        asked = _fields(await told(request, "incident"))
        edited = self._incidents.edit(request.path_params["id"], asked, request.state.agent)
        return self._answer(request, edited)

    async def _edit_all(self, request: Request) -> Response:
        asked = (await body(request)).get("incidents")
        if not isinstance(asked, list) or not asked:
            raise invalid("Incidents is missing")
        if len(asked) > _MOST_AT_ONCE:
            raise Refusal(413, error("Request Entity Too Large", 2004))
        with self._incidents.store.together():
            edited = [
                self._incidents.edit(id_of(one), _fields(one), request.state.agent) for one in asked
            ]
        shown = [self._gate.one(request, "incident", incident) for incident in edited]
        whole = Page(limit=len(edited), offset=0, with_total=False)
        return answer_json({"incidents": shown} | whole.answer(more=False, total=None))

    async def _merge(self, request: Request) -> Response:
        asked = (await body(request)).get("source_incidents")
        if not isinstance(asked, list) or not asked:
            raise invalid("Source incidents is missing")
        sources = [id_of(one) for one in asked]
        target = self._incidents.merge(request.path_params["id"], sources, request.state.agent)
        shown = view(self._incidents, request).reference("incident", target["id"])
        return answer_json({"incident": shown})

    async def _snooze(self, request: Request) -> Response:
        seconds = (await body(request)).get("duration")
        if not isinstance(seconds, int) or seconds not in _SNOOZES:
            raise invalid("Duration must be between 1 and 604800 seconds")
        snoozed = request.path_params["id"]
        incident = self._incidents.snooze(snoozed, seconds, request.state.agent)
        return answer_json({"incident": self._gate.one(request, "incident", incident)}, 201)

    def _answer(self, request: Request, incident: Mapping[str, Any]) -> Response:
        return answer_json({"incident": self._gate.one(request, "incident", incident)})

    def _selection(self, request: Request) -> Selection:
        """Read the filters; the window is one of creation, never of change."""
        conditions: list[str] = []
        parameters: list[str] = []
        for name, column in _FILTERS.items():
            if values := several(request, name):
                conditions.append(among(column, values))
                parameters += values
        if users := several(request, "user_ids"):
            assigned = "SELECT 1 FROM json_each(document, '$.assignments') WHERE"
            found = among("json_extract(value, '$.assignee')", users)
            conditions.append(f"EXISTS ({assigned} {found})")
            parameters += users
        if key := request.query_params.get("incident_key"):
            alerts = "id IN (SELECT incident FROM alert WHERE alert_key = ?)"
            conditions.append(f"(incident_key = ? OR {alerts})")
            parameters += [key, key]
        if request.query_params.get("date_range") != "all":
            now, zone = self._incidents.now(), self._switches.zone
            since, until = window(request, now, zone, default=_MONTH, most=_MOST)
            conditions.append("created_at >= ? AND created_at < ?")
            parameters += [since, until]
        return Selection(
            where=" AND ".join(conditions) or "1",
            parameters=tuple(parameters),
            order=_order(request),
        )


def _order(request: Request) -> str:
    """Read ``sort_by``: up to two of ``field:direction``; newest last by default."""
    order = []
    for part in request.query_params.get("sort_by", "").split(","):
        name, _, direction = part.partition(":")
        if not name:
            continue
        if name not in _SORTS or direction not in ("", "asc", "desc"):
            raise invalid("Sort by is invalid")
        order.append(f"{name} {direction or 'asc'}")
    descends = order and order[0].endswith("desc")
    return ", ".join([*(order or ["created_at asc"]), "seq DESC" if descends else "seq"])


def _fields(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request's incident, references as ids; raise Refusal (400)."""
    fields = dict(asked)
    for name in ("service", "escalation_policy"):
        if fields.get(name):
            fields[name] = id_of(fields[name])
    if fields.get("assignments"):
        given = fields["assignments"]
        if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
            raise invalid("Assignments must be a list")
        fields["assignments"] = [id_of(one.get("assignee")) for one in given]
    if isinstance(fields.get("body"), Mapping):
        fields["body"] = fields["body"].get("details")
    if not fields.get("incident_key"):
        fields.pop("incident_key", None)
    return fields
