"""A vendor that answers a request as a test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from adapters.contract import Access, Pace, at_once, unheard
from adapters.exchange import Failed
from adapters.http import Answer, JsonHttp, RetryAfter, retry_after_header
from tests.adapters.conftest import Clock

DATE = "Mon, 02 Mar 2026 10:10:00 GMT"


class Parts(httpx.AsyncByteStream):
    """A body in parts, with a wait before each that has none."""

    def __init__(self, *parts: bytes | None) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            if part is None:
                await asyncio.Event().wait()
            else:
                yield part


Reply = Callable[[httpx.Request], httpx.Response]


@asynccontextmanager
async def opened(
    reply: Reply,
    clock: Clock,
    pace: Pace = at_once,
    retry_after: RetryAfter = retry_after_header,
    throttled: Callable[[timedelta | None], Awaitable[None]] = unheard,
) -> AsyncIterator[JsonHttp]:
    http = JsonHttp(
        Access(
            base_url="https://acme.example.com/base",
            credentials={"user": "admin", "password": "hunter2"},
            now=clock,
            deadline=timedelta(milliseconds=50),
            pace=pace,
            throttled=throttled,
            transport=httpx.MockTransport(reply),
        ),
        retry_after=retry_after,
        refused_fields=lambda told: told.get("errors", {}),
    )
    yield http
    await http.close()


async def ask(reply: httpx.Response | Reply, clock: Clock) -> Answer | Failed:
    replying = reply if callable(reply) else lambda _: reply
    async with opened(replying, clock) as http:
        return await http.get("/x", {"a": "b c"}, {"Authorization": "Bearer tok3n"})


def answered(content: bytes = b"{}", status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers={"Date": DATE} | named, stream=Parts(content))


async def failed(reply: httpx.Response | Reply, clock: Clock) -> Failed:
    outcome = await ask(reply, clock)
    assert isinstance(outcome, Failed)
    return outcome
