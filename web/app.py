"""Every door of the product, in one table."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from web.files import Files
from web.health import Probes, healthz, readyz
from web.webhooks import PATH, Door

STATIC: Final = Path(__file__).parent / "static"


async def home(request: Request) -> Response:
    """Send a browser to the explorer."""
    return RedirectResponse("/graphql", 307)


def application(
    *,
    graph: ASGIApp,
    door: Door,
    probes: Probes,
    is_known: Callable[[str | None], Awaitable[bool]],
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
) -> Starlette:
    """Return the application; ``graph`` answers ``/graphql`` over HTTP and WebSocket.

    door: lets in what vendors tell by themselves.
    is_known: says whether an ``Authorization`` header names a valid token.
    """
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/graphql", graph),
            Route(PATH, door.receive, methods=["POST"]),
            WebSocketRoute("/graphql", graph),
            Mount("/static", app=Files(directory=STATIC)),
        ],
        lifespan=lifespan,
    )
    app.state.probes = probes
    app.state.is_known = is_known
    return app
