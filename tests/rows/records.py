"""Records of all kinds, and what belongs to them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from domain.records import (
    ChangeRisk,
    ChangeStatus,
    EditSource,
    EventSeverity,
    EventStatus,
    IncidentStatus,
    MergeReason,
    NoteVisibility,
    Priority,
    ServiceCriticality,
    Severity,
    TicketStatus,
)
from models.coding import dumps, to_milliseconds
from models.tables.asset import AssetRow
from models.tables.change import ChangeRow
from models.tables.event import EventRow
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from models.tables.note import NoteRow
from models.tables.ticket import TicketRow
from models.transaction import Transaction, commit
from tests.rows.links import affects, link
from tests.rows.moments import NOW, new_id


async def incident(title: str = "It is broken", **columns: Any) -> IncidentRow:  # noqa: ANN401 — columns
    """An open incident without links."""
    key = new_id()
    defaults: dict[str, Any] = {
        "id": key,
        "number": f"INC{int(key):07d}",
        "title": title,
        "status": IncidentStatus.NEW,
        "severity": Severity.SEV3,
        "labels": [],
        "extra": {},
        "started_at": NOW - timedelta(hours=1),
        "created_at": NOW - timedelta(hours=1),
        "updated_at": NOW,
        "version": 1,
    }
    return await IncidentRow.create(**defaults | columns)


async def change(title: str = "Replace a disk", **columns: Any) -> ChangeRow:  # noqa: ANN401 — columns
    """A change that is planned, without links."""
    key = new_id()
    defaults: dict[str, Any] = {
        "id": key,
        "number": f"CHG{int(key):07d}",
        "title": title,
        "status": ChangeStatus.SCHEDULED,
        "risk": ChangeRisk.MEDIUM,
        "extra": {},
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
    }
    return await ChangeRow.create(**defaults | columns)


async def event(title: str = "Disk is full", **columns: Any) -> EventRow:  # noqa: ANN401 — columns
    """An event that fires, without links."""
    defaults: dict[str, Any] = {
        "id": new_id(),
        "title": title,
        "severity": EventSeverity.WARNING,
        "status": EventStatus.FIRING,
        "source": "monitoring",
        "occurred_at": NOW,
        "extra": {},
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
    }
    return await EventRow.create(**defaults | columns)


async def ticket(title: str = "I need a chair", **columns: Any) -> TicketRow:  # noqa: ANN401 — columns
    """An open ticket without links."""
    key = new_id()
    defaults: dict[str, Any] = {
        "id": key,
        "source_id": f"OPS-{int(key)}",
        "title": title,
        "status": TicketStatus.OPEN,
        "priority": Priority.P3,
        "tier": "standard",
        "extra": {},
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
    }
    return await TicketRow.create(**defaults | columns)


async def service(
    name: str,
    of: IntegrationRow | None = None,
    incidents: Sequence[IncidentRow] = (),
    **columns: Any,  # noqa: ANN401 — columns
) -> AssetRow:
    """A service, where it lives, and the incidents that affect it."""
    defaults: dict[str, Any] = {
        "id": new_id(),
        "name": name,
        "criticality": ServiceCriticality.TIER1,
        "is_configuration_item": False,
        "extra": {},
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
    }
    row = await AssetRow.create(**defaults | columns)
    if of is not None:
        await link(row, of)
    for one in incidents:
        await affects(one, row)
    return row


async def note(of: IncidentRow, body: str = "Looking", **columns: Any) -> NoteRow:  # noqa: ANN401 — columns
    """A note that was written here."""
    defaults: dict[str, Any] = {
        "id": new_id(),
        "incident_id": of.id,
        "author": "ada",
        "body": body,
        "visibility": NoteVisibility.INTERNAL,
        "created_at": NOW,
    }
    return await NoteRow.create(**defaults | columns)


async def edit(of: IncidentRow, **columns: Any) -> str:  # noqa: ANN401 — columns
    """An accepted change of the title; its id."""
    line: dict[str, Any] = {
        "id": new_id(),
        "incident_id": of.id,
        "integration_id": None,
        "field": "title",
        "before": "Before",
        "after": "After",
        "version": 2,
        "at": NOW,
        "sequence": 1,
        "by": "ada",
        "source": EditSource.PULL,
        "accepted": True,
        "reason": MergeReason.NEWER,
    }
    line |= columns
    line |= {name: dumps(line[name]) for name in ("before", "after")}
    line["at"] = to_milliseconds(line["at"])

    async def write(tx: Transaction) -> None:
        await tx.upsert("edit", [line], key=("id",))

    await commit(write)
    return str(line["id"])
