"""The interface of Jira Service Management."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.jira import adf
from simulators.jira.answers import Refusal
from simulators.jira.catalogue import (
    ISSUE_TYPES,
    ORGANIZATION_IDS,
    PROJECTS,
    REQUEST_TYPE,
    REQUEST_TYPES,
    Project,
)
from simulators.jira.desk_shapes import DESK, organization, request_type
from simulators.jira.gate import Gate, body, number, root
from simulators.jira.index import milliseconds
from simulators.jira.listing import Document
from simulators.jira.view import View
from simulators.jira.workflows import STATUSES, Status

_PAGE: Final = 50
_MOST: Final = 100
# By priority; the clock runs day and night.
_RESOLVE_IN: Final = {
    "1": timedelta(hours=4),
    "2": timedelta(hours=8),
    "3": timedelta(hours=24),
    "4": timedelta(hours=72),
    "5": timedelta(hours=120),
}
_PAUSED: Final = frozenset({"Pending", "Waiting for customer"})


class DeskApi:
    """Serves ``/rest/servicedeskapi``; rich text is plain here."""

    def __init__(self, gate: Gate) -> None:
        """Write through the gate's records."""
        self._gate = gate
        self._records = gate.records

    def routes(self) -> list[Route]:
        """Return the routes of this interface."""
        request, desk, route = f"{DESK}/request/{{key}}", f"{DESK}/servicedesk", self._gate.route
        return [
            route("GET", f"{DESK}/info", self._info, public=True),
            route("GET", desk, self._desks),
            route("GET", f"{desk}/{{desk}}", self._desk),
            route("GET", f"{desk}/{{desk}}/requesttype", self._request_types),
            route("GET", f"{desk}/{{desk}}/organization", self._organizations),
            route("GET", f"{DESK}/requesttype", self._request_types),
            route("GET", f"{DESK}/organization", self._organizations),
            route("GET", f"{DESK}/organization/{{id}}", self._organization),
            route("GET", request, self._request),
            route("GET", f"{request}/comment", self._comments),
            route("POST", f"{request}/comment", self._comment),
            route("GET", f"{request}/sla", self._sla),
            route("GET", f"{request}/status", self._status),
        ]

    async def _info(self, request: Request) -> Response:
        view = self._gate.view(request)
        return answer_json(
            {
                "version": "5.12.0",
                "platformVersion": "1001.0.0-SNAPSHOT",
                "buildDate": _moment(view, 0),
                "buildChangeSet": "0000000000",
                "isLicensedForUse": True,
                "_links": {"self": f"{view.root}{DESK}/info"},
            }
        )

    async def _desks(self, request: Request) -> Response:
        view = self._gate.view(request)
        return _paged(request, [_desk(view, one) for one in PROJECTS.values() if one.desk])

    async def _desk(self, request: Request) -> Response:
        return answer_json(_desk(self._gate.view(request), self._found_desk(request)))

    async def _request_types(self, request: Request) -> Response:
        if "desk" in request.path_params:
            self._found_desk(request)
        view = self._gate.view(request)
        return _paged(request, [request_type(view.root, key) for key in REQUEST_TYPES])

    async def _organizations(self, request: Request) -> Response:
        if "desk" in request.path_params:
            self._found_desk(request)
        view = self._gate.view(request)
        return _paged(request, [organization(view.root, key) for key in ORGANIZATION_IDS])

    async def _organization(self, request: Request) -> Response:
        wanted = request.path_params["id"]
        if wanted not in ORGANIZATION_IDS:
            raise Refusal(404, "The organization does not exist.")
        return answer_json(organization(root(request), wanted))

    async def _request(self, request: Request) -> Response:
        issue, view = self._gate.issue(request), self._gate.view(request)
        project = PROJECTS[issue["fields"]["project"]]
        if not project.desk:
            raise Refusal(404, "The request does not exist, or you cannot see it.")
        fields = issue["fields"]
        status = STATUSES[fields["status"]]
        form = fields.get(REQUEST_TYPE) or ISSUE_TYPES[fields["issuetype"]].request_type
        place = f"{view.root}{DESK}/request/{issue['id']}"
        values = [
            {"fieldId": "summary", "label": "Summary", "value": fields["summary"]},
            {
                "fieldId": "description",
                "label": "Description",
                "value": adf.plain(fields.get("description")),
            },
        ]
        return answer_json(
            {
                "_expands": ["participant", "status", "sla", "requestType", "serviceDesk"],
                "issueId": str(issue["id"]),
                "issueKey": issue["key"],
                "summary": fields["summary"],
                "requestTypeId": form,
                "serviceDeskId": project.desk,
                "createdDate": _moment(view, fields["created"]),
                "reporter": _person(view, fields["reporter"]),
                "requestFieldValues": values,
                "currentStatus": _reached(view, status, fields["statuscategorychangedate"]),
                "_links": {"self": place, "jiraRest": f"{view.api}/issue/{issue['id']}"},
            }
        )

    async def _status(self, request: Request) -> Response:
        """Answer the statuses of a request, the present one first."""
        issue, view = self._gate.issue(request), self._gate.view(request)
        first = ISSUE_TYPES[issue["fields"]["issuetype"]].workflow.initial
        reached = [_reached(view, STATUSES[first], issue["fields"]["created"])]
        for history in self._records.store.children("history", issue["id"]):
            reached += [
                _reached(view, STATUSES[item["to"]], history["created"])
                for item in history["items"]
                if item["fieldId"] == "status"
            ]
        return _paged(request, reached[::-1])

    async def _comments(self, request: Request) -> Response:
        issue, view = self._gate.issue(request), self._gate.view(request)
        shows = {
            wanted: request.query_params.get(name, "true") == "true"
            for name, wanted in (("public", True), ("internal", False))
        }
        comments = self._records.store.children("comment", issue["id"])
        return _paged(
            request, [_comment(view, issue, one) for one in comments if shows[one["public"]]]
        )

    async def _comment(self, request: Request) -> Response:
        issue, asked = self._gate.written(request), await body(request)
        text = asked.get("body")
        if not isinstance(text, str) or not text.strip():
            raise Refusal(400, "Comment body can not be empty!")
        public = asked.get("public", True) is not False
        account = self._gate.account(request)
        comment = self._records.comment(issue, adf.document(text), by=account, public=public)
        return answer_json(_comment(self._gate.view(request), issue, comment), 201)

    async def _sla(self, request: Request) -> Response:
        issue, view = self._gate.issue(request), self._gate.view(request)
        return _paged(request, [_time_to_resolution(view, issue, self._gate.now())])

    def _found_desk(self, request: Request) -> Project:
        for project in PROJECTS.values():
            if project.desk and request.path_params["desk"] in (project.desk, project.key):
                return project
        raise Refusal(404, "The service desk does not exist.")


