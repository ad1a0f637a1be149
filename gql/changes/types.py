"""Changes as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry.types import Info

from domain.records import ChangeRisk, ChangeStatus, RecordKind
from gql.arguments import After, First
from gql.assets import types as service_types
from gql.belonging import member_page
from gql.context import Context
from gql.incidents import types as incident_types
from gql.nodes import global_id
from gql.paging import DEFAULT, Connection
from gql.records.types import Record, Services
from models.reads import change as reads
from models.reads.related import INCIDENTS_OF_CHANGE

if TYPE_CHECKING:
    from gql.incidents.types import Incident

Incidents = Connection[Annotated["Incident", strawberry.lazy("gql.incidents.types")]]


@strawberry.type(description="A planned alteration of services.")
class Change(Record):
    """A change."""

    kind: ClassVar[RecordKind] = RecordKind.CHANGE

    number: str = strawberry.field(description="What people call it.")
    description: str | None = strawberry.field(description="What is to be done, at length.")
    status: ChangeStatus = strawberry.field(description="Where it stands.")
    risk: ChangeRisk = strawberry.field(
        description="How likely it is to do harm, as those who plan it say."
    )
    assignee: str | None = strawberry.field(description="Who does it; null for nobody.")
    starts_at: datetime | None = strawberry.field(
        description="When it began or, before that, is planned to; null when nobody says."
    )
    ends_at: datetime | None = strawberry.field(
        description="When it ended or, before that, is planned to; null when nobody says."
    )

    @classmethod
    def of(cls, record: reads.Change) -> "Change":
        """Show a record."""
        return cls(
            id=global_id("Change", record.id),
            key=record.id,
            number=record.number,
            title=record.title,
            description=record.description,
            status=record.status,
            risk=record.risk,
            assignee=record.assignee,
            starts_at=record.starts_at,
            ends_at=record.ends_at,
            created_at=record.created_at,
            updated_at=record.updated_at,
            deleted_at=record.deleted_at,
        )

    @strawberry.field(description="The services that it concerns, by name.")
    async def services(self, info: Info[Context, Any]) -> Services:
        """Read them for all changes of the request at once."""
        return await service_types.services_of(info.context, self.kind, self.key)

    @strawberry.field(
        description="The incidents that it is said to have caused or cured, the last changed first."
    )
    async def incidents(
        self, info: Info[Context, Any], first: First = DEFAULT, after: After = None
    ) -> Incidents:
        """Read a page, for all changes of the request at once."""
        return await member_page(
            info.context,
            INCIDENTS_OF_CHANGE,
            self.key,
            order="CHANGE_INCIDENTS",
            first=first,
            after=after,
            node=incident_types.Incident.of,
        )
