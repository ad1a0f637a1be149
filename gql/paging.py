"""Pages of a long list, by the key of their last row.

A cursor names a row, not a number of rows: rows that come or go between two
pages are neither repeated nor skipped, and no page costs more than the first.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import orjson
import strawberry

from domain.errors import BadCursor, Invalid

T = TypeVar("T")
Row = TypeVar("Row")

# Text, numbers and instants by which a list is ordered, the id last.
Key = tuple[Any, ...]

DEFAULT: Final = 20
MOST: Final = 100

_VERSION: Final = b"\x01"
_LONGEST: Final = 512
_INSTANT: Final = "at"


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """The neighbours of a page and its two ends."""

    has_next_page: bool = strawberry.field(description="Whether rows follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows precede this page.")
    start_cursor: str | None = strawberry.field(
        description="The first row's cursor, for `before`; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="The last row's cursor, for `after`; null on an empty page."
    )


@strawberry.type(description="One row of a page.")
class Edge(Generic[T]):
    """A node and its place in the list."""

    node: T = strawberry.field(description="The row itself.")
    cursor: str = strawberry.field(description="The row's place under the order asked for.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Rows of one page; the whole is counted only when that is asked for."""

    edges: list[Edge[T]] = strawberry.field(description="The rows, in the order asked for.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in its list.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="How many rows the whole list has under this filter.")
    async def total_count(self) -> int:
        """Count now."""
        return await self.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The rows that a page asks for.

    order: names the list's order; cursors of another do not fit.
    size: rows on the page. Read ``fetch`` of them, to know whether more follow.
    position: the key of the row before the page; None for an end of the list.
    is_backward: read towards the beginning, nearest row first.
    skip: rows of the list that are passed over before the page.
    """

    order: str
    size: int
    position: Key | None
    is_backward: bool
    skip: int = 0

    @property
    def fetch(self) -> int:
        """Return how many rows to read: one more than the page has."""
        return self.size + 1


def window(
    *,
    order: str,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Window:
    """Check the arguments of a list and return the rows that they ask for.

    ``first`` equal to the schema's default counts as not given beside ``last``,
    because a resolver cannot tell the two apart.
    Raises Invalid for sizes outside 1 to 100 and for arguments that exclude
    each other, and BadCursor.
    """
    is_backward = last is not None or (before is not None and first is None)
    if last is not None and first not in (None, DEFAULT):
        raise Invalid("first and last exclude each other", path=["last"])
    if is_backward and after is not None:
        raise Invalid("after belongs to first, before to last", path=["after"])
    if not is_backward and before is not None:
        raise Invalid("before belongs to last, after to first", path=["before"])
    size = last if is_backward else first
    name, cursor = ("last", before) if is_backward else ("first", after)
    if size is None:
        size = DEFAULT
    if not 1 <= size <= MOST:
        raise Invalid(f"{name} must be 1 to {MOST}, not {size}", path=[name])
    position = key_of(cursor, order=order) if cursor is not None else None
    return Window(order=order, size=size, position=position, is_backward=is_backward)


def connection(
    asked: Window,
    rows: Sequence[Row],
    *,
    key: Callable[[Row], Key],
    node: Callable[[Row], T],
    count: Callable[[], Awaitable[int]],
) -> Connection[T]:
    """Show the rows that were read for a window.

    rows: at most ``asked.fetch``, in the direction of the window.
    count: called only when ``totalCount`` is selected.
    """
    has_more = len(rows) > asked.size
    page = list(rows[: asked.size])
    if asked.is_backward:
        page.reverse()
    edges = [Edge(node=node(row), cursor=cursor_of(key(row), order=asked.order)) for row in page]
    came_from = asked.position is not None or asked.skip > 0
    info = PageInfo(
        has_next_page=came_from if asked.is_backward else has_more,
        has_previous_page=has_more if asked.is_backward else came_from,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info, count=count)


def cursor_of(key: Key, *, order: str) -> str:
    """Return the cursor of a row: its key under an order, as opaque text."""
    values = [
        {_INSTANT: value.isoformat()} if isinstance(value, datetime) else value for value in key
    ]
    raw = _VERSION + orjson.dumps([order, *values])
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def key_of(cursor: str, *, order: str) -> Key:
    """Return the key in a cursor. Raises BadCursor when it was not made for this order."""
    try:
        if len(cursor) > _LONGEST:
            raise ValueError("too long")  # noqa: TRY301 — all that is torn is told alike
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        made_for, *values = orjson.loads(raw.removeprefix(_VERSION))
        key = tuple(_value_of(value) for value in values)
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise BadCursor("this cursor is torn: begin again without it") from error
    if not raw.startswith(_VERSION) or made_for != order or not key:
        raise BadCursor("this cursor belongs to another list or order: begin again without it")
    return key


def _value_of(value: object) -> object:
    if isinstance(value, dict):
        instant = datetime.fromisoformat(value[_INSTANT])
        if instant.tzinfo is None:
            raise ValueError("an instant needs its zone")
        return instant
    if isinstance(value, list):
        raise TypeError("no list in a key")
    return value
