"""Ids and times as the account writes them."""

import hashlib
from datetime import UTC, datetime
from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# First letter and length of the ids of each kind, as recorded; others are like a user's.
_FORMS: Final = {"incident": ("Q", 14), "alert": ("Q", 14), "log_entry": ("R", 26)}


def identity(kind: str, name: object) -> str:
    """Return the id of what is known by name or number: the same on every start."""
    letter, length = _FORMS.get(kind, ("P", 7))
    digest = hashlib.blake2b(f"{kind}/{name}".encode(), digest_size=20).digest()
    return letter + based(int.from_bytes(digest, "big"), length - 1)


def key(kind: str, name: object) -> str:
    """Return 32 hexadecimal digits, as keys of integrations and incidents have."""
    return hashlib.blake2b(f"{kind}/{name}".encode(), digest_size=16).hexdigest()


def based(number: int, length: int) -> str:
    """Return the last digits of a number to the base of 36."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 36)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def stamp(at: datetime) -> str:
    """Return an instant as text: UTC, one-second resolution."""
    return at.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def instant(text: str) -> datetime:
    """Read what ``stamp`` wrote."""
    return datetime.fromisoformat(text)
