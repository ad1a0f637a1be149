"""Where simulated vendors post what they tell, for a test to deliver: or not, late, or twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.delivery import RawDelivery

ADDRESS: Final = "https://watchpane.example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One delivery as its vendor has signed it; ``path`` is where it was sent."""

    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def raw(self) -> RawDelivery:
        """Return it as adapters take it."""
        return RawDelivery(
            method="POST",
            path=self.path,
            query=self.query,
            headers=self.headers,
            body=self.body,
        )

    async def deliver(self, http: httpx.AsyncClient) -> httpx.Response:
        """Post it to another door, with the same bytes."""
        address = f"{self.path}?{self.query}" if self.query else self.path
        kept = {name: told for name, told in self.headers.items() if name != "host"}
        return await http.post(address, content=self.body, headers=kept)


class Postbox:
    """A door that takes everything, and a list of it, oldest first, which a test may edit.

    Vendors sign when they send: a token grows old in here.
    """

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.status = 202

    @property
    def http(self) -> httpx.AsyncClient:
        """What a vendor sends through."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a delivery."""
        request = Request(scope, receive)
        self.letters.append(
            Letter(
                path=request.url.path,
                query=request.url.query,
                headers=dict(request.headers),
                body=await request.body(),
            )
        )
        await Response(status_code=self.status)(scope, receive, send)

    def take(self) -> list[Letter]:
        """Return all letters, and keep none."""
        taken, self.letters = self.letters, []
        return taken
