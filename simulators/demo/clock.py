"""A clock that can be set back, so that a past is told at its own times."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime


class Clock:
    """The time now, or the moment that is being told. Callable, as instances take it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Go by this clock, aware, unless told otherwise."""
        self._now = now
        self._told: datetime | None = None

    def __call__(self) -> datetime:
        """Return the time."""
        return self._told or self._now()

    @contextmanager
    def past(self) -> Iterator[Callable[[datetime], None]]:
        """Stand still meanwhile, at the moment that the given function was told last."""
        try:
            yield self._tell
        finally:
            self._told = None

    def _tell(self, at: datetime) -> None:
        self._told = at
