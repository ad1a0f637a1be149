"""What service levels measure, as the graph shows it."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry.types import Info

from domain.records import RecordKind
from gql.arguments import After, First
from gql.context import Context
from gql.nodes import Node
from gql.paging import DEFAULT, Connection
from gql.sla import alerts as alert_types

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
        description="What its clocks have raised, the last first, suppressed ones too."
    )
    async def alerts(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Alerts:
        """Read a page for all subjects of the request at once."""
        return await alert_types.alerts_of(info.context, self.key, first=first, after=after)
