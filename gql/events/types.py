"""Events as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry.types import Info

from domain.records import EventSeverity, EventStatus, RecordKind
from gql.assets import types as service_types
from gql.context import Context
from gql.incidents import types as incident_types
from gql.nodes import global_id
from gql.records.types import Record, Services
from models.reads import event as reads
from models.reads.related import INCIDENT_OF_EVENT

if TYPE_CHECKING:
    from gql.incidents.types import Incident

OneIncident = Annotated["Incident", strawberry.lazy("gql.incidents.types")]


@strawberry.type(description="A signal of a monitoring system; its repeats are the same event.")
class Event(Record):
    """An event."""

    kind: ClassVar[RecordKind] = RecordKind.EVENT

    severity: EventSeverity = strawberry.field(description="How bad it is.")
    status: EventStatus = strawberry.field(description="Whether it goes on.")
    source: str = strawberry.field(description="What sent it.")
    dedup_key: str | None = strawberry.field(
        description="By which its source tells repeats from other events; null without one."
    )
    occurred_at: datetime = strawberry.field(description="When it was first seen.")

    @classmethod
    def of(cls, record: reads.Event) -> "Event":
        """Show a record."""
        return cls(
            id=global_id("Event", record.id),
            key=record.id,
            title=record.title,
            severity=record.severity,
            status=record.status,
            source=record.source,
            dedup_key=record.dedup_key,
            occurred_at=record.occurred_at,
            created_at=record.created_at,
            updated_at=record.updated_at,
            deleted_at=record.deleted_at,
        )

    @strawberry.field(description="The services that it concerns, by name.")
    async def services(self, info: Info[Context, Any]) -> Services:
        """Read them for all events of the request at once."""
        return await service_types.services_of(info.context, self.kind, self.key)

    @strawberry.field(description="The incident that it is part of; null without one.")
    async def incident(self, info: Info[Context, Any]) -> OneIncident | None:
        """Read it for all events of the request at once."""
        return await incident_types.incident_of(info.context, INCIDENT_OF_EVENT, self.key)
