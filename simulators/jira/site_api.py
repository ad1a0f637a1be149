"""The platform's interface to the site itself: people, fields, and what they may hold."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.jira import meta
from simulators.jira.answers import Refusal
from simulators.jira.asked import CREATE, EDIT
from simulators.jira.catalogue import (
    DEFAULT_PRIORITY,
    FIELDS,
    ISSUE_TYPES,
    PRIORITIES,
    PROJECTS,
    Project,
)
from simulators.jira.gate import Gate, body, number
from simulators.jira.index import milliseconds
from simulators.jira.issue_api import ISSUE
from simulators.jira.view import View
from simulators.jira.workflows import CATEGORIES, RESOLUTIONS, STATUSES

_API: Final = "/rest/api/{version}"
_PAGE: Final = 50
_MOST: Final = 1_000
_PERMISSIONS: Final = {
    "ADMINISTER": ("0", "GLOBAL", "Administer Jira"),
    "BROWSE_PROJECTS": ("10", "PROJECT", "Browse Projects"),
    "CREATE_ISSUES": ("11", "PROJECT", "Create Issues"),
    "EDIT_ISSUES": ("12", "PROJECT", "Edit Issues"),
    "ASSIGN_ISSUES": ("13", "PROJECT", "Assign Issues"),
    "RESOLVE_ISSUES": ("14", "PROJECT", "Resolve Issues"),
    "ADD_COMMENTS": ("15", "PROJECT", "Add Comments"),
    "DELETE_ISSUES": ("16", "PROJECT", "Delete Issues"),
    "LINK_ISSUES": ("21", "PROJECT", "Link Issues"),
    "TRANSITION_ISSUES": ("46", "PROJECT", "Transition Issues"),
}


class SiteApi:
    """Serves what a client reads before it reads issues."""

    def __init__(self, gate: Gate) -> None:
        """Read through the gate's records."""
        self._gate = gate
        self._records = gate.records

    def routes(self) -> list[Route]:
        """Return the routes of this interface."""
        route = self._gate.route
        read = {
            "myself": self._myself,
            "mypermissions": self._permissions,
            "field": self._fields,
            "priority": self._priorities,
            "priority/search": self._priority_page,
            "status": self._statuses,
            "statuses/search": self._status_page,
            "statuscategory": self._categories,
            "resolution": self._resolutions,
            "issuetype": self._issue_types,
            "project": self._projects,
            "project/search": self._project_page,
            "project/{project}": self._project,
            "project/{project}/components": self._components,
            "project/{project}/statuses": self._project_statuses,
            "component/{id}": self._component,
            "issue/createmeta/{project}/issuetypes": self._create_types,
            "issue/createmeta/{project}/issuetypes/{type}": self._create_fields,
        }
        return [
            route("GET", f"{_API}/serverInfo", self._server, public=True),
            *(route("GET", f"{_API}/{path}", endpoint) for path, endpoint in read.items()),
            route("POST", f"{_API}/component", self._add_component),
            route("GET", f"{ISSUE}/{{key}}/editmeta", self._edit_fields),
        ]

    async def _server(self, request: Request) -> Response:
        view = self._gate.view(request)
        return answer_json(
            {
                "baseUrl": view.root,
                "version": "1001.0.0-SNAPSHOT",
                "versionNumbers": [1001, 0, 0],
                "deploymentType": "Cloud",
                "buildNumber": 100_285,
                "buildDate": view.time(0),
                "serverTime": view.time(milliseconds(self._gate.now())),
                "serverTimeZone": str(view.zone),
                "scmInfo": "0000000000000000000000000000000000000000",
                "serverTitle": "Jira",
            }
        )

    async def _myself(self, request: Request) -> Response:
        person = self._gate.view(request).person(self._gate.account(request))
        return answer_json(person | {"locale": "en_US", "expand": "groups,applicationRoles"})

    async def _permissions(self, request: Request) -> Response:
        asked = request.query_params.get("permissions", "")
        if not asked:
            raise Refusal(400, "The 'permissions' query parameter is required.")
        keys = [key for key in asked.split(",") if key in _PERMISSIONS]
        if len(keys) < len(asked.split(",")):
            raise Refusal(400, "Unrecognized permission")
        caller = self._gate.account(request)
        shown = {
            key: {
                "id": _PERMISSIONS[key][0],
                "key": key,
                "name": _PERMISSIONS[key][2],
                "type": _PERMISSIONS[key][1],
                "description": "",
                "havePermission": bool(caller),
            }
            for key in keys
        }
        return answer_json({"permissions": shown})

    async def _fields(self, _: Request) -> Response:
        return answer_json([meta.described(field) for field in FIELDS.values()])

    async def _priorities(self, request: Request) -> Response:
        view = self._gate.view(request)
        return answer_json([view.priority(key) for key in PRIORITIES])

    async def _priority_page(self, request: Request) -> Response:
        view = self._gate.view(request)
        priorities = [
            view.priority(key) | {"isDefault": key == DEFAULT_PRIORITY} for key in PRIORITIES
        ]
        return _paged(request, priorities)

    async def _statuses(self, request: Request) -> Response:
        view = self._gate.view(request)
        return answer_json([view.status(key) for key in STATUSES])

    async def _status_page(self, request: Request) -> Response:
        statuses = [
            {
                "id": status.id,
                "name": status.name,
                "statusCategory": status.category.statuses_key,
                "scope": {"type": "GLOBAL"},
                "description": "",
            }
            for status in STATUSES.values()
        ]
        return _paged(request, statuses)

    async def _categories(self, request: Request) -> Response:
        view = self._gate.view(request)
        first = {status.category.key: status.id for status in STATUSES.values()}
        return answer_json([view.status(first[one.key])["statusCategory"] for one in CATEGORIES])

    async def _resolutions(self, request: Request) -> Response:
        view = self._gate.view(request)
        return answer_json([view.resolution(key) for key in RESOLUTIONS])

    async def _issue_types(self, request: Request) -> Response:
        view = self._gate.view(request)
        return answer_json([view.issue_type(key) for key in ISSUE_TYPES])

    async def _projects(self, request: Request) -> Response:
        if request.state.caller is None:
            return answer_json([])
        view = self._gate.view(request)
        return answer_json([view.project(key) for key in PROJECTS])

    async def _project_page(self, request: Request) -> Response:
        view = self._gate.view(request)
        seen = PROJECTS if request.state.caller else ()
        return _paged(request, [view.project(key) for key in seen])

    async def _project(self, request: Request) -> Response:
        project, view = self._found(request), self._gate.view(request)
        types = [view.issue_type(key) for key in project.issue_types]
        components = [view.component(key) for key in view.components]
        more = {"description": "", "issueTypes": types, "components": components, "versions": []}
        return answer_json(view.project(project.id) | more)

    async def _components(self, request: Request) -> Response:
        project, view = self._found(request), self._gate.view(request)
        shown = [_component(view, key, project) for key in view.components]
        return answer_json(shown)

    async def _component(self, request: Request) -> Response:
        view, wanted = self._gate.view(request), request.path_params["id"]
        if wanted not in view.components:
            raise Refusal(404, f"The component with id {wanted} does not exist.")
        return answer_json(_component(view, wanted, next(iter(PROJECTS.values()))))

    async def _add_component(self, request: Request) -> Response:
        asked = await body(request)
        name, key = str(asked.get("name") or ""), str(asked.get("project") or "")
        project = next((one for one in PROJECTS.values() if one.key == key), None)
        if project is None:
            raise Refusal(404, f"No project could be found with key '{key}'.")
        if not name or name in self._records.components.values():
            told = "A component with the name already exists in this project."
            raise Refusal(400, errors={"name": told if name else "The component name is required."})
        component = self._records.add_component(name)
        return answer_json(_component(self._gate.view(request), component, project), 201)

    async def _project_statuses(self, request: Request) -> Response:
        project, view = self._found(request), self._gate.view(request)
        return answer_json(
            [
                view.issue_type(key)
                | {
                    "statuses": [
                        view.status(status.id) for status in ISSUE_TYPES[key].workflow.statuses()
                    ]
                }
                for key in project.issue_types
            ]
        )

    async def _create_types(self, request: Request) -> Response:
        project, view = self._found(request), self._gate.view(request)
        types = [view.issue_type(key) for key in project.issue_types]
        return answer_json(_counted(request, types, "issueTypes"))

    async def _create_fields(self, request: Request) -> Response:
        project, view = self._found(request), self._gate.view(request)
        if request.path_params["type"] not in project.issue_types:
            raise Refusal(404, "The issue type does not exist in this project.")
        screen = CREATE - self._gate.switches.off_screen
        fields = [
            meta.on_screen(field, view, project.issue_types)
            for field in FIELDS.values()
            if field.id in screen
        ]
        return answer_json(_counted(request, fields, "fields"))

    async def _edit_fields(self, request: Request) -> Response:
        view, issue = self._gate.view(request), self._gate.issue(request)
        types = PROJECTS[issue["fields"]["project"]].issue_types
        screen = EDIT - self._gate.switches.off_screen
        fields = {key: meta.on_screen(FIELDS[key], view, types) for key in FIELDS if key in screen}
        return answer_json({"fields": fields})

    def _found(self, request: Request) -> Project:
        wanted = request.path_params["project"]
        for project in PROJECTS.values():
            if wanted.upper() in (project.id, project.key) and request.state.caller:
                return project
        raise Refusal(404, f"No project could be found with key '{wanted}'.")


def _component(view: View, key: str, project: Project) -> dict[str, Any]:
    return view.component(key) | {"project": project.key, "projectId": int(project.id)}


def _paged(request: Request, values: list[dict[str, Any]]) -> Response:
    start, size = number(request, "startAt", 0, 10**9), number(request, "maxResults", _PAGE, _MOST)
    return answer_json(
        {
            "self": str(request.url),
            "maxResults": size,
            "startAt": start,
            "total": len(values),
            "isLast": start + size >= len(values),
            "values": values[start : start + size],
        }
    )


def _counted(request: Request, values: list[dict[str, Any]], name: str) -> dict[str, Any]:
    start, size = number(request, "startAt", 0, 10**9), number(request, "maxResults", _PAGE, 200)
    page = values[start : start + size]
    return {"maxResults": size, "startAt": start, "total": len(values), name: page}
