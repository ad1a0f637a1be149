"""Questions about conflicts."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql.arguments import After, First
from gql.conflicts.filters import ConflictFilter
from gql.conflicts.types import Conflict, key_of
from gql.context import Context
from gql.keysets import keyset
from gql.nodes import own_key
from gql.paging import DEFAULT, Connection, connection, window
from models.reads import conflicts as reads


@strawberry.input(one_of=True, description="A conflict by one of its names.")
class ConflictBy:
    """Exactly one field is given."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The global id.")
    number: strawberry.Maybe[int] = strawberry.field(description="What people call it.")


@strawberry.type
class ConflictQueries:
    """Root fields."""

    @strawberry.field(description="One conflict; null when there is none that you may see.")
    async def conflict(
        self,
        info: Info[Context, Any],
        by: Annotated[ConflictBy, strawberry.argument(description="Which one.")],
    ) -> Conflict | None:
        """Read one conflict."""
        loaders = info.context.loaders
        if by.number is not None:
            found = await reads.conflict_numbered(loaders.scope, by.number.value)
        else:
            named = by.id.value if by.id is not None else ""
            found = await loaders.conflicts.by_id.load(own_key(named, "Conflict"))
        return None if found is None else Conflict.of(found)

    @strawberry.field(description="The conflicts, the last found first.")
    async def conflicts(
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        filter: Annotated[
            ConflictFilter | None, strawberry.argument(description="Only these.")
        ] = None,
    ) -> Connection[Conflict]:
        """Read a page of conflicts."""
        asked = window(order="DETECTED_AT", first=first, after=after)
        context = info.context
        wanted = (filter or ConflictFilter()).to_read(context.actor)
        scope = context.loaders.scope
        rows = await reads.conflict_page(scope, wanted, keyset(asked, is_descending=True))
        return connection(
            asked,
            rows,
            key=key_of,
            node=Conflict.of,
            count=lambda: reads.conflict_count(scope, wanted),
        )
