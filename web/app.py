"""Every door of the product, in one table."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from web.answered import CountAnswers
from web.files import Files
from web.health import Probes, healthz, readyz
from web.metrics import Metrics
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
    metrics: Metrics,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
) -> Starlette:
    """Return the application; ``graph`` answers ``/graphql`` over HTTP and WebSocket.

    door: lets in what vendors tell by themselves.
    metrics: its ``who`` says whom an ``Authorization`` header names, for all doors.
    """
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics.show),
            Route("/graphql", graph),
            Route(PATH, door.receive, methods=["POST"]),
            WebSocketRoute("/graphql", graph),
            Mount("/static", app=Files(directory=STATIC)),
        ],
        middleware=[Middleware(CountAnswers, answers=metrics.answers)],
        lifespan=lifespan,
    )
    app.state.probes = probes
    app.state.who = metrics.who
    return app
