"""Writes answers to HTTP requests: body, status and headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import orjson
from starlette.types import Send

from gql.declined import Declined, Shown
from gql.negotiation import MediaType

_OK: Final = 200
_BAD_REQUEST: Final = 400
_NOT_MODIFIED: Final = 304
_ALWAYS: Final = (
    (b"vary", b"Accept, Authorization"),
    (b"x-content-type-options", b"nosniff"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer, not yet sent."""

    status: int
    body: bytes
    media_type: MediaType
    headers: Mapping[str, str]

    async def send(self, send: Send, *, correlation_id: str, with_body: bool) -> None:
        """Send it; HEAD gets the length of the body, but not the body."""
        has_body = self.status != _NOT_MODIFIED
        named = {**self.headers, "x-correlation-id": correlation_id, "x-request-id": correlation_id}
        if has_body:
            named["content-type"] = f"{self.media_type}; charset=utf-8"
            named["content-length"] = str(len(self.body))
        headers = [*_ALWAYS, *((n.lower().encode(), v.encode("latin-1")) for n, v in named.items())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = self.body if has_body and with_body else b""
        await send({"type": "http.response.body", "body": body})


def answered(shown: Shown, media_type: MediaType) -> Answer:
    """Return the answer of an operation that was executed: 200, errors or not."""
    return Answer(
        status=_OK,
        body=encoded(shown),
        media_type=media_type,
        headers={"cache-control": "no-store"},
    )


def refused(declined: Declined, media_type: MediaType) -> Answer:
    """Return the answer of a request that was not executed.

    GraphQL's own errors are 400 in the newer media type. In the older one they
    are 200, because its clients take other statuses for failures of the network.
    """
    status = declined.status
    if status is None:
        status = _BAD_REQUEST if media_type is MediaType.RESPONSE else _OK
    return Answer(
        status=status,
        body=encoded({"errors": declined.errors}),
        media_type=media_type,
        headers={"cache-control": "no-store", **declined.headers},
    )


def conditional(answer: Answer, if_none_match: str | None) -> Answer:
    """Let the answer to a GET be asked for again at the price of its hash."""
    tag = f'W/"{sha256(answer.body).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    known = {entry.strip() for entry in (if_none_match or "").split(",")}
    # Weak comparison: a proxy may have dropped the W/.
    is_known = bool(known & {"*", tag, tag.removeprefix("W/")})
    status = _NOT_MODIFIED if is_known else _OK
    return Answer(status=status, body=answer.body, media_type=answer.media_type, headers=headers)


def encoded(value: Any) -> bytes:  # noqa: ANN401 — any answer
    """Return JSON in UTF-8."""
    return orjson.dumps(value)
