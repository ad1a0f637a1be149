"""Forget what vendors have told and what has been merged."""

from datetime import datetime, timedelta
from typing import Final

from domain.exchange import DeliveryState
from models.coding import to_milliseconds
from models.transaction import Transaction

# Longer than any vendor tries to deliver one: until then its id is known.
BODIES_KEPT: Final = timedelta(days=7)


async def forget_deliveries(tx: Transaction, *, now: datetime) -> None:
    """Delete merged deliveries, and what dead ones said; that there were some stays.

    A dead one that is tried again then is read anew from its vendor.
    Cost: two statements, by index.
    """
    before = to_milliseconds(now - BODIES_KEPT)
    await tx.rows(
        "DELETE FROM inbound WHERE ended_at < $1 AND state = $2 RETURNING id",
        before,
        DeliveryState.DONE,
    )
    await tx.rows(
        "UPDATE inbound SET body = NULL WHERE ended_at < $1 AND body IS NOT NULL RETURNING id",
        before,
    )
