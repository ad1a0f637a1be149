"""People and groups that a vendor knows."""

from collections.abc import Callable, Collection
from typing import TypeVar

import strawberry

from gql.context import Context
from gql.keysets import keyset
from gql.paging import Connection, connection, window
from models.reads import directory as reads

T = TypeVar("T")


@strawberry.type(description="Somebody whom a vendor's records name.")
class Person:
    """A person."""

    external_id: str = strawberry.field(description="The vendor's own id.")
    name: str = strawberry.field(description="As the vendor writes it.")
    email: str | None = strawberry.field(description="Null when the vendor does not tell.")

    @classmethod
    def of(cls, record: reads.Listed) -> "Person":
        """Show a record."""
        return cls(external_id=record.external_id, name=record.name, email=record.email)


@strawberry.type(description="A team, or a policy that names whom to call.")
class Group:
    """A group."""

    external_id: str = strawberry.field(description="The vendor's own id.")
    name: str = strawberry.field(description="As the vendor writes it.")

    @classmethod
    def of(cls, record: reads.Listed) -> "Group":
        """Show a record."""
        return cls(external_id=record.external_id, name=record.name)


async def directory(  # noqa: PLR0913 — a list's arguments, and what it shows
    context: Context,
    integration_id: str,
    tables: Collection[str],
    *,
    order: str,
    first: int | None,
    after: str | None,
    node: Callable[[reads.Listed], T],
) -> Connection[T]:
    """Show a page of what an integration's tables hold, by name."""
    asked = window(order=order, first=first, after=after)
    scope, rows = context.loaders.scope, keyset(asked, is_descending=False)
    return connection(
        asked,
        await reads.directory_page(scope, integration_id, tables, rows),
        key=lambda row: (row.name, row.id),
        node=node,
        count=lambda: reads.directory_count(scope, integration_id, tables),
    )
