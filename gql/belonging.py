"""Pages of the records that belong to another."""

from collections.abc import Callable
from typing import Any, TypeVar

from gql.context import Context
from gql.keysets import keyset
from gql.paging import Connection, connection, window
from models.reads.belonging import Members

R = TypeVar("R")
T = TypeVar("T")


async def member_page(  # noqa: PLR0913 — a list's arguments, and what it shows
    context: Context,
    members: Members[R],
    owner: str,
    *,
    order: str,
    first: int | None,
    after: str | None,
    node: Callable[[R], T],
) -> Connection[T]:
    """Show a page of an owner's records, the greatest key first.

    All owners of the request are read at once. order: the list's name in cursors.
    """
    asked = window(order=order, first=first, after=after)
    loaders = context.loaders
    found = await loaders.member_pages[members, keyset(asked, is_descending=True)].load(owner)

    async def count() -> int:
        return await loaders.member_counts[members].load(owner) or 0

    def key(row: R) -> tuple[Any, ...]:
        return tuple(getattr(row, column.name) for column in members.key)

    return connection(asked, found or [], key=key, node=node, count=count)
