"""Conflicts as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from domain.errors import NotFound
from domain.exchange import ConflictKind, ConflictStatus, ConflictStrategy
from gql.conflicts.filters import ConflictFilter
from gql.context import Context
from gql.errors import WarningCode
from gql.incidents import types as incident_types
from gql.integrations.types import Integration, integration_of
from gql.keysets import keyset
from gql.nodes import Node, global_id
from gql.paging import Connection, connection, window
from gql.scalars import FieldValue
from models.reads import conflicts as reads

if TYPE_CHECKING:
    from gql.incidents.types import Incident

OneIncident = Annotated["Incident", strawberry.lazy("gql.incidents.types")]


@strawberry.type(description="Two edits of one field, of which neither had seen the other.")
class Conflict(Node):
    """A conflict."""

    number: int = strawberry.field(description="What people call it; `im` writes it conflict-123.")
    field: str = strawberry.field(description="The field's name.")
    kind: ConflictKind = strawberry.field(description="How far apart the two edits were.")
    status: ConflictStatus = strawberry.field(description="What became of it.")
    version: int = strawberry.field(
        description="Grows while it is open; send it back as `expectedVersion`."
    )
    base_value: FieldValue | None = strawberry.field(
        description="What the vendor had before its edit, as far as it was known."
    )
    platform_value: FieldValue | None = strawberry.field(description="This side's value.")
    external_value: FieldValue | None = strawberry.field(description="The vendor's value.")
    platform_edited_at: datetime = strawberry.field(description="When this side's was given.")
    platform_edited_by: str = strawberry.field(
        description="Who gave it; empty where nobody is known."
    )
    external_edited_at: datetime = strawberry.field(
        description="When the vendor's was given, by this side's clock."
    )
    external_edited_by: str | None = strawberry.field(
        description="Who gave it, as the vendor names them; null where it does not tell."
    )
    strategy: ConflictStrategy = strawberry.field(
        description="The integration's way to decide when it was found."
    )
    detected_at: datetime = strawberry.field(description="When it was found.")
    resolved_at: datetime | None = strawberry.field(
        description="When it ended; null while it is open."
    )
    resolved_by: str | None = strawberry.field(
        description="Who ended it: a person's name, `strategy:<name>`, or `sync`."
    )
    warning: WarningCode | None = strawberry.field(description="What is odd about how it ended.")
    incident_key: strawberry.Private[str]
    integration_key: strawberry.Private[str]

    @classmethod
    def of(cls, record: reads.Conflict) -> "Conflict":
        """Show a record."""
        return cls(
            id=global_id("Conflict", record.id),
            incident_key=record.incident_id,
            integration_key=record.integration_id,
            number=record.number,
            field=record.field,
            kind=record.kind,
            status=record.status,
            version=record.version,
            base_value=_shown(record.base_value),
            platform_value=_shown(record.platform_value),
            external_value=_shown(record.external_value),
            platform_edited_at=record.platform_edited_at,
            platform_edited_by=record.platform_edited_by,
            external_edited_at=record.external_edited_at,
            external_edited_by=record.external_edited_by,
            strategy=record.strategy,
            detected_at=record.detected_at,
            resolved_at=record.resolved_at,
            resolved_by=record.resolved_by,
            warning=None if record.warning is None else WarningCode[record.warning],
        )

    @strawberry.field(description="The incident whose field it is.")
    async def incident(self, info: Info[Context, Any]) -> OneIncident:
        """Read it together with the others. Raises NotFound."""
        found = await info.context.loaders.incidents.load(self.incident_key)
        if found is None:
            raise NotFound("incident", self.incident_key)
        return incident_types.Incident.of(found)

    @strawberry.field(description="The vendor's account on the other side.")
    async def integration(self, info: Info[Context, Any]) -> Integration:
        """Read it together with the others. Raises NotFound."""
        return await integration_of(info.context, self.integration_key)


async def conflicts_of(
    context: Context,
    incident_key: str,
    *,
    first: int | None,
    after: str | None,
    filter: ConflictFilter | None,
) -> Connection[Conflict]:
    """Return a page of an incident's conflicts, read for all incidents of the request at once."""
    asked = window(order="CONFLICTS", first=first, after=after)
    wanted = (filter or ConflictFilter()).to_read(context.actor)
    loaders = context.loaders
    rows = await loaders.conflicts.pages[wanted, keyset(asked, is_descending=True)].load(
        incident_key
    )

    async def count() -> int:
        return await loaders.conflicts.counts[wanted].load(incident_key) or 0

    return connection(asked, rows or [], key=key_of, node=Conflict.of, count=count)


def key_of(row: reads.Conflict) -> tuple[datetime, str]:
    """Return the key of a conflict in lists."""
    return row.detected_at, row.id


def _shown(value: object) -> FieldValue | None:
    """Return a stored value as the graph's scalar takes it."""
    return None if value is None else FieldValue(value)
