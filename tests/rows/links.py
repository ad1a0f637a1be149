"""Where records live, and what they are to each other."""

from typing import Any

from tortoise.models import Model

from domain.records import RecordKind, RelationName
from models.tables.asset import AssetLinkRow, AssetRow, IncidentAssetRow
from models.tables.change import ChangeAssetRow, ChangeLinkRow, ChangeRow
from models.tables.event import EventAssetRow, EventLinkRow, EventRow
from models.tables.incident import IncidentLinkRow, IncidentRow
from models.tables.integration import IntegrationRow
from models.tables.link import LinkRow
from models.tables.relation import RelationRow
from models.tables.ticket import TicketAssetRow, TicketLinkRow, TicketRow
from tests.rows.moments import NOW, new_id

AnyRow = IncidentRow | ChangeRow | EventRow | TicketRow | AssetRow

# Of each record: its kind, its links, and what columns that name it begin with.
_LINKS: dict[type[AnyRow], tuple[RecordKind, type[LinkRow], str]] = {
    IncidentRow: (RecordKind.INCIDENT, IncidentLinkRow, "incident"),
    ChangeRow: (RecordKind.CHANGE, ChangeLinkRow, "change"),
    EventRow: (RecordKind.EVENT, EventLinkRow, "event"),
    TicketRow: (RecordKind.TICKET, TicketLinkRow, "ticket"),
    AssetRow: (RecordKind.SERVICE, AssetLinkRow, "asset"),
}
_AFFECTS: dict[type[AnyRow], type[Model]] = {
    IncidentRow: IncidentAssetRow,
    ChangeRow: ChangeAssetRow,
    EventRow: EventAssetRow,
    TicketRow: TicketAssetRow,
}


def kind_of(record: AnyRow) -> RecordKind:
    """Return what a record is."""
    return _LINKS[type(record)][0]


async def link(of: AnyRow, to: IntegrationRow, **columns: Any) -> LinkRow:  # noqa: ANN401 — columns
    """Where a record lives at a vendor."""
    key = new_id()
    _, table, name = _LINKS[type(of)]
    defaults: dict[str, Any] = {
        "id": key,
        f"{name}_id": of.id,
        "integration_id": to.id,
        "external_id": f"sys{key}",
        "external_key": getattr(of, "number", key),
        "url": f"{to.base_url}/{key}",
        "known_at": NOW,
        "known_sequence": 1,
        "base": {},
        "last_seen_at": NOW,
    }
    return await table.create(**defaults | columns)


async def affects(record: AnyRow, *services: AssetRow) -> None:
    """A record affects or concerns services."""
    kind, table = _LINKS[type(record)][2], _AFFECTS[type(record)]
    for service in services:
        columns: dict[str, Any] = {f"{kind}_id": record.id, "asset_id": service.id}
        await table.create(**columns)


async def related(of: AnyRow, name: RelationName, to: AnyRow, at: IntegrationRow) -> None:
    """A record points to another, which gets a link to the vendor that says so."""
    kind, table, column = _LINKS[type(to)]
    known = await table.filter(**{f"{column}_id": to.id, "integration_id": at.id}).first()
    target = known or await link(to, at)
    await RelationRow.create(
        id=new_id(),
        integration_id=at.id,
        name=name,
        from_kind=_LINKS[type(of)][0],
        from_id=of.id,
        to_kind=kind,
        to_external_id=target.external_id,
    )
