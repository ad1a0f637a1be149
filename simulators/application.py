"""The HTTP side of a vendor. Knows no vendor."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from simulators.control import PREFIX
from simulators.dated import Dated
from simulators.misfortune import Misfortunes, Unfortunate


class Vendor(Protocol):
    """What all vendors have that shows in each of their answers."""

    misfortunes: Misfortunes

    def now(self) -> datetime:
        """Return the vendor's time, in UTC."""


def application(
    vendor: Vendor, routes: Sequence[BaseRoute], *work: Callable[[], Coroutine[None, None, None]]
) -> Starlette:
    """Return the application of a vendor, its misfortunes and its ``Date`` included.

    work: goes on as long as a real server serves the application.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running = [asyncio.create_task(one()) for one in work]
        yield
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    return Starlette(
        routes=routes,
        middleware=[
            Middleware(Dated, now=vendor.now),
            Middleware(Unfortunate, misfortunes=vendor.misfortunes, spare=PREFIX),
        ],
        lifespan=lifespan,
    )
