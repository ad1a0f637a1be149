"""What every request passes: counting, login and limits."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json, asked_object
from simulators.jira.answers import LOGIN_PAGE, NO_ISSUE, Refusal
from simulators.jira.desk_shapes import DESK
from simulators.jira.jql import Unreadable
from simulators.jira.listing import Document
from simulators.jira.login import Caller, Login
from simulators.jira.records import Records
from simulators.jira.switches import Switches
from simulators.jira.view import View
from simulators.limit import Limit, Met

Endpoint = Callable[[Request], Awaitable[Response]]

# "latest" has stayed at the second, which writes plain text.
_VERSIONS: Final = ("2", "3", "latest")
# Under a fifth of the window left.
_NEAR: Final = 5


@dataclass(slots=True, kw_only=True)
class Hooks:
    """Called while a request is served, so that the world can move meanwhile.

    before_request: before anything is read; gets the request.
    after_page: after a page of a search was read and before it is answered;
        gets the number of issues read.
    served: how often each method and path was asked for, with the names of
        its parameters: ``"GET /rest/api/3/issue/{key}"``.
    """

    before_request: Callable[[Request], None] | None = None
    after_page: Callable[[int], None] | None = None
    served: Counter[str] = field(default_factory=Counter)


class Gate:
    """Lets requests through to their endpoints, or answers for them."""

    def __init__(
        self,
        records: Records,
        login: Login,
        switches: Switches,
        hooks: Hooks,
        now: Callable[[], datetime],
    ) -> None:
        """Take the site's clock, by which limits are counted."""
        self.records = records
        self.switches = switches
        self.hooks = hooks
        self.now = now
        self._login = login

    def route(self, method: str, path: str, endpoint: Endpoint, *, public: bool = False) -> Route:
        """Return a route that counts its requests and answers errors as documented.

        public: it serves those who did not log in, too.
        """

        async def serve(request: Request) -> Response:
            version = request.path_params.get("version", "")
            self.hooks.served[f"{method} {path.replace('{version}', version)}"] += 1
            if self.hooks.before_request:
                self.hooks.before_request(request)
            headers: dict[str, str] = {}
            try:
                self._admit(request, headers, public=public)
                answer = await endpoint(request)
            except Refusal as refusal:
                answer = _refused(request, refusal)
            except Unreadable as fault:
                answer = _refused(request, Refusal(400, str(fault)))
            answer.headers.update(headers)
            return answer

        return Route(path, serve, methods=[method])

    def issue(self, request: Request, name: str = "key") -> Document:
        """Return the issue that a path names; raise Refusal when there is none to be seen."""
        found = self.records.store.find(request.path_params[name])
        issue = None if found is None else self.records.store.issue(found)
        if issue is None or request.state.caller is None:
            raise Refusal(404, NO_ISSUE)
        return issue

    def written(self, request: Request, name: str = "key") -> Document:
        """Return the issue that a request writes to; raise Refusal when that is too often."""
        issue = self.issue(request, name)
        limit = self.switches.writes_per_issue
        if limit is not None:
            met = limit.meet(issue["key"], self.now())
            if met.is_over:
                raise _throttled(limit, met)
        return issue

    def account(self, request: Request) -> str:
        """Return the account id of who asks; "" for nobody."""
        caller: Caller | None = request.state.caller
        return "" if caller is None else self.records.people.person(caller.email)

    def view(self, request: Request, version: str = "") -> View:
        """Return how this request sees the site, from the address that it reached."""
        return View(
            root=root(request),
            version=version or request.path_params.get("version", "2"),
            zone=self.switches.zone,
            store=self.records.store,
            people=self.records.people,
            components=self.records.components,
            hides_emails=self.switches.hides_emails,
        )

    def _admit(self, request: Request, headers: dict[str, str], *, public: bool) -> None:
        if request.path_params.get("version", "3") not in _VERSIONS:
            raise Refusal(404, "null for uri")
        caller = request.state.caller = self._login.caller(request)
        if caller is None and not public and not self._anonymous(request):
            raise Refusal(401)
        limit = self.switches.limit
        if limit is None:
            return
        met = limit.meet("" if caller is None else caller.email, self.now())
        if met.is_over:
            raise _throttled(limit, met)
        if limit.is_told:
            headers.update(_told(limit, met))

    def _anonymous(self, request: Request) -> bool:
        is_myself = request.url.path.endswith("/myself")
        return self.switches.anonymous_reads and request.method == "GET" and not is_myself


def root(request: Request) -> str:
    """Return the address at which a request reached the site, prefix included."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


async def body(request: Request) -> Mapping[str, Any]:
    """Return the JSON object of a request; raise Refusal when it is none."""
    document = await asked_object(request)
    if document is None:
        raise Refusal(
            400, "There was an error parsing JSON. Check that your request body is valid."
        )
    return document


def number(request: Request, name: str, default: int, most: int) -> int:
    """Return a number of the query string, at most so much; raise Refusal when it is none."""
    text = request.query_params.get(name, "")
    if text and not text.isdigit():
        raise Refusal(400, f"The value of '{name}' is not a number.")
    return min(int(text), most) if text else default


def _refused(request: Request, refusal: Refusal) -> Response:
    if refusal.status == 401:  # noqa: PLR2004 — the one answer that is no JSON
        reason = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        return Response(LOGIN_PAGE, 401, reason, media_type="text/html")
    desk = DESK in request.url.path
    return answer_json(refusal.body(desk=desk), refusal.status, refusal.headers)


def _told(limit: Limit, met: Met) -> dict[str, str]:
    left = max(0, limit.requests - met.count)
    headers = {
        "X-RateLimit-Limit": str(limit.requests),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{met.resets_at:%Y-%m-%dT%H:%MZ}",
    }
    if left * _NEAR < limit.requests:
        headers["X-RateLimit-NearLimit"] = "true"
    return headers


def _throttled(limit: Limit, met: Met) -> Refusal:
    if not limit.is_told:
        return Refusal(429, "Rate limit exceeded.")
    wait = max(1, -int(-met.wait.total_seconds() // 1))
    headers = _told(limit, met) | {"Retry-After": str(wait)}
    if limit.rule:
        headers["RateLimit-Reason"] = limit.rule
    return Refusal(429, "Rate limit exceeded.", headers=headers)
