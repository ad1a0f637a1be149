"""Questions about what is to come, and what another policy would change."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql.arguments import After, First
from gql.context import Context
from gql.keysets import keyset
from gql.paging import DEFAULT, Connection, connection, window
from gql.sla.forecasts import SlaForecast, SlaLoad
from gql.sla.previews import SlaPolicyPreview
from gql.tickets.filters import TicketFilter
from models.reads.sla_forecast import coming, coming_count
from operations.sla.look_ahead import LookAhead, hourly_load, look_ahead
from operations.sla.preview_policy import PreviewPolicy, preview_policy

Only = Annotated[
    TicketFilter | None,
    strawberry.argument(description="Only these tickets; left out, incidents are shown too."),
]


@strawberry.type
class ForecastQueries:
    """Root fields."""

    @strawberry.field(
        description="Every running clock that will alert or breach if nothing changes, the "
        "soonest first, and then those paused ones that would breach by then if they ran on "
        "from now, those with the least left first. A change is seen as soon as its clocks have "
        "been looked at, within a second or two."
    )
    async def sla_forecast(
        self,
        info: Info[Context, Any],
        until: Annotated[
            datetime, strawberry.argument(description="By when, at most 92 days from now.")
        ],
        first: First = DEFAULT,
        after: After = None,
        filter: Only = None,
    ) -> Connection[SlaForecast]:
        """Read a page of clocks. Raises Invalid, and Unavailable while nothing is in force."""
        context = info.context
        scope = context.loaders.scope
        asked = window(order="SLA_FORECAST", first=first, after=after)
        outlook = await look_ahead(context.runtime, _ask(context, until, filter))
        return connection(
            asked,
            await coming(scope, outlook.ahead, keyset(asked, is_descending=False)),
            key=lambda one: one.key,
            node=lambda one: SlaForecast.of(one, outlook),
            count=lambda: coming_count(scope, outlook.ahead),
        )

    @strawberry.field(
        description="How many clocks alert and breach in each hour from this one on, if nothing "
        "changes; paused ones do neither."
    )
    async def sla_load(
        self,
        info: Info[Context, Any],
        until: Annotated[
            datetime, strawberry.argument(description="By when, at most 14 days from now.")
        ],
        filter: Only = None,
    ) -> list[SlaLoad]:
        """Count them. Raises as the forecast does."""
        context = info.context
        ask = _ask(context, until, filter)
        hours = await hourly_load(context.runtime, context.loaders.scope, ask)
        return [SlaLoad.of(hour) for hour in hours]

    @strawberry.field(
        description="What a policy would change, before it is saved. Nothing is written. For "
        "administrators, managers and commanders."
    )
    async def sla_policy_preview(
        self,
        info: Info[Context, Any],
        yaml: Annotated[
            str, strawberry.argument(description="The text of the file, 256 KiB at most.")
        ],
    ) -> SlaPolicyPreview:
        """Ask ``operations`` and show the answer."""
        context = info.context
        found = await preview_policy(context.runtime, context.actor, PreviewPolicy(text=yaml))
        return SlaPolicyPreview.of(found)


def _ask(context: Context, until: datetime, filter: TicketFilter | None) -> LookAhead:
    wanted = None if filter is None else filter.to_read(context.as_of)
    return LookAhead(at=context.as_of, until=until, wanted=wanted)
