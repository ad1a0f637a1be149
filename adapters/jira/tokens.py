"""The tokens that a Connect app's or an OAuth app's deliveries carry. Pure."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, quote

import jwt

from adapters.parsing import NotJson, parsed

_ALGORITHM: Final = "HS256"
# Signatures alone: what a token claims is judged here, by our clock and more strictly.
_TOKENS: Final = jwt.PyJWS()
# What can be tried out is no secret (RFC 7518, 3.2).
_SHORTEST_SECRET: Final = 32
_LONGEST_TOKEN: Final = 8_192
# Between clocks, at either end of a token's life.
_LEEWAY: Final = timedelta(seconds=60)
_LONGEST_LIFE: Final = timedelta(seconds=900)
# Rule X7; a delivery that is tried again gets another token.
_OLDEST: Final = timedelta(seconds=300)
_LAST_SECOND: Final = 253_402_300_799
_UNRESERVED: Final = "-._~"


class Refused(Exception):  # noqa: N818 — named for what the token is
    """A token proves nothing; the message says why, in our words alone."""


def claims(token: str, secret: str, now: datetime) -> dict[str, Any]:
    """Return what a token of now claims, signed with the secret. Raises Refused."""
    if len(secret.encode()) < _SHORTEST_SECRET:
        raise Refused("the secret has fewer than 32 bytes")
    if len(token) > _LONGEST_TOKEN:
        raise Refused("the token is too long")
    try:
        signed = _TOKENS.decode_complete(token, secret, algorithms=[_ALGORITHM])
        told = parsed(signed["payload"])
    except (jwt.InvalidTokenError, NotJson, ValueError, RecursionError):
        raise Refused("the token is not signed with HS256 and the secret") from None
    if "crit" in signed["header"]:
        raise Refused("the token asks for what we do not know")
    issued, expires = (_seconds(told.get(name), name) for name in ("iat", "exp"))
    at = now.timestamp()
    if expires - issued > _LONGEST_LIFE.total_seconds():
        raise Refused("the token lives too long")
    if at > expires + _LEEWAY.total_seconds() or at > issued + _OLDEST.total_seconds():
        raise Refused("the token has expired")
    if at < issued - _LEEWAY.total_seconds():
        raise Refused("the token comes from the future")
    return told


def _seconds(told: object, name: str) -> int:
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told <= _LAST_SECOND:
        raise Refused(f"the token's {name} is missing or no time")
    return told


def bind(told: dict[str, Any], client_key: str, query_hash: str) -> None:
    """Refuse a Connect token of another installation, or for another request. Raises Refused."""
    for name, wanted in (("iss", client_key), ("qsh", query_hash)):
        given = told.get(name)
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), wanted.encode()):
            raise Refused(f"the token's {name} is not ours")


def token(secret: str, told: dict[str, Any]) -> str:
    """Return a token that a vendor could have made."""
    return jwt.encode(told, secret, algorithm=_ALGORITHM)


def request_hash(method: str, path: str, query: str) -> str:
    """Return the ``qsh`` of a request: path and query behind the app's own base path."""
    return hashlib.sha256(canonical(method, path, query).encode()).hexdigest()


def canonical(method: str, path: str, query: str) -> str:
    """Return the text that ``request_hash`` is the hash of.

    Names and values of the query are sorted; those of one name share it.
    """
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape"):
        if name != "jwt":
            values.setdefault(_quoted(name), []).append(_quoted(value))
    sorted_query = "&".join(f"{name}={','.join(sorted(values[name]))}" for name in sorted(values))
    sorted_path = (path.rstrip("/") or "/").replace("&", "%26")
    return f"{method.upper()}&{sorted_path}&{sorted_query}"


def _quoted(text: str) -> str:
    return quote(text, safe=_UNRESERVED, errors="surrogateescape")
