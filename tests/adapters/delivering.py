"""Deliveries as the tests make them, and what must become of each."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from adapters.contract import Webhooks
from adapters.delivery import RawDelivery, Rejected, Told, Unreadable, Verified

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
# What is read must hold whatever stands in a body.
ODD_BODIES: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"1e999",
    "cut": b'{"event":',
    "NaN": b'{"event":NaN}',
    "bad UTF-8": b'{"event":"\xff"}',
    "a web page": b"<html>",
    "deep": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "gzip": b"\x1f\x8b\x08\x00\x00",
    "an empty object": b"{}",
}


def raw(
    body: bytes | Mapping[str, Any] = b"{}",
    headers: Mapping[str, str] | None = None,
    *,
    path: str = "/webhooks/vendor/prod",
    query: str = "",
) -> RawDelivery:
    """Return a delivery; header names in any case."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.lower(): value for name, value in (headers or {}).items()}
    return RawDelivery(method="POST", path=path, query=query, headers=named, body=content)


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def refused(
    webhooks: Webhooks,
    delivery: RawDelivery,
    secrets: Mapping[str, str],
    now: datetime = NOON,
) -> str:
    """Return why a delivery is refused."""
    verdict = webhooks.verify(delivery, secrets, now)
    assert isinstance(verdict, Rejected), verdict
    return verdict.reason


def accepted(
    webhooks: Webhooks,
    delivery: RawDelivery,
    secrets: Mapping[str, str],
    now: datetime = NOON,
) -> str | None:
    """Return the key by which a delivery is known again."""
    verdict = webhooks.verify(delivery, secrets, now)
    assert isinstance(verdict, Verified), verdict
    return verdict.dedup_key


def unreadable(told: Told) -> str:
    """Return why nothing can be made of a delivery."""
    (one,) = told
    assert isinstance(one, Unreadable), one
    return one.detail
