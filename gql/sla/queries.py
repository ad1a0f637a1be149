"""The question which service levels are in force."""

from typing import Any

import strawberry
from strawberry.types import Info

from gql.context import Context
from gql.sla.types import SlaConfig
from models.coding import to_milliseconds
from operations.access.scope import scope_of
from operations.sla.policy_in_force import policy_in_force


async def shown_config(context: Context) -> SlaConfig:
    """Show what is in force now. Raises Forbidden, and Unavailable when nothing is."""
    scope_of(context.actor)
    found = await policy_in_force(context.runtime)
    return SlaConfig.of(found, now_ms=to_milliseconds(context.runtime.now()))


@strawberry.type
class SlaQueries:
    """Root fields."""

    @strawberry.field(description="The service levels in force, and whether their file is good.")
    async def sla(self, info: Info[Context, Any]) -> SlaConfig:
        """Read them."""
        return await shown_config(info.context)
