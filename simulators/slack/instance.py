"""A Slack that runs in this process."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from simulators.application import application
from simulators.control import Body, door, limit
from simulators.documents import asked_object
from simulators.limit import Limit
from simulators.misfortune import Misfortunes
from simulators.slack.block_kit import InvalidBlocksError, check
from simulators.slack.channel import Channel, Received
from simulators.slack.page import page

# Of an incoming webhook's answers, which are words and no JSON.
_ERRORS: Final = {
    401: "invalid_token",
    429: "rate_limited",
    500: "rollup_error",
    504: "upstream request timeout",
}
_LONGEST_TEXT: Final = 40_000


@dataclass(slots=True, kw_only=True)
class Switches:
    """What may be set at any time; skew: how far Slack's clock is ahead."""

    skew: timedelta = timedelta(0)
    rate_limit: Limit | None = field(
        default_factory=lambda: Limit(requests=1, per=timedelta(seconds=1))
    )


@dataclass(slots=True, kw_only=True)
class Hooks:
    """Called before a message is looked at, and after it was taken and before that is said."""

    before_message: Callable[[Request], None] | None = None
    after_message: Callable[[Received], None] | None = None


@dataclass(slots=True, kw_only=True)
class Login:
    """Who knows the webhook's token."""

    token: str
    is_revoked: bool = False

    def owner(self, request: Request) -> bool:
        """Say whether the control door opens."""
        return request.headers.get("authorization") == f"Bearer {self.token}"

    def revoke(self) -> None:
        """Take the webhook away."""
        self.is_revoked = True

    def restore(self) -> None:
        """Give it back."""
        self.is_revoked = False


class Slack:
    """A workspace with one incoming webhook.

    Ready when constructed: ``httpx.ASGITransport(app=slack.app)`` needs nothing started.
    ``GET /`` shows what has arrived.
    """

    app: Starlette
    """The HTTP door."""
    channel: Channel
    """What has arrived."""
    switches: Switches
    """Settings; a message a second may be sent."""
    misfortunes: Misfortunes
    """Faults to come."""
    hooks: Hooks
    """Callables to run while a message is taken."""
    login: Login
    """``login.revoke()`` removes the webhook."""

    def __init__(self, *, now: Callable[[], datetime], token: str) -> None:
        """Take the clock, and the last part of the webhook's address."""
        self._clock = now
        self.path = f"/services/T0000DEMO/B0000DEMO/{token}"
        self.channel = Channel()
        self.switches = Switches()
        self.login = Login(token=token)
        self.misfortunes = Misfortunes(_ERRORS)
        self.served: Counter[str] = Counter()
        self.hooks = Hooks()
        routes = [
            Route("/", self._page),
            # A webhook cannot be read; here it shows a person what it has received.
            Route(self.path, self._page),
            Route("/services/{team}/{app}/{token}", self._post, methods=["POST"]),
            door(self, {"limit": self._limit, "messages": self._messages, "counts": self._counts}),
        ]
        self.app = application(self, routes)

    def now(self) -> datetime:
        """Return Slack's time, in UTC."""
        return (self._clock() + self.switches.skew).astimezone(UTC)

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(page(self.channel))

    async def _post(self, request: Request) -> Response:
        """POST /services/…: take a message, or say in a word why not."""
        self.served["POST /services"] += 1
        if self.hooks.before_message is not None:
            self.hooks.before_message(request)
        if request.url.path.removeprefix(request.scope.get("root_path", "")) != self.path:
            return _said("invalid_token", 403)
        if self.login.is_revoked:
            return _said("no_service", 404)
        rule = self.switches.rate_limit
        if rule is not None and (met := rule.meet(self.path, self.now())).is_over:
            wait = -(-met.wait // timedelta(seconds=1))
            return _said("rate_limited", 429, {"Retry-After": str(wait)})
        document = await asked_object(request)
        if document is None:
            return _said("invalid_payload", 400)
        if (fault := _fault(document)) is not None:
            return _said(fault, 400)
        message = Received(
            at=self.now(),
            text=document.get("text", ""),
            blocks=document.get("blocks", []),
            ids=document.get("metadata", {}).get("event_payload", {}).get("ids", []),
        )
        self.channel.add(message)
        if self.hooks.after_message is not None:
            self.hooks.after_message(message)
        return _said("ok", 200)

    def _limit(self, body: Body) -> None:
        self.switches.rate_limit = limit(body, seconds=1)

    def _messages(self, body: Body) -> list[dict[str, Any]]:
        """Return what has arrived, the oldest first."""
        return [
            {"at": one.at.isoformat(), "text": one.text, "blocks": one.blocks, "ids": one.ids}
            for one in self.channel.messages
        ]

    def _counts(self, body: Body) -> Mapping[str, int]:
        """Return how often each id has come."""
        return dict(self.channel.ids)


def _said(word: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(word, status, headers, media_type="text/html")


def _fault(document: Mapping[str, Any]) -> str | None:
    """Return why Slack would refuse a message."""
    text, blocks = document.get("text", ""), document.get("blocks")
    if not isinstance(text, str) or not (text or blocks):
        return "no_text"
    if len(text) > _LONGEST_TEXT:
        return "msg_too_long"
    if not _is_metadata(document.get("metadata")):
        return "invalid_metadata_format"
    if blocks is not None:
        try:
            check(blocks)
        except InvalidBlocksError as invalid:
            return f"invalid_blocks: {invalid}"
    return None


def _is_metadata(metadata: object) -> bool:
    if metadata is None:
        return True
    return (
        isinstance(metadata, Mapping)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), Mapping)
    )
