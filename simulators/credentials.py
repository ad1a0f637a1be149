"""What clients prove themselves with, and for how long. Knows no vendor."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from starlette.requests import Request

Holder = TypeVar("Holder")


class Tokens(Generic[Holder]):
    """Tokens that a vendor gave out, and whom each stands for until it ends."""

    def __init__(
        self, lives: timedelta | None, now: Callable[[], datetime], new_token: Callable[[], str]
    ) -> None:
        """Let each token live so long by this clock, or for ever; new_token: their source."""
        self._lives = lives
        self._now = now
        self._new_token = new_token
        self._given: dict[str, tuple[Holder, datetime | None]] = {}

    def give(self, holder: Holder) -> str:
        """Return a new token that stands for a holder."""
        token = self._new_token()
        until = None if self._lives is None else self._now() + self._lives
        self._given[token] = holder, until
        return token

    def holder(self, token: str) -> Holder | None:
        """Return whom a token stands for, or None."""
        if token not in self._given:
            return None
        holder, until = self._given[token]
        return holder if until is None or self._now() < until else None

    def spend(self, token: str) -> Holder | None:
        """Return whom a token stands for, or None; it is good for this one time."""
        holder = self.holder(token)
        self._given.pop(token, None)
        return holder

    def clear(self) -> None:
        """Let all tokens end now."""
        self._given.clear()


def basic(request: Request) -> tuple[str, str] | None:
    """Return user and password of basic authentication (RFC 7617), or None where there is none.

    Both are empty where they cannot be read.
    """
    value = _value(request, "basic")
    if value is None:
        return None
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    user, _, password = text.partition(":")
    return user, password


def bearer(request: Request) -> str:
    """Return the bearer token (RFC 6750) of a request, empty where there is none."""
    return _value(request, "bearer") or ""


def _value(request: Request, scheme: str) -> str | None:
    told, _, value = request.headers.get("authorization", "").partition(" ")
    return value if told.lower() == scheme else None
