"""What service levels measure, as the graph shows it."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry.types import Info

from domain.records import RecordKind
from domain.sla.terms import SlaState, SlaSubjectKind
from gql.arguments import After, First
from gql.context import Context
from gql.nodes import Node
from gql.paging import DEFAULT, Connection
from gql.sla import alerts as alert_types
from gql.sla.clocks import SlaClock
from operations.sla.clocks_now import Measured

if TYPE_CHECKING:
    from gql.sla.alerts import Alert

Alerts = Connection[Annotated["Alert", strawberry.lazy("gql.sla.alerts")]]


@strawberry.interface(description="What an SLA clock runs on: a ticket or an incident.")
class SlaSubject(Node):
    """A subject."""

    kind: ClassVar[RecordKind]

    title: str = strawberry.field(description="What it is about, in a line.")
    key: strawberry.Private[str]

    @strawberry.field(
        description="That of the worse of its clocks; null where nothing is measured."
    )
    async def sla_state(self, info: Info[Context, Any]) -> SlaState | None:
        """Read the clocks for all subjects of the request at once."""
        found = await self._measured(info.context)
        return None if found is None else found.state

    @strawberry.field(
        description="Its clocks that are measured, RESPONSE first, at the moment of the question."
    )
    async def clocks(self, info: Info[Context, Any]) -> list[SlaClock]:
        """Read them for all subjects of the request at once."""
        found = await self._measured(info.context)
        return [] if found is None else [SlaClock.of(one) for one in found.clocks]

    @strawberry.field(
        description="How many alerts of its present cycle were told; it never falls within one."
    )
    async def escalation_level(self, info: Info[Context, Any]) -> int:
        """Read it together with the clocks."""
        found = await self._measured(info.context)
        return 0 if found is None else found.escalation_level

    @strawberry.field(
        description="What its clocks have raised, the last first, suppressed ones too."
    )
    async def alerts(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Alerts:
        """Read a page for all subjects of the request at once."""
        return await alert_types.alerts_of(info.context, self.key, first=first, after=after)

    async def _measured(self, context: Context) -> Measured | None:
        kind = SlaSubjectKind(self.kind.value)
        return await context.loaders.sla.measured(context.runtime, kind, context.as_of).load(
            self.key
        )
