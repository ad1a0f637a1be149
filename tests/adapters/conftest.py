from datetime import UTC, datetime, timedelta

import pytest


class Clock:
    """Our clock and the vendor's; it only moves when told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()
