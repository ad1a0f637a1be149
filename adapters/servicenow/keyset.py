"""Walking a table in the order of (time, sys_id), from the last row read onwards.

Offsets move when rows change meanwhile, and a time has only seconds: pages go
on by key, and by offset only past rows that access rules hide.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.servicenow.values import identity, instant, literal, raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Behind the row ``(at, sys_id)``, or at the beginning when None; then ``offset`` rows on."""

    after: tuple[datetime, str] | None = None
    offset: int = 0

    def text(self) -> str:
        """Return a form that can be stored."""
        at, sys_id = (literal(self.after[0]), self.after[1]) if self.after else (None, None)
        return json.dumps({"at": at, "sys_id": sys_id, "offset": self.offset})


def stored(text: str | None) -> Position:
    """Return the position that ``Position.text`` stored; the beginning for None.

    Raises ValueError for any other text.
    """
    if text is None:
        return Position()
    kept = json.loads(text)
    after = (instant(kept["at"]), identity(kept["sys_id"])) if kept["at"] else None
    return Position(after=after, offset=int(kept["offset"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What is walked through.

    time: the column of time; condition: on all rows, empty for none.
    since: the earliest time, inclusive, None for all.
    """

    time: str
    condition: str = ""
    since: datetime | None = None

    def query(self, position: Position) -> str:
        """Return the encoded query for what lies behind a position.

        ``^NQ`` begins another query, so both halves repeat the condition.
        """
        order = f"ORDERBY{self.time}^ORDERBYsys_id"
        if position.after is None:
            bound = f"{self.time}>={literal(self.since)}" if self.since else ""
            return "^".join(filter(None, (self.condition, bound, order)))
        at, sys_id = literal(position.after[0]), position.after[1]
        same = "^".join(filter(None, (self.condition, f"{self.time}={at}", f"sys_id>{sys_id}")))
        later = "^".join(filter(None, (self.condition, f"{self.time}>{at}", order)))
        return f"{same}^NQ{later}"

    def behind(self, rows: Sequence[object], position: Position, limit: int) -> Position:
        """Return the position behind a page of at most ``limit`` rows.

        A page without a row that has a place in the order is passed by offset.
        Raises ValueError when the vendor did not keep to the order, since such
        a walk might never end.
        """
        keys = [key for row in rows if (key := self._key(row)) is not None]
        if not keys:
            return Position(after=position.after, offset=position.offset + limit)
        last = keys[-1]
        if position.after and (last[0] < position.after[0] or last == position.after):
            raise ValueError(f"the rows are not ordered by {self.time}")
        return Position(after=last)

    def _key(self, row: object) -> tuple[datetime, str] | None:
        if not isinstance(row, Mapping):
            return None
        try:
            return instant(raw(row, self.time)), identity(raw(row, "sys_id"))
        except ValueError:
            return None
