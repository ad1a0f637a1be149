"""The ``Date`` of a vendor's answers. Knows no vendor."""

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Dated:
    """ASGI middleware that dates every answer by a vendor's own clock."""

    def __init__(self, app: ASGIApp, now: Callable[[], datetime]) -> None:
        """Wrap an application; now: in UTC."""
        self._app = app
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._now(), usegmt=True).encode()
                message["headers"] = [*message["headers"], (b"date", date)]
            await send(message)

        await self._app(scope, receive, dated)
