"""Questions about what other strategies would have done."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql.context import Context
from gql.explain.shadow import ShadowResult
from gql.nodes import key_in
from operations.access.scope import scope_of
from operations.sync.shadow import ShadowStrategies, shadow_strategies


@strawberry.type
class ShadowQueries:
    """Root fields."""

    @strawberry.field(
        description="What each conflict strategy would have made of the changes that an "
        "integration's vendor made, the one in force too. Nothing is written. At most 50,000 "
        "changes, the oldest first."
    )
    async def shadow_strategies(
        self,
        info: Info[Context, Any],
        integration_id: Annotated[strawberry.ID, strawberry.argument(description="Whose changes.")],
        since: Annotated[
            datetime, strawberry.argument(description="From when on, by the vendor's time.")
        ],
    ) -> list[ShadowResult]:
        """Ask ``operations`` and show the answer."""
        scope_of(info.context.actor)
        key = key_in(integration_id, "Integration", path=("integrationId",))
        ask = ShadowStrategies(integration_id=key, since=since)
        shadowed = await shadow_strategies(info.context.actor, ask)
        return [ShadowResult.of(shadow, shadowed) for shadow in shadowed.shadows]
