"""When things happen in tests, and the ids that they get."""

from datetime import UTC, datetime
from itertools import count

NOW = datetime(2026, 3, 2, 13, 24, tzinfo=UTC)

_numbers = count(1)


def new_id() -> str:
    """Return an id of 26 characters; later ones are greater."""
    return f"{next(_numbers):026d}"
