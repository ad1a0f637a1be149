"""A request in the shape that GraphQL over HTTP and WebSocket share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gql.declined import Code, declined


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The four parameters of a request, of the right kinds but otherwise unchecked."""

    query: str | None
    variables: Mapping[str, Any]
    operation_name: str | None
    extensions: Mapping[str, Any]


def asked(fields: object) -> Asked:
    """Read the parameters from parsed JSON.

    Raises Declined with status 400 when one has the wrong kind. A query may be
    missing only where ``extensions`` may name a stored one.
    """
    if isinstance(fields, list):
        message = "One operation a request: batches are not supported."
        raise declined(message, Code.BATCHING_NOT_SUPPORTED, status=400)
    if not isinstance(fields, dict):
        raise _wrong("The request must be a JSON object.")
    query = _text(fields, "query")
    extensions = _mapping(fields, "extensions")
    if query is None and "persistedQuery" not in extensions:
        raise _wrong('"query" is missing.')
    return Asked(
        query=query,
        variables=_mapping(fields, "variables"),
        operation_name=_text(fields, "operationName"),
        extensions=extensions,
    )


def parsed_json(raw: str | bytes) -> Any:  # noqa: ANN401 — JSON can be anything
    """Parse JSON. Raises Declined with status 400 when it is none."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _wrong("This is not JSON.") from error


def _wrong(message: str) -> Exception:
    return declined(message, Code.BAD_REQUEST, status=400)


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(f'"{name}" must be a string.')


def _mapping(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise _wrong(f'"{name}" must be an object.')
