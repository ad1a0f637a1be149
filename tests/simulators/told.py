"""The control door, from outside."""

from typing import Any

import httpx


async def told(http: httpx.AsyncClient, verb: str, **body: object) -> Any:  # noqa: ANN401 — JSON
    """Return what the door answers to a verb."""
    answer = await http.post(f"/_control/{verb}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]
