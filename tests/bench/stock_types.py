"""What the yardstick shows, and how it loads what belongs to an incident."""

from base64 import b64encode
from collections import defaultdict
from datetime import datetime
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from domain.records import IncidentStatus, Priority, ServiceCriticality, Severity
from gql.scalars import FieldValue
from models.tables.asset import IncidentAssetRow
from models.tables.edit import EditRow
from models.tables.incident import IncidentLinkRow, IncidentRow


def _id(kind: str, key: str) -> strawberry.ID:
    return strawberry.ID(b64encode(f"{kind}:{key}".encode()).decode())


@strawberry.type
class Service:
    """A service."""

    id: strawberry.ID
    name: str
    criticality: ServiceCriticality


@strawberry.type
class Integration:
    """An integration."""

    key: str


@strawberry.type
class ExternalLink:
    """A link."""

    external_key: str
    url: str
    integration: Integration


class Loaders:
    """The relations, each read for many incidents at once."""

    def __init__(self) -> None:
        """Make those of one request."""
        self.services = DataLoader(load_fn=_services)
        self.links = DataLoader(load_fn=_links)


async def _services(keys: list[str]) -> list[list["Service"]]:
    found = defaultdict(list)
    for row in await IncidentAssetRow.filter(incident_id__in=keys).select_related("asset"):
        found[row.incident_id].append(row.asset)  # type: ignore[attr-defined]  # — Tortoise adds it
    return [
        [
            Service(
                id=_id("Service", row.id),
                name=row.name,
                criticality=ServiceCriticality(row.criticality),
            )
            for row in sorted(found[key], key=lambda row: row.name)
        ]
        for key in keys
    ]


async def _links(keys: list[str]) -> list[list["ExternalLink"]]:
    found = defaultdict(list)
    for row in await IncidentLinkRow.filter(incident_id__in=keys).select_related("integration"):
        integration = Integration(key=row.integration.key)
        link = ExternalLink(external_key=row.external_key, url=row.url, integration=integration)
        found[row.incident_id].append(link)  # type: ignore[attr-defined]  # — Tortoise adds it
    return [found[key] for key in keys]


@strawberry.type
class Edit:
    """A change of a field."""

    field: str
    before: FieldValue | None
    after: FieldValue | None
    version: int | None
    at: datetime
    by: str
    accepted: bool


@strawberry.type
class EditEdge:
    """One row of a page."""

    node: Edit


@strawberry.type
class EditConnection:
    """A page."""

    edges: list[EditEdge]
    total_count: int


@strawberry.type
class Incident:
    """An incident."""

    id: strawberry.ID
    number: str
    title: str
    description: str | None
    status: IncidentStatus
    severity: Severity
    priority: Priority | None
    assignee: str | None
    labels: list[str]
    started_at: datetime
    resolved_at: datetime | None
    updated_at: datetime
    version: int
    key: strawberry.Private[str]

    @classmethod
    def of(cls, row: IncidentRow) -> "Incident":
        """Show a row."""
        return cls(
            id=_id("Incident", row.id),
            key=row.id,
            number=row.number,
            title=row.title,
            description=row.description,
            status=IncidentStatus(row.status),
            severity=Severity(row.severity),
            priority=None if row.priority is None else Priority(row.priority),
            assignee=row.assignee,
            labels=row.labels,
            started_at=row.started_at,
            resolved_at=row.resolved_at,
            updated_at=row.updated_at,
            version=row.version,
        )

    @strawberry.field
    async def services(self, info: Info[Loaders, Any]) -> list[Service]:
        """Load them with those of the others."""
        return await info.context.services.load(self.key)

    @strawberry.field
    async def links(self, info: Info[Loaders, Any]) -> list[ExternalLink]:
        """Load them with those of the others."""
        return await info.context.links.load(self.key)

    @strawberry.field
    async def history(self, first: int) -> EditConnection:
        """Read the last edits, and count all."""
        edits = EditRow.filter(incident_id=self.key)
        rows = await edits.order_by("-at", "-sequence", "-id").limit(first)
        return EditConnection(
            edges=[EditEdge(node=_edit(row)) for row in rows], total_count=await edits.count()
        )


def _edit(row: EditRow) -> Edit:
    return Edit(
        field=row.field,
        before=row.before,
        after=row.after,
        version=row.version,
        at=row.at,
        by=row.by,
        accepted=row.accepted,
    )


@strawberry.type
class PageInfo:
    """Where a page lies."""

    has_next_page: bool


@strawberry.type
class IncidentEdge:
    """One row of a page."""

    node: Incident


@strawberry.type
class IncidentConnection:
    """A page."""

    edges: list[IncidentEdge]
    page_info: PageInfo


@strawberry.type
class SeverityCount:
    """How many are this bad."""

    severity: Severity
    count: int


@strawberry.type
class StatusCount:
    """How many stand here."""

    status: IncidentStatus
    count: int


@strawberry.type
class IncidentCounts:
    """Counts."""

    open: int
    unassigned: int
    by_severity: list[SeverityCount]
    by_status: list[StatusCount]
    opened_last_day: int
    resolved_last_day: int
