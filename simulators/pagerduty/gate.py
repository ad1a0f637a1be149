"""What every request passes: counting, login, scopes, limits and the user who writes."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from simulators.documents import asked_object
from simulators.pagerduty.answers import RATE_LIMITED, Refusal, error, invalid
from simulators.pagerduty.drafts import Agent
from simulators.pagerduty.incidents import Incidents
from simulators.pagerduty.login import Caller, Login
from simulators.pagerduty.paging import Page, localised, several, shown_in
from simulators.pagerduty.shapes import SHAPES
from simulators.pagerduty.store import Selection
from simulators.pagerduty.switches import Switches
from simulators.pagerduty.views import PLURALS, View

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True, kw_only=True)
class Hooks:
    """Called while a request is served, so that the world can move meanwhile.

    before_request: before anything is read; gets the request.
    after_page: after a page was read and before it is answered; gets the kind
        and the number of documents read.
    served: how often each method and path was asked for, ids as ``{id}``:
        ``"GET /incidents/{id}"``.
    """

    before_request: Callable[[Request], None] | None = None
    after_page: Callable[[str, int], None] | None = None
    served: Counter[str] = field(default_factory=Counter)


class Gate:
    """Lets requests through to their endpoints, or answers for them."""

    def __init__(
        self, login: Login, switches: Switches, hooks: Hooks, incidents: Incidents
    ) -> None:
        """Count limits by the clock of the incidents, and let them settle before each request."""
        self._login = login
        self._switches = switches
        self._hooks = hooks
        self._incidents = incidents

    def guarded(self, endpoint: Endpoint, scope: str, *, signed: bool = False) -> Endpoint:
        """Return an endpoint that only admitted requests reach.

        scope: ``incidents``; reading needs ``incidents.read``, the rest
            ``incidents.write``.
        signed: writes must come from a user, whom ``From`` names.
        """

        async def serve(request: Request) -> Response:
            self.met(request)
            headers: dict[str, str] = {}
            try:
                self._admit(request, scope, headers)
                if signed and request.method != "GET":
                    request.state.agent = self._writer(request)
                answer = await endpoint(request)
            except Refusal as refusal:
                answer = refusal.answer()
            answer.headers.update(headers)
            return answer

        return serve

    def met(self, request: Request) -> None:
        """Count a request, and let the world move before it is served."""
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        for name, value in request.path_params.items():
            path = path.replace(f"/{value}", f"/{{{name}}}", 1)
        self._hooks.served[f"{request.method} {path}"] += 1
        self._incidents.settle()
        if self._hooks.before_request:
            self._hooks.before_request(request)

    def one(self, request: Request, kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return a document as this request wants it shown."""
        shown = view(self._incidents, request).of(kind, document)
        zone = shown_in(request)
        return dict(localised(shown, zone)) if zone else shown

    def listed(
        self, request: Request, kind: str, selection: Selection, page: Page
    ) -> dict[str, Any]:
        """Return one page of the selected documents, and what stands beside it."""
        page = replace(page, limit=min(page.limit, self._switches.largest_page))
        store = self._incidents.store
        total = store.count(kind, selection) if page.with_total else None
        found = store.page(kind, selection, limit=page.limit + 1, offset=page.offset)
        more = len(found) > page.limit
        if self._hooks.after_page:
            self._hooks.after_page(kind, len(found[: page.limit]))
        shows = view(self._incidents, request)
        shown = [shows.of(kind, document) for document in found[: page.limit]]
        zone = shown_in(request)
        name = PLURALS[kind]
        return {name: localised(shown, zone) if zone else shown} | page.answer(
            more=more, total=total
        )

    def _admit(self, request: Request, scope: str, headers: dict[str, str]) -> None:
        caller = self._login.caller(request)
        if caller is None:
            raise Refusal(401)
        request.state.caller = caller
        self._limit(caller, headers)
        needed = f"{scope}.{'read' if request.method == 'GET' else 'write'}"
        if not caller.may(needed):
            raise Refusal(403, error("Access Denied", 2010, [f"The scope {needed} is missing."]))

    def _limit(self, caller: Caller, headers: dict[str, str]) -> None:
        limit = self._switches.rate_limit
        if limit is None:
            return
        met = limit.meet(caller.key, self._incidents.now())
        if limit.is_told:
            headers["ratelimit-limit"] = str(limit.requests)
            headers["ratelimit-remaining"] = str(max(0, limit.requests - met.count))
            headers["ratelimit-reset"] = str(ceil(met.wait.total_seconds()))
        if met.is_over:
            raise Refusal(429, RATE_LIMITED)

    def _writer(self, request: Request) -> Agent:
        email = request.headers.get("from", "") or request.state.caller.email
        if not email:
            required = 'You must specify a user\'s email address in the "From" header'
            raise Refusal(400, error(f"{required} to perform this action", 2016))
        if "@" not in email:
            raise Refusal(400, error('Malformed "From" header', 1028))
        user = self._incidents.directory.user(email)
        if user is None:
            raise Refusal(400, error("Requester User Not Found", 1008))
        return Agent(kind="user", id=user["id"], name=user["name"], channel="api")


def view(incidents: Incidents, request: Request) -> View:
    """Return the view that a request asks for, at the address it reached."""
    root = str(request.base_url).rstrip("/")
    includes = several(request, "include")
    return View(store=incidents.store, root=root, shapes=SHAPES, includes=includes)


async def told(request: Request, name: str) -> dict[str, Any]:
    """Return the object of this name in a request's body; raise Refusal (400)."""
    found = (await body(request)).get(name)
    if not isinstance(found, dict):
        raise invalid(f"{name.replace('_', ' ').capitalize()} is missing")
    return found


async def body(request: Request) -> dict[str, Any]:
    """Return a request's body; raise Refusal (400) when it is no JSON object."""
    read = await asked_object(request)
    if read is None:
        raise invalid("The body must be a JSON object")
    return read


def id_of(reference: Any) -> str:  # noqa: ANN401 — JSON
    """Return the id in a reference; raise Refusal (400)."""
    if not isinstance(reference, Mapping) or not reference.get("id"):
        raise invalid("A reference must have an id")
    return str(reference["id"])
