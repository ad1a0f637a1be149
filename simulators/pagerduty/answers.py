"""Answers and errors as the REST API writes them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from starlette.responses import Response

JSON: Final = "application/json;charset=utf-8"


def error(message: str, code: int, errors: Sequence[str] = ()) -> dict[str, Any]:
    """Return the body of an error answer; ``errors`` is left out when empty."""
    told: dict[str, Any] = {"message": message, "code": code}
    return {"error": told | ({"errors": list(errors)} if errors else {})}


RATE_LIMITED: Final = error("Rate Limit Exceeded", 2020)
# By status; a 401 is empty.
ERRORS: Final[Mapping[int, Mapping[str, Any] | str]] = {
    401: "",
    429: RATE_LIMITED,
    500: error("Internal Server Error", 2000),
}


class Refusal(Exception):  # noqa: N818 — an answer of the account, not an error in it
    """A documented error answer."""

    def __init__(
        self,
        status: int,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what the answer shows; without a body it is empty."""
        super().__init__(f"{status} {dict(body or {})}")
        self.status = status
        self.body = None if body is None else dict(body)
        self.headers = dict(headers or {})

    def answer(self) -> Response:
        """Return the answer."""
        if self.body is None:
            return Response(status_code=self.status, headers=self.headers)
        return answer_json(self.body, self.status, self.headers)


def invalid(*errors: str) -> Refusal:
    """Return the refusal of a request that cannot be read."""
    return Refusal(400, error("Invalid Input Provided", 2001, errors))


def impossible(*errors: str) -> Refusal:
    """Return the refusal of a request that is well formed and cannot be followed."""
    return Refusal(400, error("Arguments Caused Error", 2002, errors))


def not_found(kind: str = "") -> Refusal:
    """Return the refusal for what does not exist; incidents have a code of their own."""
    if kind == "incident":
        return Refusal(404, error("Incident Not Found", 5001))
    return Refusal(404, error("Not Found", 2100))


def records(document: Any) -> Iterable[Any]:  # noqa: ANN401 — JSON
    """Return the records of an answer: those of its list, or its one."""
    for value in document.values() if isinstance(document, dict) else ():
        yield from value if isinstance(value, list) else [value]


def answer_json(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(body), status, headers, media_type=JSON)
