"""The platform's interface to people."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.jira.answers import NO_ISSUE, Refusal
from simulators.jira.catalogue import PROJECTS
from simulators.jira.gate import Gate, number
from simulators.jira.listing import Document

_API: Final = "/rest/api/{version}"
_PAGE: Final = 50
_MOST: Final = 1_000


class PeopleApi:
    """Serves ``/user`` and ``/users``."""

    def __init__(self, gate: Gate) -> None:
        """Read through the gate's records."""
        self._gate = gate
        self._people = gate.records.people

    def routes(self) -> list[Route]:
        """Return the routes of this interface."""
        route = self._gate.route
        return [
            route("GET", f"{_API}/user", self._one),
            route("GET", f"{_API}/user/search", self._matching),
            route("GET", f"{_API}/user/assignable/search", self._assignable),
            route("GET", f"{_API}/users", self._all),
            route("GET", f"{_API}/users/search", self._all),
        ]

    async def _one(self, request: Request) -> Response:
        account = request.query_params.get("accountId", "")
        if self._people.find(account) != account or not request.state.caller:
            raise Refusal(404, "Specified user does not exist or you do not have permission.")
        return answer_json(self._gate.view(request).person(account))

    async def _all(self, request: Request) -> Response:
        return self._page(request, self._people.matching())

    async def _matching(self, request: Request) -> Response:
        query, account = (request.query_params.get(name) for name in ("query", "accountId"))
        if (query is None) == (account is None):
            raise Refusal(400, "Exactly one of 'query' and 'accountId' must be provided.")
        people = self._people.matching(query or "")
        found = [person for person in people if account in (None, person["accountId"])]
        return self._page(request, found)

    async def _assignable(self, request: Request) -> Response:
        asked = request.query_params
        project, issue = asked.get("project"), asked.get("issueKey") or asked.get("issueId")
        if not project and not issue:
            raise Refusal(400, "Either 'project' or 'issueKey' query parameter must be provided.")
        if project and all(project not in (one.id, one.key) for one in PROJECTS.values()):
            raise Refusal(404, f"No project could be found with key '{project}'.")
        if issue and self._gate.records.store.find(issue) is None:
            raise Refusal(404, NO_ISSUE)
        account = asked.get("accountId")
        found = [
            person
            for person in self._people.matching(asked.get("query", ""))
            if person["active"] and account in (None, person["accountId"])
        ]
        return self._page(request, found)

    def _page(self, request: Request, people: list[Document]) -> Response:
        start = number(request, "startAt", 0, 10**9)
        size = number(request, "maxResults", _PAGE, _MOST)
        view = self._gate.view(request)
        page = people[start : start + size] if request.state.caller else []
        return answer_json([view.person(person["accountId"]) for person in page])
