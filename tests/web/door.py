"""Our own application, knocked at without a network."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from domain.access.roles import Actor
from operations.runtime import Runtime
from web.answered import Answers
from web.app import application
from web.health import Probes
from web.metrics import Metrics
from web.webhooks import Door

OURS = "https://watchpane.example.com"
SECRET = "a secret of more than thirty-two letters"  # noqa: S105 — of a simulator


async def nobody(_: str | None) -> Actor | None:
    return None


@asynccontextmanager
async def _no_lifespan(_: Starlette) -> AsyncIterator[None]:
    yield


def knocking(
    runtime: Runtime,
    monotonic: Callable[[], float] = time.monotonic,
    who: Callable[[str | None], Awaitable[Actor | None]] = nobody,
) -> httpx.AsyncClient:
    """Return what knocks at the doors of an application on this runtime."""
    app = application(
        graph=PlainTextResponse("no graph here", 404),
        door=Door(runtime, monotonic),
        probes=Probes(needed={}, wished={}),
        metrics=Metrics(
            who=who, now=runtime.now, process="p1", answers=Answers(monotonic=monotonic)
        ),
        lifespan=_no_lifespan,
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=OURS)


async def at_once(http: httpx.AsyncClient, *requests: httpx.Request) -> list[int]:
    """Send requests side by side, and return the statuses of their answers."""
    answers = await asyncio.gather(*(http.send(request) for request in requests))
    return [answer.status_code for answer in answers]
