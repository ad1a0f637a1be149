"""Questions about incidents."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql.arguments import After, Before, First, Last
from gql.context import Context
from gql.incidents.filters import IncidentFilter, IncidentOrder
from gql.incidents.types import Incident
from gql.keysets import keyset
from gql.nodes import own_key
from gql.ordering import SortDirection
from gql.paging import DEFAULT, Connection, connection, window
from models.reads import incident as reads
from models.reads.incident import INCIDENTS, incident_numbered
from models.reads.incident_page import ORDERS, IncidentOrderField
from models.reads.page import count, page


@strawberry.input(one_of=True, description="An incident by one of its names.")
class IncidentBy:
    """Exactly one field is given."""

    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The global id.")
    number: strawberry.Maybe[str] = strawberry.field(
        description="Its number, or the key of any of its links."
    )


@strawberry.type
class IncidentQueries:
    """Root fields."""

    @strawberry.field(
        description=(
            "One incident; null when there is none that you may see, "
            "and when several share the number."
        )
    )
    async def incident(
        self,
        info: Info[Context, Any],
        by: Annotated[IncidentBy, strawberry.argument(description="Which one.")],
    ) -> Incident | None:
        """Read one incident."""
        loaders = info.context.loaders
        if by.number is not None:
            found = await incident_numbered(loaders.scope, by.number.value)
        else:
            named = by.id.value if by.id is not None else ""
            found = await loaders.incidents.load(own_key(named, "Incident"))
        return None if found is None else Incident.of(found)

    @strawberry.field(
        description="The incidents that are not deleted, the last changed first by default."
    )
    async def incidents(  # noqa: PLR0913, PLR0917 — a list's arguments
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            IncidentFilter | None, strawberry.argument(description="Only these.")
        ] = None,
        order_by: Annotated[
            IncidentOrder | None, strawberry.argument(description="In this order.")
        ] = None,
    ) -> Connection[Incident]:
        """Read a page of incidents."""
        order = order_by or IncidentOrder(field=IncidentOrderField.UPDATED_AT)
        asked = window(order=order.name, first=first, after=after, last=last, before=before)
        scope = info.context.loaders.scope
        wanted = (filter or IncidentFilter()).to_read(scope, info.context.as_of)
        is_descending = order.direction is SortDirection.DESC
        rows = await page(
            scope,
            INCIDENTS,
            wanted,
            ORDERS[order.field],
            keyset(asked, is_descending=is_descending),
        )
        return connection(
            asked,
            rows,
            key=lambda row: (_ordering(row, order.field), row.id),
            node=Incident.of,
            count=lambda: count(scope, INCIDENTS, wanted),
        )


def _ordering(row: reads.Incident, field: IncidentOrderField) -> datetime | str:
    match field:
        case IncidentOrderField.UPDATED_AT:
            return row.updated_at
        case IncidentOrderField.CREATED_AT:
            return row.created_at
        case IncidentOrderField.SEVERITY:
            return row.severity.value
        case IncidentOrderField.NUMBER:
            return row.number
