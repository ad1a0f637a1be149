"""A system that vendors tell of what happens."""

import asyncio
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class Receiver:
    """Keeps what it hears at ``/hook``, headers and body, and at which addresses."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.urls: list[httpx.URL] = []
        self.status = 202
        self.came = asyncio.Event()
        self.app = Starlette(routes=[Route("/hook", self._hear, methods=["POST"])])

    async def _hear(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        self.urls.append(httpx.URL(str(request.url)))
        self.came.set()
        return Response(status_code=self.status)

    def bodies(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for _, body in self.heard]
