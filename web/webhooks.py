"""The door for what vendors tell by themselves: ``POST /webhooks/{provider}/{integration}``.

Whoever sends is not told more than it needs: an integration that there is not and a
signature that is wrong get the same answer.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from structlog.contextvars import bound_contextvars

from domain.errors import StorageFull, Unavailable
from domain.limits.bucket import Bucket, Rate, taken
from models.reads.receiver import Receiver, receivers
from operations.runtime import Runtime
from operations.sync.receive import Arrival, Reception, receive

log = structlog.get_logger()

PATH: Final = "/webhooks/{provider}/{integration}"
MOST_BYTES: Final = 1024 * 1024
# For each integration; those that there are not share one allowance.
RATE: Final = Rate(per_second=50, burst=50)
# Long enough for a slow line, short enough that many of them do no harm.
_BODY_SECONDS: Final = 10.0
# How old what is known of the integrations may be; a name that is not known is looked for sooner.
_KNOWN_SECONDS: Final = 2.0
_UNKNOWN_SECONDS: Final = 0.25
_AWAY_SECONDS: Final = 5

_TAKEN: Final = {"status": "accepted"}
_REFUSED: Final = {"error": "no such integration, or not signed with its secret"}


class _TooLargeError(Exception):
    """The body is longer than any vendor's."""


class Door:
    """Lets deliveries in; remembers for a moment whom they can be for, and no secret."""

    def __init__(self, runtime: Runtime, monotonic: Callable[[], float]) -> None:
        """Take what operations are given, and a clock in seconds that is never put back."""
        self._runtime = runtime
        self._monotonic = monotonic
        self._receivers: Mapping[tuple[str, str], Receiver] = {}
        self._read_at = -math.inf
        self._buckets: defaultdict[str | None, Bucket | None] = defaultdict(lambda: None)

    async def receive(self, request: Request) -> Response:
        """Answer a delivery: 202 once it is stored, or was before.

        401 for a signature that is none of ours, 413 for a body beyond 1 MiB, 429 for
        more than 50 a second, 503 while the database is away. Nothing else is refused:
        some vendors stop telling after a few refusals.
        """
        with bound_contextvars(correlation_id=self._runtime.new_id()):
            try:
                return await self._receive(request)
            except (Unavailable, StorageFull) as away:
                log.warning("webhook_put_off", operation="sync.webhook", detail=away.message)
                return _answer({"error": "try again later"}, 503, retry_after=_AWAY_SECONDS)

    async def _receive(self, request: Request) -> Response:
        receiver = await self._receiver(request)
        if wait := self._wait(receiver):
            return _answer({"error": "too often"}, 429, retry_after=wait)
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _body(request)
        except _TooLargeError:
            return _answer({"error": f"more than {MOST_BYTES} bytes"}, 413)
        except (TimeoutError, ClientDisconnect):
            return _answer({"error": "the body did not come to its end"}, 408)
        if receiver is None:
            log.warning("webhook_refused", operation="sync.webhook", reason="no such integration")
            return _answer(_REFUSED, 401)
        reception = await receive(self._runtime, receiver, _arrival(request, body))
        if reception is Reception.REFUSED:
            return _answer(_REFUSED, 401)
        return _answer(_TAKEN, 202)

    async def _receiver(self, request: Request) -> Receiver | None:
        """Return whom a request is for; raise Unavailable while nobody can tell."""
        named = (request.path_params["provider"], request.path_params["integration"])
        age = self._monotonic() - self._read_at
        if age > (_KNOWN_SECONDS if named in self._receivers else _UNKNOWN_SECONDS):
            self._receivers = await receivers()
            self._read_at = self._monotonic()
        return self._receivers.get(named)

    def _wait(self, receiver: Receiver | None) -> int:
        """Take one of the integration's allowance; return the seconds to wait if it is spent."""
        name = None if receiver is None else receiver.integration_id
        left = taken(self._buckets[name], RATE, now=self._monotonic())
        if isinstance(left, float):
            return math.ceil(left)
        self._buckets[name] = left
        return 0


async def _body(request: Request) -> bytes:
    """Read the body, never more of it than is allowed. Raises _TooLargeError."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > MOST_BYTES:
        raise _TooLargeError
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise _TooLargeError
    return bytes(body)


def _arrival(request: Request, body: bytes) -> Arrival:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        # One that comes twice is none of the vendor's: together they match nothing.
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return Arrival(
        method=request.method,
        path=request.url.path,
        query=request.url.query,
        headers=headers,
        body=body,
        source_address=None if request.client is None else request.client.host,
    )


def _answer(body: Mapping[str, str], status: int, *, retry_after: int = 0) -> Response:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return JSONResponse(body, status, headers=headers)
