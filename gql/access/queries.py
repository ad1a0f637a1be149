"""The question who asks."""

from typing import Any

import strawberry
from strawberry.types import Info

from gql.access.types import Actor
from gql.context import Context


@strawberry.type
class AccessQueries:
    """Root fields."""

    @strawberry.field(description="Who you are to this server, and what you may do.")
    def me(self, info: Info[Context, Any]) -> Actor:
        """Show the caller."""
        return Actor.of(info.context.actor)
