"""The platform's interface to links between issues, and to pages elsewhere."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.jira.answers import NO_ISSUE, Refusal
from simulators.jira.catalogue import LINK_TYPES
from simulators.jira.gate import Gate, body
from simulators.jira.issue_api import ISSUE


class LinkApi:
    """Serves ``/issueLink``, ``/issueLinkType`` and ``/issue/{key}/remotelink``."""

    def __init__(self, gate: Gate) -> None:
        """Write through the gate's records."""
        self._gate = gate
        self._records = gate.records

    def routes(self) -> list[Route]:
        """Return the routes of this interface."""
        api, route = "/rest/api/{version}", self._gate.route
        remote = f"{ISSUE}/{{key}}/remotelink"
        return [
            route("POST", f"{api}/issueLink", self._add),
            route("GET", f"{api}/issueLink/{{id}}", self._one),
            route("DELETE", f"{api}/issueLink/{{id}}", self._delete),
            route("GET", f"{api}/issueLinkType", self._types),
            route("GET", remote, self._remotes),
            route("POST", remote, self._add_remote),
        ]

    async def _add(self, request: Request) -> Response:
        document = await body(request)
        source = self._end(document.get("inwardIssue"))
        target = self._end(document.get("outwardIssue"))
        named = document.get("type") or {}
        wanted = (str(named.get("id", "")), str(named.get("name", "")).lower())
        for key, (name, _, _) in LINK_TYPES.items():
            if key == wanted[0] or name.lower() == wanted[1]:
                self._records.link(key, source, target, by=self._gate.account(request))
                return Response(status_code=201)
        raise Refusal(404, f"No issue link type with name '{named.get('name')}' found.")

    async def _one(self, request: Request) -> Response:
        return answer_json(self._gate.view(request).link(self._found(request), None))

    async def _delete(self, request: Request) -> Response:
        self._records.store.remove_link(self._found(request)[0])
        return Response(status_code=204)

    async def _types(self, request: Request) -> Response:
        view = self._gate.view(request)
        return answer_json({"issueLinkTypes": [view.link_type(key) for key in LINK_TYPES]})

    async def _remotes(self, request: Request) -> Response:
        issue, view = self._gate.issue(request), self._gate.view(request)
        place = f"{view.api}/issue/{issue['key']}/remotelink"
        remotes = self._records.store.children("remote", issue["id"])
        return answer_json([one | {"self": f"{place}/{one['id']}"} for one in remotes])

    async def _add_remote(self, request: Request) -> Response:
        issue, document = self._gate.written(request), dict(await body(request))
        target = document.get("object")
        if not isinstance(target, dict) or not target.get("url") or not target.get("title"):
            raise Refusal(400, errors={"object": "'url' and 'title' are required."})
        known = {
            one.get("globalId"): one["id"]
            for one in self._records.store.children("remote", issue["id"])
            if one.get("globalId")
        }
        old = known.get(document.get("globalId"))
        document["id"] = old or self._records.store.next("child")
        self._records.store.add_child("remote", issue["id"], document)
        view = self._gate.view(request)
        address = f"{view.api}/issue/{issue['key']}/remotelink/{document['id']}"
        return answer_json({"id": document["id"], "self": address}, 200 if old else 201)

    def _end(self, named: object) -> int:
        key = named.get("key", named.get("id")) if isinstance(named, dict) else None
        found = self._records.store.find(str(key)) if key else None
        if found is None:
            raise Refusal(404, NO_ISSUE)
        return found

    def _found(self, request: Request) -> tuple[int, str, int, int]:
        wanted = request.path_params["id"]
        link = self._records.store.link(int(wanted)) if wanted.isdigit() else None
        if link is None:
            raise Refusal(404, f"No issue link with id '{wanted}' exists.")
        return link
