"""How time is cut, where the vendor filters by it and lists only so much. Pure.

All windows are half open, and end in whole seconds: the vendor's times have no more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from adapters.pagerduty.reading import instant, operand

# A query may span six months at most, of which the shortest six have 181 days.
LONGEST: Final = timedelta(days=180)
SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From ``start`` to ``end``, on the way to ``until``."""

    start: datetime
    end: datetime
    until: datetime

    def halved(self) -> "Window | None":
        """Return the first half; None of a second, which cannot be halved."""
        seconds = (self.end - self.start) // SECOND
        if seconds <= 1:
            return None
        return replace(self, end=self.start + SECOND * (seconds // 2))

    def next(self) -> "Window | None":
        """Return the window behind this one, twice as long; None behind the last."""
        if self.end >= self.until:
            return None
        span = min((self.end - self.start) * 2, LONGEST)
        return replace(self, start=self.end, end=min(self.end + span, self.until))

    def query(self) -> tuple[tuple[str, str], ...]:
        """Return the bounds as the vendor wants them."""
        return (("since", operand(self.start)), ("until", operand(self.end)))

    def text(self) -> str:
        """Return a form that can be stored."""
        times = (self.start, self.end, self.until)
        return json.dumps([operand(at) for at in times])


def whole(start: datetime, until: datetime) -> Window:
    """Return the first window of a span, as long as may be."""
    start = start.replace(microsecond=0)
    until = max(until, start + SECOND)
    return Window(start=start, end=min(start + LONGEST, until), until=until)


def window(text: str) -> Window:
    """Return what ``Window.text`` stored. Raises ValueError."""
    start, end, until = (instant(at) for at in json.loads(text))
    return Window(start=start, end=end, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A walk through incidents in the order of their creation.

    The next page begins with those created at ``at``, of which ``passed`` have
    been read. So no offset grows with the account, and none moves when a row
    that was read leaves the list.
    """

    at: datetime
    until: datetime
    passed: int = 0

    @property
    def window(self) -> Window:
        """What the next page is asked from."""
        return whole(self.at, self.until)

    def behind(self, created: Sequence[datetime], *, has_more: bool) -> "Walk | None":
        """Return the walk behind a page of rows created then; None at its end.

        Raises ValueError when the rows are not in the order of their creation,
        since such a walk might never end.
        """
        if not has_more:
            end = self.window.end
            return None if end >= self.until else replace(self, at=end, passed=0)
        if not created or created[0] < self.at or list(created) != sorted(created):
            raise ValueError("the rows are not ordered by created_at")
        last = created[-1].replace(microsecond=0)
        same = sum(at >= last for at in created)
        return replace(self, at=last, passed=self.passed + same if last == self.at else same)

    def text(self) -> str:
        """Return a form that can be stored."""
        return json.dumps([operand(self.at), operand(self.until), self.passed])


def walk(text: str) -> Walk:
    """Return what ``Walk.text`` stored. Raises ValueError."""
    at, until, passed = json.loads(text)
    return Walk(at=instant(at), until=instant(until), passed=int(passed))
