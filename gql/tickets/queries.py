"""Questions about tickets."""

from dataclasses import replace
from typing import Annotated, Any, Final

import strawberry
from strawberry.types import Info

from domain.errors import Invalid
from gql.arguments import After, First
from gql.context import Context
from gql.keysets import keyset
from gql.nodes import own_key
from gql.ordering import SortDirection
from gql.paging import DEFAULT, Connection, Key, Window, connection, window
from gql.tickets.filters import TicketBy, TicketFilter, TicketOrder
from gql.tickets.types import Ticket
from models.reads import ticket as reads
from models.reads.page import count, page
from models.reads.ticket import ORDERS, TICKETS, TicketOrderField, ticket_called
from models.reads.ticket_due import DueOrder, due_page

MOST_SKIPPED: Final = 10_000


@strawberry.type
class TicketQueries:
    """Root fields."""

    @strawberry.field(
        description=(
            "One ticket; null when there is none that you may see, and when several share the name."
        )
    )
    async def ticket(
        self,
        info: Info[Context, Any],
        by: Annotated[TicketBy, strawberry.argument(description="Which one.")],
    ) -> Ticket | None:
        """Read one ticket."""
        loaders = info.context.loaders
        if by.source_id is not None:
            found = await ticket_called(loaders.scope, by.source_id.value)
        else:
            named = by.id.value if by.id is not None else ""
            found = await loaders.tickets.load(own_key(named, "Ticket"))
        return None if found is None else Ticket.of(found)

    @strawberry.field(
        description="The tickets that are not deleted, the last changed first by default."
    )
    async def tickets(  # noqa: PLR0913, PLR0917 — a list's arguments
        self,
        info: Info[Context, Any],
        first: First = DEFAULT,
        after: After = None,
        offset: Annotated[
            int | None,
            strawberry.argument(
                description="Instead of `after`: pass over so many rows, 0 to 10,000. "
                "Each costs as much as one that is shown."
            ),
        ] = None,
        filter: Annotated[
            TicketFilter | None, strawberry.argument(description="Only these.")
        ] = None,
        order_by: Annotated[
            TicketOrder | None, strawberry.argument(description="In this order.")
        ] = None,
    ) -> Connection[Ticket]:
        """Read a page of tickets. Raises Invalid."""
        order = order_by or TicketOrder(
            field=TicketOrderField.UPDATED_AT, direction=SortDirection.DESC
        )
        asked = _past(offset, window(order=order.name, first=first, after=after))
        context = info.context
        wanted, scope = (filter or TicketFilter()).to_read(context.as_of), context.loaders.scope
        rows = keyset(asked, is_descending=order.direction is SortDirection.DESC)
        keyed: list[tuple[Key, reads.Ticket]]
        if order.field in ORDERS:
            found = await page(scope, TICKETS, wanted, ORDERS[order.field], rows)
            keyed = [(_key(row, order.field), row) for row in found]
        else:
            due = await due_page(scope, wanted, _due(order, filter, context), rows)
            keyed = [((one.due_at, one.ticket.id), one.ticket) for one in due]
        return connection(
            asked,
            keyed,
            key=lambda row: row[0],
            node=lambda row: Ticket.of(row[1]),
            count=lambda: count(scope, TICKETS, wanted),
        )


def _due(order: TicketOrder, filter: TicketFilter | None, context: Context) -> DueOrder:
    return DueOrder(
        is_by_breach=order.field is TicketOrderField.BREACH_AT,
        at=context.as_of,
        clock=None if filter is None else filter.clock,
    )


def _past(offset: int | None, asked: Window) -> Window:
    if offset is None:
        return asked
    if asked.position is not None:
        raise Invalid("offset and after exclude each other", path=["offset"])
    if not 0 <= offset <= MOST_SKIPPED:
        raise Invalid(f"offset must be 0 to {MOST_SKIPPED}, not {offset}", path=["offset"])
    return replace(asked, skip=offset)


def _key(row: reads.Ticket, field: TicketOrderField) -> Key:
    if field is TicketOrderField.PRIORITY:
        return row.priority.value, row.updated_at, row.id
    return row.updated_at, row.id
