"""Take a field out of what waits to be sent (rules M11, F3)."""

from domain.exchange import WarningCode, WriteKind, WriteState
from models.coding import dumps, loads, to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime


async def withdraw(
    runtime: Runtime, tx: Transaction, *, integration_id: str, incident_id: str, field: str
) -> None:
    """Let no waiting write bring this field of an incident to this vendor.

    While the conflict was open it was held back, but still stood in its lane; what
    a person has said since may be otherwise, or has a write of its own.
    Cost: one statement, and one more for each write that named the field.
    """
    # A lane is locked before its writes, in the order in which workers do.
    waiting = await tx.rows(
        f"""
        SELECT o.id, o.fields FROM lane l JOIN outbox o ON o.lane_id = l.id
        WHERE l.incident_id = $1 AND l.integration_id = $2 AND o.state = $3 AND o.kind = $4
        {tx.for_update}
        """,  # noqa: S608 — words of ours
        incident_id,
        integration_id,
        WriteState.READY,
        WriteKind.UPDATE,
    )
    for row in waiting:
        fields = set(loads(row["fields"]))
        if field not in fields:
            continue
        left = sorted(fields - {field})
        await tx.rows(
            """
            UPDATE outbox SET fields = $2, state = $3, ended_at = $4, code = $5
            WHERE id = $1 RETURNING id
            """,
            row["id"],
            dumps(left),
            WriteState.READY if left else WriteState.DROPPED,
            None if left else to_milliseconds(runtime.now()),
            None if left else WarningCode.CONFLICT_OPEN,
        )
