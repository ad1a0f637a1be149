"""What every request passes: counting, login, limits and access rules."""

import math
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from simulators.documents import answer_json
from simulators.servicenow.answers import ERRORS, Refusal
from simulators.servicenow.login import Login
from simulators.servicenow.switches import Switches
from simulators.servicenow.tables import TABLES
from simulators.servicenow.writing import Aborted, Mandatory

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True, kw_only=True)
class Hooks:
    """Called while a request is served, so that the world can move meanwhile.

    before_request: before anything is read; gets the request.
    after_page: after a page was read and before it is answered; gets the
        table's name and the number of rows read.
    served: how often each method and path was asked for, without sys_ids:
        ``"GET /api/now/table/incident"``.
    """

    before_request: Callable[[Request], None] | None = None
    after_page: Callable[[str, int], None] | None = None
    served: Counter[str] = field(default_factory=Counter)


class Gate:
    """Lets requests through to their endpoints, or answers for them."""

    def __init__(
        self, login: Login, switches: Switches, hooks: Hooks, now: Callable[[], datetime]
    ) -> None:
        """Take the instance's clock, by which limits are counted."""
        self._login = login
        self._switches = switches
        self._hooks = hooks
        self._now = now

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint that only admitted requests reach, errors answered as documented."""

        async def serve(request: Request) -> Response:
            self.met(request)
            headers: dict[str, str] = {}
            try:
                self._admit(request, headers)
                answer = await endpoint(request)
            except Refusal as refusal:
                answer = answer_json(refusal.body, refusal.status, refusal.headers)
            except Mandatory as policy:
                labels = ", ".join(policy.labels)
                detail = f"Data Policy Exception: The following fields are mandatory: {labels}"
                answer = answer_json(Refusal(403, "Operation Failed", detail).body, 403)
            except Aborted as aborted:
                answer = answer_json(Refusal(403, "Operation Failed", str(aborted)).body, 403)
            answer.headers.update(headers)
            return answer

        return serve

    def met(self, request: Request) -> None:
        """Count a request, and let the world move before it is served."""
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        path = path.removesuffix(f"/{request.path_params.get('sys_id')}")
        self._hooks.served[f"{request.method} {path}"] += 1
        if self._hooks.before_request:
            self._hooks.before_request(request)

    def _admit(self, request: Request, headers: dict[str, str]) -> None:
        user = self._login.user(request)
        if user is None:
            error = ERRORS[401]["error"]
            challenge = {"WWW-Authenticate": 'BASIC realm="Service-now"'}
            raise Refusal(401, error["message"], error["detail"], challenge)
        request.state.user = user
        self._limit(user, headers)
        name = request.path_params["table"]
        if name not in TABLES:
            raise Refusal(400, f"Invalid table {name}")
        if name in self._switches.closed_tables:
            raise Refusal(403, "User Not Authorized", "Failed API level ACL Validation")
        if request.method != "GET" and name in self._switches.read_only_tables:
            detail = "ACL Exception Update Failed due to security constraints"
            raise Refusal(403, "Operation Failed", detail)

    def _limit(self, user: str, headers: dict[str, str]) -> None:
        limit = self._switches.limit
        if limit is None:
            return
        met = limit.meet(user, self._now())
        if limit.is_told:
            headers["X-RateLimit-Limit"] = str(limit.requests)
            headers["X-RateLimit-Reset"] = str(int(met.resets_at.timestamp()))
            headers["X-RateLimit-Rule"] = limit.rule or "Table API"
        if not met.is_over:
            return
        if not limit.is_told:
            # The node has no semaphore left, and cannot say when it will.
            raise Refusal(429, "Too Many Requests")
        wait = math.ceil(met.wait.total_seconds())
        detail = (
            f"Rate limit of {limit.requests} requests per {_span(limit.per)}"
            f" for {headers['X-RateLimit-Rule']} exceeded"
        )
        raise Refusal(429, "Rate limit exceeded", detail, {"Retry-After": str(wait)})


def _span(per: timedelta) -> str:
    """Return a window's length in words: "hour" or "10 seconds"."""
    return "hour" if per == timedelta(hours=1) else f"{per.total_seconds():g} seconds"
