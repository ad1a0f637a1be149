"""In which order all transactions lock what they share; in another, two would wait for each other.

Integration, identity (``identity.alone``), records, lanes, writes.
"""

from models.transaction import Transaction


async def lock_integration(tx: Transaction, integration_id: str) -> None:
    """Lock an integration until the commit. Cost: one statement."""
    await tx.rows(
        "UPDATE integration SET skew_samples = skew_samples WHERE id = $1 RETURNING id",
        integration_id,
    )


async def lock_incident(tx: Transaction, incident_id: str) -> None:
    """Lock an incident until the commit. Cost: one statement."""
    await tx.rows(
        f"SELECT id FROM incident WHERE id = $1 {tx.for_update}",  # noqa: S608 — words of ours
        incident_id,
    )
