"""Proofs that a delivery comes from who knows a secret: HMAC-SHA256 of its bytes. Pure."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from adapters.delivery import RawDelivery
from adapters.parsing import NotJson, parsed

# A secret that people make, and the one that is to take its place.
ROTATED: Final[tuple[str, ...]] = ("webhook_secret", "webhook_secret_next")
UNSET: Final = "no webhook secret is set"
WRONG: Final = "the signature fits no secret"
# Storage has room for no longer one.
_LONGEST_ID: Final = 200
_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_PRINTABLE: Final = re.compile(r"[!-~]+")


def held(secrets: Mapping[str, str]) -> list[str]:
    """Return the secrets of a rotation that are set."""
    return [secrets[name] for name in ROTATED if secrets.get(name)]


def signature(secret: str, body: bytes) -> str:
    """Return the signature of a body in lower-case hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed_by_one(told: Iterable[str], secrets: Sequence[str], body: bytes) -> bool:
    """Say whether one of the secrets made one of the signatures.

    Whatever is not 64 hex digits is none.
    """
    given = [bytes.fromhex(one) for one in told if _HEX.fullmatch(one)]
    made = [hmac.digest(secret.encode(), body, "sha256") for secret in secrets]
    return any(hmac.compare_digest(one, other) for one in given for other in made)


def delivery_id(told: object) -> str | None:
    """Return the vendor's id of a delivery; None for what cannot be one."""
    is_one = isinstance(told, str) and len(told) <= _LONGEST_ID and _PRINTABLE.fullmatch(told)
    return str(told) if is_one else None


def document(delivery: RawDelivery) -> dict[str, Any]:
    """Return the JSON object that a delivery is. Raises ValueError for any other body."""
    try:
        if delivery.body.lstrip().startswith(b"{"):
            return parsed(delivery.body)
    except NotJson:
        pass
    raise ValueError("the body is no JSON object")


def sample_body(told: Mapping[str, object]) -> bytes:
    """Return the body of a delivery that we make ourselves."""
    return json.dumps(told, separators=(",", ":")).encode()
