"""What an integration's state becomes after an answer to a write or a delivery."""

from datetime import datetime

from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.records import IntegrationState
from models.tables.integration import IntegrationRow
from models.transaction import Transaction
from operations.runtime import Runtime


async def park(runtime: Runtime, tx: Transaction, integration_id: str, detail: str) -> None:
    """Leave the integration alone until its credentials change or a connection test passes."""
    row = await IntegrationRow.select_for_update(no_key=True).get(id=integration_id)
    if not row.is_enabled:
        return
    reason = f"{detail}; set new credentials or run the connection test"
    if row.state != IntegrationState.PARKED:
        _tell(runtime, tx, row.id, reason)
    row.state, row.state_reason = IntegrationState.PARKED, reason
    await row.save(update_fields=["state", "state_reason"])


async def wait_out(
    runtime: Runtime, tx: Transaction, integration_id: str, detail: str, *, until: datetime
) -> None:
    """Leave the whole integration alone for as long as the vendor asks for (rule X5)."""
    row = await IntegrationRow.select_for_update(no_key=True).get(id=integration_id)
    if not row.is_enabled or row.state == IntegrationState.PARKED:
        return
    if row.state != IntegrationState.RATE_LIMITED:
        _tell(runtime, tx, row.id, detail)
    row.state, row.state_reason = IntegrationState.RATE_LIMITED, detail
    row.waiting_until = until if row.waiting_until is None else max(until, row.waiting_until)
    await row.save(update_fields=["state", "state_reason", "waiting_until"])


def _tell(runtime: Runtime, tx: Transaction, integration_id: str, message: str) -> None:
    tx.tell(
        NewEntry(
            topic=Topic.SYNC,
            kind=SyncEventKind.STATE_CHANGED,
            occurred_at=runtime.now(),
            integration_id=integration_id,
            message=message,
        )
    )
