"""Questions about dead letters."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql.context import Context
from gql.dead_letters.types import DeadLetter
from gql.nodes import own_key
from models.reads.dead_letters import dead_letter_numbered


@strawberry.input(one_of=True, description="A dead letter by one of its names.")
class DeadLetterBy:
    """Exactly one field is given."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The global id.")
    number: strawberry.Maybe[int] = strawberry.field(description="The number in `entry-456`.")


@strawberry.type
class DeadLetterQueries:
    """Root fields."""

    @strawberry.field(description="One dead letter; null when there is none that you may see.")
    async def dead_letter(
        self,
        info: Info[Context, Any],
        by: Annotated[DeadLetterBy, strawberry.argument(description="Which one.")],
    ) -> DeadLetter | None:
        """Read one dead letter."""
        loaders = info.context.loaders
        if by.number is not None:
            found = await dead_letter_numbered(loaders.scope, by.number.value)
        else:
            named = by.id.value if by.id is not None else ""
            found = await loaders.letters.by_id.load(own_key(named, "DeadLetter"))
        return None if found is None else DeadLetter.of(found)
