"""Ids that sort by when they were made."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from models.coding import to_milliseconds

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS: Final = 80
_LENGTH: Final = 26


class Ulids:
    """Makes ULIDs that rise within a process, also within one millisecond.

    https://github.com/ulid/spec: 48 bits of milliseconds, 80 bits of chance; in
    the same millisecond the number before plus one.
    """

    def __init__(
        self, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
    ) -> None:
        """Take the clock and the source of chance."""
        self._now = now
        self._random_bytes = random_bytes
        self._last = 0

    def __call__(self) -> str:
        """Return the next id, 26 characters of Crockford's base 32."""
        chance = int.from_bytes(self._random_bytes(_RANDOM_BITS // 8))
        fresh = (to_milliseconds(self._now()) << _RANDOM_BITS) | chance
        is_later = fresh >> _RANDOM_BITS > self._last >> _RANDOM_BITS
        self._last = fresh if is_later else self._last + 1
        return _text(self._last)


def _text(number: int) -> str:
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
