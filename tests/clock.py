"""Time that passes only when a test says so."""

from datetime import UTC, datetime, timedelta


class Clock:
    """A clock; call ``now`` for the instant, ``move`` to let time pass."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 10, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)
