"""Whether the process lives, and whether it can serve."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

Probe = Callable[[], Awaitable[str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What is looked at; each returns what is wrong, or None.

    needed: without one of them nothing can be served (503).
    wished: without one of them all is served, but somebody should look (200, degraded).
    """

    needed: dict[str, Probe]
    wished: dict[str, Probe]


async def healthz(request: Request) -> Response:
    """Answer: the event loop turns. Touches nothing else."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """Answer 200 when queries can be served, 503 when not; details need a token."""
    probes: Probes = request.app.state.probes
    wrong = await _faults(probes.needed)
    slow = await _faults(probes.wished)
    state = "unavailable" if wrong else "degraded" if slow else "ready"
    body: dict[str, object] = {"status": state}
    if await request.app.state.who(request.headers.get("authorization")) is not None:
        body["details"] = {**wrong, **slow}
    return JSONResponse(body, 503 if wrong else 200)


async def _faults(probes: dict[str, Probe]) -> dict[str, str]:
    found = {name: await probe() for name, probe in probes.items()}
    return {name: fault for name, fault in found.items() if fault is not None}
