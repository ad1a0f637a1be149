"""JSON in requests and answers. Knows no vendor."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response


async def asked_object(request: Request) -> dict[str, Any] | None:
    """Return the JSON object that is a request's body, or None when it is none."""
    try:
        document = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def answer_json(
    body: Mapping[str, Any] | Sequence[Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
