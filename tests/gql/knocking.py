"""Ways to ask the small graph over HTTP."""

from typing import Any

import httpx

from tests.gql.board import TOKEN, Board, door

PLAIN = "application/json"
NEWER = "application/graphql-response+json"
HELLO = {"query": "{ hello }"}


def knock(board: Board, **options: Any) -> httpx.AsyncClient:  # noqa: ANN401 — any option
    """Return a client of the small graph, with a good token."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(door(board, **options)),
        base_url="http://watchpane.test",
        headers={"authorization": f"Bearer {TOKEN}"},
    )


def code(response: httpx.Response) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


async def post(client: httpx.AsyncClient, body: object, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post("/graphql", json=body, headers=named)
