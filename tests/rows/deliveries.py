"""What goes to vendors and comes from them."""

from typing import Any

from domain.exchange import DeliveryState, WriteKind, WriteState
from models.tables.counter import SyncCounterRow
from models.tables.inbound import InboundRow
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from models.tables.outbox import LaneRow, OutboxRow
from operations.metrics import Figure
from tests.rows.moments import NOW, new_id


async def write(of: IncidentRow, to: IntegrationRow, **columns: Any) -> OutboxRow:  # noqa: ANN401 — columns
    """A write that waits, behind those of the same incident."""
    lane, _ = await LaneRow.get_or_create(
        incident_id=of.id,
        integration_id=to.id,
        defaults={"id": new_id(), "last_seq": 0, "due_at": NOW},
    )
    lane.last_seq += 1
    await lane.save()
    defaults: dict[str, Any] = {
        "id": new_id(),
        "lane_id": lane.id,
        "seq": lane.last_seq,
        "kind": WriteKind.UPDATE,
        "fields_": ["title"],
        "state": WriteState.READY,
        "tries": [],
        "queued_by": "ada",
        "queued_at": NOW,
    }
    return await OutboxRow.create(**defaults | columns)


async def delivery(of: IntegrationRow, **columns: Any) -> InboundRow:  # noqa: ANN401 — columns
    """A delivery of a vendor's that waits."""
    defaults: dict[str, Any] = {
        "id": new_id(),
        "integration_id": of.id,
        "headers": {"content-type": "application/json"},
        "body": "{}",
        "received_at": NOW,
        "state": DeliveryState.READY,
        "due_at": NOW,
        "tries": [],
    }
    return await InboundRow.create(**defaults | columns)


async def counted(of: IntegrationRow, figure: Figure, value: int) -> SyncCounterRow:
    """One of an integration's figures."""
    return await SyncCounterRow.create(id=new_id(), integration_id=of.id, name=figure, value=value)