def _reached(view: View, status: Status, at: int) -> dict[str, Any]:
    return {
        "status": status.name,
        "statusCategory": status.category.key.upper(),
        "statusDate": _moment(view, at),
    }


def _desk(view: View, project: Project) -> dict[str, Any]:
    return {
        "id": project.desk,
        "projectId": project.id,
        "projectName": project.name,
        "projectKey": project.key,
        "_links": {"self": f"{view.root}{DESK}/servicedesk/{project.desk}"},
    }


def _person(view: View, account: str) -> dict[str, Any]:
    person = view.person(account)
    links = {"self": person.pop("self")}
    person.pop("accountType")
    return person | {"_links": links | {"jiraRest": links["self"]}}


def _comment(view: View, issue: Document, comment: Document) -> dict[str, Any]:
    place = f"{view.root}{DESK}/request/{issue['id']}/comment/{comment['id']}"
    return {
        "_expands": ["attachment", "renderedBody"],
        "id": str(comment["id"]),
        "body": adf.plain(comment["body"]),
        "public": comment["public"],
        "author": _person(view, comment["author"]),
        "created": _moment(view, comment["created"]),
        "_links": {"self": place},
    }


def _time_to_resolution(view: View, issue: Document, now: datetime) -> dict[str, Any]:
    """Return the one agreement of the desk; pauses do not stretch it."""
    fields = issue["fields"]
    goal = _RESOLVE_IN[fields.get("priority") or "3"]
    start, ended = fields["created"], fields.get("resolutiondate")
    until = ended or milliseconds(now)
    elapsed = timedelta(milliseconds=until - start)
    cycle = {
        "startTime": _moment(view, start),
        "breachTime": _moment(view, start + int(goal.total_seconds()) * 1000),
        "breached": elapsed >= goal,
        "goalDuration": _span(goal),
        "elapsedTime": _span(elapsed),
        "remainingTime": _span(goal - elapsed),
    }
    shown: dict[str, Any] = {
        "id": "1",
        "name": "Time to resolution",
        "_links": {"self": f"{view.root}{DESK}/request/{issue['id']}/sla/1"},
        "completedCycles": [cycle | {"stopTime": _moment(view, ended)}] if ended else [],
    }
    if not ended:
        paused = STATUSES[fields["status"]].name in _PAUSED
        shown["ongoingCycle"] = cycle | {"paused": paused, "withinCalendarHours": True}
    return shown


def _moment(view: View, at: int) -> dict[str, Any]:
    local = datetime.fromtimestamp(at // 1000, UTC).astimezone(view.zone)
    return {
        "iso8601": f"{local:%Y-%m-%dT%H:%M:%S%z}",
        "jira": view.time(at),
        "friendly": f"{local:%d/%b/%y %I:%M %p}",
        "epochMillis": at,
    }


def _span(span: timedelta) -> dict[str, Any]:
    minutes = int(span.total_seconds() // 60)
    sign, rest = ("-", -minutes) if minutes < 0 else ("", minutes)
    friendly = f"{sign}{rest // 60}h {rest % 60}m"
    return {"millis": int(span.total_seconds() * 1000), "friendly": friendly}


def _paged(request: Request, values: list[dict[str, Any]]) -> Response:
    start, limit = number(request, "start", 0, 10**9), number(request, "limit", _PAGE, _MOST)
    page = values[start : start + limit]
    links = {
        "self": str(request.url),
        "base": f"{root(request)}{DESK}",
        "context": "",
    }
    is_last = start + limit >= len(values)
    if not is_last:
        links["next"] = str(request.url.include_query_params(start=start + limit, limit=limit))
    return answer_json(
        {
            "_expands": [],
            "size": len(page),
            "start": start,
            "limit": limit,
            "isLastPage": is_last,
            "_links": links,
            "values": page,
        }
    )
