"""The platform's interface to single issues."""

from collections.abc import Collection
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.jira import adf, meta
from simulators.jira.answers import Refusal
from simulators.jira.asked import CREATE, EDIT, Asked, Body, asked, complete
from simulators.jira.catalogue import FIELDS, ISSUE_TYPES
from simulators.jira.gate import Gate, body
from simulators.jira.listing import Document
from simulators.jira.values import Invalid, Reading, read
from simulators.jira.view import View
from simulators.jira.workflows import Transition

ISSUE: Final = "/rest/api/{version}/issue"


class IssueApi:
    """Serves ``/issue``."""

    def __init__(self, gate: Gate) -> None:
        """Write through the gate's records."""
        self._gate = gate
        self._records = gate.records

    def routes(self) -> list[Route]:
        """Return the routes of this interface."""
        one, route = f"{ISSUE}/{{key}}", self._gate.route
        return [
            route("POST", ISSUE, self._create),
            route("GET", one, self._one),
            route("PUT", one, self._edit),
            route("DELETE", one, self._delete),
            route("PUT", f"{one}/assignee", self._assign),
            route("GET", f"{one}/transitions", self._transitions),
            route("POST", f"{one}/transitions", self._transition),
        ]

    async def _create(self, request: Request) -> Response:
        wanted = self._asked(request, await body(request), CREATE, {})
        complete(wanted.changes)
        account = self._gate.account(request)
        issue = self._records.create(wanted.changes, by=account)
        self._comment(request, issue, wanted)
        address = f"{self._gate.view(request).api}/issue/{issue['id']}"
        shown = {"id": str(issue["id"]), "key": issue["key"], "self": address}
        return answer_json(shown, 201, {"Location": address})

    async def _one(self, request: Request) -> Response:
        issue = self._gate.issue(request)
        return answer_json(shown(request, self._gate.view(request), issue))

    async def _edit(self, request: Request) -> Response:
        issue = self._gate.written(request)
        wanted = self._asked(request, await body(request), EDIT, issue["fields"])
        issue = self._records.edit(issue, wanted.changes, by=self._gate.account(request))
        self._comment(request, issue, wanted)
        if request.query_params.get("returnIssue") != "true":
            return Response(status_code=204)
        issue = self._gate.issue(request)
        return answer_json(shown(request, self._gate.view(request), issue))

    async def _delete(self, request: Request) -> Response:
        self._records.delete(self._gate.written(request), by=self._gate.account(request))
        return Response(status_code=204)

    async def _assign(self, request: Request) -> Response:
        issue = self._gate.written(request)
        try:
            person = read(FIELDS["assignee"], await body(request), self._reading(request))
        except Invalid as fault:
            raise Refusal(400, errors={"assignee": str(fault)}) from fault
        account = self._gate.account(request)
        self._records.edit(issue, {"assignee": person}, by=account, kind="issue_assigned")
        return Response(status_code=204)

    async def _transitions(self, request: Request) -> Response:
        issue, view = self._gate.issue(request), self._gate.view(request)
        with_fields = "transitions.fields" in request.query_params.get("expand", "")
        ways = [_shown_way(way, view, with_fields=with_fields) for way in self._ways(issue)]
        wanted = request.query_params.get("transitionId")
        found = [way for way in ways if wanted in (None, way["id"])]
        return answer_json({"expand": "transitions", "transitions": found})

    async def _transition(self, request: Request) -> Response:
        issue, document = self._gate.written(request), await body(request)
        named = document.get("transition")
        # Clients send the id as a number, or the whole transition by its id.
        wanted = str(named.get("id") if isinstance(named, dict) else named)
        way = next((way for way in self._ways(issue) if way.id == wanted), None)
        if way is None:
            raise Refusal(400, f"Transition id '{wanted}' is not valid for this issue.")
        screen = {"resolution"} if way.wants_resolution else set()
        asked_for = self._asked(request, document, screen, issue["fields"])
        account = self._gate.account(request)
        issue = self._records.transition(issue, way, asked_for.changes, by=account)
        self._comment(request, issue, asked_for)
        return Response(status_code=204)

    def _ways(self, issue: Document) -> list[Transition]:
        fields = issue["fields"]
        ways = ISSUE_TYPES[fields["issuetype"]].workflow.leading(fields["status"])
        return [way for way in ways if way.id not in self._gate.switches.closed_transitions]

    def _asked(
        self, request: Request, document: Body, screen: Collection[str], present: Document
    ) -> Asked:
        on_screen = set(screen) - self._gate.switches.off_screen
        return asked(document, on_screen, self._reading(request), present)

    def _reading(self, request: Request) -> Reading:
        is_document = request.path_params["version"] == "3"
        return self._records.reading("document" if is_document else "text")

    def _comment(self, request: Request, issue: Document, wanted: Asked) -> None:
        for one in wanted.comments:
            text = rich(request, one.get("body"))
            current = self._records.store.issue(issue["id"]) or issue
            self._records.comment(current, text, by=self._gate.account(request))


def rich(request: Request, raw: object) -> Document:
    """Return rich text in the form that the request's version writes; raise Refusal otherwise."""
    if request.path_params.get("version") == "3":
        if isinstance(raw, dict) and adf.is_document(raw):
            return raw
        raise Refusal(400, errors={"comment": "Comment body is not valid!"})
    if isinstance(raw, str) and raw.strip():
        return adf.document(raw)
    raise Refusal(400, errors={"comment": "Comment body can not be empty!"})


def shown(request: Request, view: View, issue: Document) -> dict[str, Any]:
    """Return an issue with the fields that the query string names, all by default."""
    asked_for = ",".join(request.query_params.getlist("fields")) or "*all"
    expand = ",".join(request.query_params.getlist("expand")).split(",")
    return view.issue(issue, names(asked_for.split(",")), expand)


def names(asked_for: Collection[str]) -> list[str]:
    """Return the fields that a list names: each, ``*all``, ``*navigable``, or all but ``-some``."""
    left_out = {name[1:] for name in asked_for if name.startswith("-")}
    wanted = {name.strip() for name in asked_for} - {f"-{name}" for name in left_out}
    if wanted & {"*all", "*navigable"} or not wanted:
        hidden = set() if "*all" in wanted else {"comment"}
        wanted = set(FIELDS) - hidden
    return [name for name in FIELDS if name in wanted - left_out]


def _shown_way(way: Transition, view: View, *, with_fields: bool) -> dict[str, Any]:
    shown_way: dict[str, Any] = {
        "id": way.id,
        "name": way.name,
        "to": view.status(way.to),
        "hasScreen": way.wants_resolution,
        "isGlobal": not way.starts,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "isLooped": False,
    }
    if with_fields:
        shown_way["fields"] = {"resolution": meta.resolution(view)} if way.wants_resolution else {}
    return shown_way
