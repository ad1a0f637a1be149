"""Which rows of an ordered list are read: so many, past a key, in one direction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from domain.errors import BadCursor
from models.coding import to_milliseconds
from models.reads.conditions import Conditions

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that orders a list, and the type of its values in a key."""

    name: str
    type: type


# The primary key, which settles ties and is always last.
ID: Final = Column(name="id", type=str)

_TO_COLUMN: Final[Mapping[type, Any]] = MappingProxyType({datetime: to_milliseconds})


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyset:
    """At most ``limit`` rows past ``position`` (None: from the end of the list).

    is_descending: the direction of reading, which is against the list's own
        order when the page before a row is read.
    skip: rows passed over first; each costs as much as one that is read.
    """

    limit: int
    position: Key | None
    is_descending: bool
    skip: int = 0

    def restrict(self, conditions: Conditions, columns: Sequence[Column], alias: str) -> None:
        """Add the condition of the position. Raises BadCursor for a key of another form."""
        if self.position is not None:
            names = [f"{alias}.{column.name}" for column in columns]
            conditions.add(self.past(conditions, columns, names))

    def past(self, conditions: Conditions, columns: Sequence[Column], names: Sequence[str]) -> str:
        """Return the condition of the position, ``names`` being the columns in the statement.

        Raises BadCursor for a key of another form.
        """
        if self.position is None:
            return "TRUE"
        types = tuple(type(value) for value in self.position)
        if types != tuple(column.type for column in columns):
            raise BadCursor("this cursor belongs to another list: begin again without it")
        places = conditions.put_all(
            _TO_COLUMN.get(type(value), lambda same: same)(value) for value in self.position
        )
        return f"({', '.join(names)}) {'<' if self.is_descending else '>'} ({places})"

    def order_by(self, columns: Sequence[Column], alias: str = "") -> str:
        """Return the words of an ORDER BY; without an alias, over the columns of a UNION."""
        prefix = f"{alias}." if alias else ""
        direction = "DESC" if self.is_descending else "ASC"
        return ", ".join(f"{prefix}{column.name} {direction}" for column in columns)
