"""Requests that are answered without being executed."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any

Shown = dict[str, Any]


class Code(StrEnum):
    """The values of ``extensions.code`` that the door itself gives.

    A refusal by an operation or a read carries its own, see ``domain/errors.py``.
    """

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_INPUT = "BAD_INPUT"
    BAD_REQUEST = "BAD_REQUEST"
    BATCHING_NOT_SUPPORTED = "BATCHING_NOT_SUPPORTED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    QUERY_TOO_LARGE = "QUERY_TOO_LARGE"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    RATE_LIMITED = "RATE_LIMITED"
    TIMEOUT = "TIMEOUT"
    INTERNAL = "INTERNAL"


class Declined(Exception):  # noqa: N818 — an answer, not a failure of ours
    """A request that is answered without being executed.

    status: the HTTP status in both media types; None for an error of GraphQL
        itself, which is 400 or 200 as the media type has it.
    headers: added to the HTTP answer.
    """

    def __init__(
        self,
        errors: Sequence[Shown],
        *,
        status: int | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Keep what the door needs to answer."""
        super().__init__(errors[0]["message"])
        self.errors = list(errors)
        self.status = status
        self.headers = headers


def shown(message: str, code: str) -> Shown:
    """Return an error as an answer carries it."""
    return {"message": message, "extensions": {"code": code}}


def declined(
    message: str,
    code: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Declined:
    """Return the refusal of a request with one error."""
    return Declined([shown(message, code)], status=status, headers=headers)
