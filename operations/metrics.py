"""The brief's seven figures of syncs, counted in the database, where all processes agree."""

from enum import StrEnum

from models.transaction import Transaction
from operations.runtime import Runtime


class Figure(StrEnum):
    """What is counted for each integration, since it was created (brief, "Metrics Available")."""

    OUTBOUND_SUCCESS = "outbound_success"
    OUTBOUND_FAILED = "outbound_failed"
    INBOUND_SUCCESS = "inbound_success"
    INBOUND_FAILED = "inbound_failed"
    CONFLICTS_DETECTED = "conflicts_detected"
    CONFLICTS_RESOLVED = "conflicts_resolved"
    DRIFT_DISCREPANCIES = "drift_discrepancies"


async def count(
    tx: Transaction, runtime: Runtime, integration_id: str, figure: Figure, more: int = 1
) -> None:
    """Add to a figure, in the transaction of what it counts. Cost: one statement, none for 0."""
    if not more:
        return
    await tx.rows(
        """
        INSERT INTO sync_counter (id, integration_id, name, value) VALUES ($1, $2, $3, $4)
        ON CONFLICT (integration_id, name) DO UPDATE
        SET value = sync_counter.value + excluded.value RETURNING value
        """,
        runtime.new_id(),
        integration_id,
        figure,
        more,
    )
