"""What goes wrong on the way to a vendor, and in its answers. Knows no vendor."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Larger than any answer that a client should be willing to hold.
_BOMB_BYTES: Final = 64 * 1024 * 1024
_PAGE: Final = b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Log in</body></html>"


class Kind(StrEnum):
    """What happens to a request."""

    HTML = "html"
    """A page instead of an answer; ``status`` 200 by default."""
    ERROR = "error"
    """The vendor's own error body with ``status``, 500 by default."""
    THROTTLED = "throttled"
    """429, with ``detail`` as ``Retry-After`` where it is not empty."""
    UNAUTHORISED = "unauthorised"
    """401."""
    HANG = "hang"
    """No answer until ``Misfortunes.release``; then the true one."""
    LOST = "lost"
    """The request is carried out, and answered with 504."""
    CANCELLED = "cancelled"
    """Half of the result, then an ``error`` key; status 200."""
    TRUNCATED = "truncated"
    """The body breaks off in the middle."""
    DRIP = "drip"
    """The body comes in 16 parts, ``pause_seconds`` apart."""
    WRONG_TYPE = "wrong_type"
    """The true body, declared as ``detail``, text/plain by default."""
    EXTRA_FIELD = "extra_field"
    """Each record has one more field, ``detail``."""
    MISSING_FIELD = "missing_field"
    """Each record lacks the field ``detail``."""
    NULL_FIELD = "null_field"
    """The field ``detail`` of each record is null."""
    BOMB = "bomb"
    """64 MiB of JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One misfortune: what happens, and to which requests.

    path: prefix of the paths it can happen to; method: of the requests, "" for any.
    skip: let so many matching requests pass first.
    times: how often it happens; None until cleared.
    status, detail, pause_seconds: see ``Kind``.
    headers: of the answer given instead of the true one, beside its own.
    """

    kind: Kind
    path: str = ""
    method: str = ""
    skip: int = 0
    times: int | None = 1
    status: int = 0
    detail: str = ""
    pause_seconds: float = 0.05
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer, held back to be spoilt."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def results(document: Any) -> Iterable[Any]:  # noqa: ANN401 — JSON
    """Return the records of a document that keeps them, or one, in ``result``."""
    result = document.get("result") if isinstance(document, dict) else None
    return result if isinstance(result, list) else [result]


