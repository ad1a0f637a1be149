"""The question how things stand."""

from typing import Any

import strawberry
from strawberry.types import Info

from gql.context import Context
from gql.overview.types import Overview
from operations.access.scope import scope_of


@strawberry.type
class OverviewQueries:
    """Root fields."""

    @strawberry.field(description="The pane: counts and freshness in one read.")
    def overview(self, info: Info[Context, Any]) -> Overview:
        """Fix the moment; each part reads when it is selected. Raises Forbidden."""
        scope_of(info.context.actor)
        return Overview(as_of=info.context.as_of)
