"""What records of all kinds show alike."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from strawberry.types import Info

from domain.records import RecordKind
from gql.context import Context
from gql.integrations.types import Integration, integration_of
from gql.nodes import Node
from models.reads import link as link_reads
from models.reads.writes import Standing

if TYPE_CHECKING:
    from gql.assets.types import Service

Services = list[Annotated["Service", strawberry.lazy("gql.assets.types")]]


@strawberry.type(description="Where a record lives in a vendor's system.")
class ExternalLink:
    """A link."""

    external_id: str = strawberry.field(description="The vendor's own id of the record.")
    external_key: str | None = strawberry.field(description="What people call it there.")
    url: str | None = strawberry.field(description="Its page at the vendor.")
    last_seen_at: datetime = strawberry.field(description="When it was last read there.")
    gone_at: datetime | None = strawberry.field(
        description="When it was deleted there, by the vendor's clock; null while it is there."
    )
    integration_key: strawberry.Private[str]
    incident_key: strawberry.Private[str | None]

    @classmethod
    def of(cls, record: link_reads.Link) -> "ExternalLink":
        """Show a record."""
        return cls(
            integration_key=record.integration_id,
            incident_key=record.record_id if record.kind is RecordKind.INCIDENT else None,
            external_id=record.external_id,
            external_key=record.external_key or None,
            url=record.url or None,
            last_seen_at=record.last_seen_at,
            gone_at=record.gone_at,
        )

    @strawberry.field(description="The vendor's account that holds the record.")
    async def integration(self, info: Info[Context, Any]) -> Integration:
        """Read it together with the others."""
        return await integration_of(info.context, self.integration_key)

    @strawberry.field(description="How many writes of the record wait to be sent there.")
    async def pending_writes(self, info: Info[Context, Any]) -> int:
        """Read what waits for all records of the request at once; only incidents are written."""
        standing = await self._standing(info.context)
        return 0 if standing is None else standing.pending_writes

    @strawberry.field(
        description="The fields whose values differ from what the vendor last told, those that "
        "are to stay so too."
    )
    async def diverged_fields(self, info: Info[Context, Any]) -> list[str]:
        """Compare for all records of the request at once; only incidents are written."""
        standing = await self._standing(info.context)
        return [] if standing is None else list(standing.diverged)

    async def _standing(self, context: Context) -> Standing | None:
        if self.incident_key is None:
            return None
        found = await context.loaders.sync.standings.load(self.incident_key)
        return (found or {}).get(self.integration_key)


@strawberry.interface(
    description=(
        "A row mirrored from a vendor or created here. "
        "Deleted rows stay readable by id; lists leave them out."
    )
)
class Record(Node):
    """A mirrored record."""

    kind: ClassVar[RecordKind]

    title: str = strawberry.field(description="What it is about, in a line.")
    created_at: datetime = strawberry.field(description="When the record was made.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    deleted_at: datetime | None = strawberry.field(
        description="When it was deleted; null while it is there."
    )
    key: strawberry.Private[str]

    @strawberry.field(description="The services that it affects or concerns, by name.")
    async def services(self, info: Info[Context, Any]) -> Services:
        """Each kind of record shows its own."""
        raise NotImplementedError

    @strawberry.field(description="Where it lives at vendors, the oldest link first.")
    async def links(self, info: Info[Context, Any]) -> list[ExternalLink]:
        """Read them for all records of the request at once."""
        found = await info.context.loaders.links[self.kind].load(self.key)
        return [ExternalLink.of(link) for link in found or ()]
