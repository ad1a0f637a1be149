"""The token endpoint of OAuth 2.0 (3LO), and the list of sites that a token opens."""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.jira.gate import Gate, root
from simulators.jira.login import Login

CLOUD_ID: Final = "11111111-2222-4333-8444-555555555555"
_DENIED: Final = {
    "error": "invalid_grant",
    "error_description": "Unknown or invalid refresh token.",
}


class OauthApi:
    """Serves ``/oauth/token``."""

    def __init__(self, gate: Gate, login: Login) -> None:
        """Let the login give out tokens."""
        self._gate = gate
        self._login = login

    def routes(self) -> list[Route]:
        """Return the routes of this interface."""
        route = self._gate.route
        return [
            route("POST", "/oauth/token", self._token, public=True),
            route("GET", "/oauth/token/accessible-resources", self._sites),
        ]

    async def _token(self, request: Request) -> Response:
        if request.headers.get("content-type", "").startswith("application/json"):
            asked = orjson.loads(await request.body())
        else:
            asked = dict(await request.form())
        given = self._login.grant({name: str(value) for name, value in asked.items()})
        return answer_json(_DENIED, 403) if given is None else answer_json(given)

    async def _sites(self, request: Request) -> Response:
        site = {"id": CLOUD_ID, "name": "site", "url": root(request), "scopes": [], "avatarUrl": ""}
        return answer_json([site])
