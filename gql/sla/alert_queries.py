"""Questions about alerts."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql.arguments import After, First
from gql.context import Context
from gql.keysets import keyset
from gql.paging import DEFAULT, Connection, connection, window
from gql.sla.alert_filters import AlertFilter
from gql.sla.alerts import ORDER, Alert, key_of
from models.reads import alerts as reads


@strawberry.type
class AlertQueries:
    """Root fields."""

    @strawberry.field(
        description="What the clocks of tickets and incidents have raised, the last first."
    )
    async def alerts(
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        filter: Annotated[
            AlertFilter | None, strawberry.argument(description="Only these.")
        ] = None,
    ) -> Connection[Alert]:
        """Read a page of alerts. Raises Invalid."""
        asked = window(order=ORDER, first=first, after=after)
        wanted = (filter or AlertFilter()).to_read()
        scope = info.context.loaders.scope
        return connection(
            asked,
            await reads.alert_page(scope, wanted, keyset(asked, is_descending=True)),
            key=key_of,
            node=Alert.of,
            count=lambda: reads.alert_count(scope, wanted),
        )
