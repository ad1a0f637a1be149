"""The token endpoint of OAuth 2.0."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.pagerduty.answers import answer_json
from simulators.pagerduty.gate import Gate
from simulators.pagerduty.login import Login


class TokenApi:
    """Gives tokens to the client that the login knows."""

    def __init__(self, login: Login, gate: Gate) -> None:
        """Take the login that gives the tokens."""
        self._login = login
        self._gate = gate

    def routes(self) -> list[Route]:
        """Return the one route."""
        return [Route("/oauth/token", self._token, methods=["POST"])]

    async def _token(self, request: Request) -> Response:
        self._gate.met(request)
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        if not self._login.knows(form):
            return answer_json({"error": "invalid_client"}, 401)
        granted = self._login.grant(form)
        if granted is None:
            return answer_json({"error": "invalid_grant"}, 400)
        return answer_json(granted)
