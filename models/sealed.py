"""Secrets at rest: AES-256-GCM under one of several keys."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = "v1"


class CannotOpen(Exception):  # noqa: N818 — named for what happened
    """A sealed value was moved, altered, or sealed under a key that is not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: ``id`` names it in what it sealed."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a key of another size."""
        if len(self.secret) != _KEY_BYTES:
            raise ValueError(f"key {self.id} has {len(self.secret)} bytes, it must have 32")


class KeyRing:
    """Seals with the first key, opens with any.

    ``random_bytes`` gives the nonces: 96 bits, never used twice under a key.
    """

    def __init__(self, keys: Sequence[Key], *, random_bytes: Callable[[int], bytes]) -> None:
        """Take at least one key."""
        if not keys:
            raise ValueError("a key ring needs at least one key")
        self._first = keys[0]
        self._by_id = {key.id: AESGCM(key.secret) for key in keys}
        self._random_bytes = random_bytes

    def seal(self, value: str, *, integration_id: str, name: str) -> str:
        """Return ``v1.key.nonce.text``; it opens for this integration and name only."""
        nonce = self._random_bytes(_NONCE_BYTES)
        key_id = self._first.id
        bound = f"{integration_id}|{name}|{key_id}".encode()
        sealed = self._by_id[key_id].encrypt(nonce, value.encode(), bound)
        return ".".join((_VERSION, key_id, _text(nonce), _text(sealed)))

    def open(self, sealed: str, *, integration_id: str, name: str) -> str:
        """Return the value; raise CannotOpen when it is not what ``seal`` gave."""
        try:
            version, key_id, nonce, body = sealed.split(".")
            key = self._by_id[key_id] if version == _VERSION else None
            bound = f"{integration_id}|{name}|{key_id}".encode()
            if key is not None:
                return key.decrypt(_bytes(nonce), _bytes(body), bound).decode()
        except (ValueError, KeyError, InvalidTag, binascii.Error):
            pass
        raise CannotOpen(f"the stored {name} cannot be opened with the keys given; set it again")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, altchars=b"-_", validate=True)