class Misfortunes:
    """The faults to come, in order; a request meets the first that matches it."""

    def __init__(
        self,
        bodies: Mapping[int, Mapping[str, Any] | str],
        records: Callable[[Any], Iterable[Any]] = results,
    ) -> None:
        """Take the vendor's error bodies by status; 0 stands for a cancelled transaction.

        A body that is text is a page. records: finds those of an answer's
        document, to alter them.
        """
        self.faults: list[Fault] = []
        self._bodies = bodies
        self._records = records
        self._released = asyncio.Event()

    def push(self, *faults: Fault) -> None:
        """Add faults behind those that wait."""
        self.faults.extend(faults)
        self._released.clear()

    def clear(self) -> None:
        """Forget all faults, and answer what hangs."""
        self.faults.clear()
        self.release()

    def release(self) -> None:
        """Answer what hangs, and let what drips flow."""
        self._released.set()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request meets, and count it."""
        for index, fault in enumerate(self.faults):
            if not path.startswith(fault.path) or fault.method not in ("", method):
                continue
            if fault.skip:
                self.faults[index] = replace(fault, skip=fault.skip - 1)
                continue
            if fault.times is not None:
                self.faults[index] = replace(fault, times=fault.times - 1)
            self.faults = [left for left in self.faults if left.times != 0]
            return fault
        return None

    def instead(self, fault: Fault) -> Response | None:
        """Return the answer given instead of the true one, or None when that is needed."""
        answer = self._instead(fault)
        if answer is not None:
            answer.headers.update(fault.headers)
        return answer

    def _instead(self, fault: Fault) -> Response | None:
        match fault.kind:
            case Kind.HTML:
                return Response(_PAGE, fault.status or 200, media_type="text/html")
            case Kind.ERROR:
                return self._refused(fault.status or 500)
            case Kind.UNAUTHORISED:
                return self._refused(401)
            case Kind.THROTTLED:
                answer = self._refused(429)
                if fault.detail:
                    answer.headers["Retry-After"] = fault.detail
                return answer
            case Kind.BOMB:
                body = b'{"result":[{"sys_id":"' + b"0" * _BOMB_BYTES + b'"}]}'
                return Response(body, 200, media_type="application/json")
            case _:
                return None

    def spoilt(self, fault: Fault, answer: Answer) -> Response:
        """Return the true answer, spoilt."""
        status, body = answer.status, answer.body
        headers = {name.decode(): value.decode() for name, value in answer.headers}
        headers.pop("content-length", None)
        match fault.kind:
            case Kind.LOST:
                return self._refused(504)
            case Kind.TRUNCATED:
                body = body[: len(body) // 2]
            case Kind.WRONG_TYPE:
                headers["content-type"] = fault.detail or "text/plain"
            case Kind.CANCELLED:
                status, body = 200, self._cancelled(body)
            case Kind.EXTRA_FIELD | Kind.MISSING_FIELD | Kind.NULL_FIELD:
                body = self._altered(fault, body)
            case _:
                pass
        return Response(body, status, headers)

    async def wait(self, seconds: float | None = None) -> None:
        """Wait until released, or for so many seconds."""
        try:
            await asyncio.wait_for(self._released.wait(), seconds)
        except TimeoutError:
            return

    def _refused(self, status: int) -> Response:
        body = self._bodies.get(status, self._bodies[500])
        if isinstance(body, str):
            return Response(body, status, media_type="text/html")
        return Response(orjson.dumps(body), status, media_type="application/json")

    def _cancelled(self, body: bytes) -> bytes:
        result = orjson.loads(body).get("result", []) if body else []
        kept = result[: len(result) // 2] if isinstance(result, list) else {}
        told = self._bodies.get(0, {})
        return orjson.dumps({"result": kept} | (dict(told) if isinstance(told, Mapping) else {}))

    def _altered(self, fault: Fault, body: bytes) -> bytes:
        """Alter a field of each record; a body without any comes back as it is."""
        document = orjson.loads(body) if body else {}
        for record in self._records(document):
            if not isinstance(record, dict):
                continue
            if fault.kind is Kind.EXTRA_FIELD:
                record[fault.detail] = "surprise"
            elif fault.kind is Kind.MISSING_FIELD:
                record.pop(fault.detail, None)
            elif fault.detail in record:
                record[fault.detail] = None
        return orjson.dumps(document) if document else body


class Unfortunate:
    """ASGI middleware that lets misfortunes happen to all paths but the spared ones."""

    def __init__(self, app: ASGIApp, misfortunes: Misfortunes, spare: str) -> None:
        """Wrap an application; spare: a prefix of paths."""
        self._app = app
        self._misfortunes = misfortunes
        self._spare = spare

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, with the fault it meets."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or path.startswith(self._spare):
            await self._app(scope, receive, send)
            return
        fault = self._misfortunes.take(scope["method"], path)
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.kind is Kind.HANG:
            await self._misfortunes.wait()
        answer = self._misfortunes.instead(fault)
        if answer is None:
            answer = self._misfortunes.spoilt(fault, await self._answer(scope, receive))
        if fault.kind is Kind.DRIP:
            await self._drip(answer, send, fault.pause_seconds)
        else:
            await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        start, *parts = messages
        body = b"".join(part.get("body", b"") for part in parts)
        return Answer(status=start["status"], headers=start["headers"], body=body)

    async def _drip(self, answer: Response, send: Send, pause_seconds: float) -> None:
        body = bytes(answer.body)
        step = max(1, -(-len(body) // 16))
        await send(
            {
                "type": "http.response.start",
                "status": answer.status_code,
                "headers": answer.raw_headers,
            }
        )
        for start in range(0, len(body), step):
            await self._misfortunes.wait(pause_seconds)
            part = body[start : start + step]
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
