"""Writes for vendors, put into their lanes (rule X1)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from domain.exchange import WriteKind, WriteState
from models.coding import dumps, loads, to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.span import trace_here

# Who queues what a vendor's change asks for.
SYNC: Final = "sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What is to be written: an incident's create, some of its fields, or a note.

    is_forced: a person chose our value over the field's owner.
    """

    integration_id: str
    incident_id: str
    kind: WriteKind
    by: str
    fields: Collection[str] = ()
    note_id: str | None = None
    is_forced: bool = False


async def queue(runtime: Runtime, tx: Transaction, write: Write) -> None:
    """Put a write behind what waits in its lane, or into the last write that is not under way.

    Fields are kept by name: their values are read when they are sent, so that
    many edits make one write of the latest value.
    Cost: three statements.
    """
    now = to_milliseconds(runtime.now())
    lane = await tx.rows(
        """
        INSERT INTO lane (id, integration_id, incident_id, last_seq, due_at)
        VALUES ($1, $2, $3, 0, $4)
        ON CONFLICT (incident_id, integration_id) DO UPDATE
        SET due_at = COALESCE(lane.due_at, excluded.due_at)
        RETURNING id, last_seq, lease_until
        """,
        runtime.new_id(),
        write.integration_id,
        write.incident_id,
        now,
    )
    is_under_way = lane[0]["lease_until"] is not None and lane[0]["lease_until"] > now
    if write.kind is WriteKind.UPDATE and not is_under_way:
        last = await tx.rows(
            """
            SELECT id, fields, is_forced FROM outbox
            WHERE lane_id = $1 AND seq = $2 AND state = $3 AND kind = $4
            """,
            lane[0]["id"],
            lane[0]["last_seq"],
            WriteState.READY,
            WriteKind.UPDATE,
        )
        if last and bool(last[0]["is_forced"]) is write.is_forced:
            await tx.rows(
                "UPDATE outbox SET fields = $2 WHERE id = $1 RETURNING id",
                last[0]["id"],
                dumps(sorted({*loads(last[0]["fields"]), *write.fields})),
            )
            return
    await _append(runtime, tx, write, lane_id=lane[0]["id"], seq=lane[0]["last_seq"] + 1)


async def _append(
    runtime: Runtime, tx: Transaction, write: Write, *, lane_id: str, seq: int
) -> None:
    await tx.rows("UPDATE lane SET last_seq = $2 WHERE id = $1 RETURNING id", lane_id, seq)
    await tx.upsert(
        "outbox",
        [
            {
                "id": runtime.new_id(),
                "lane_id": lane_id,
                "seq": seq,
                "kind": write.kind,
                "fields": dumps(sorted(write.fields)),
                "note_id": write.note_id,
                "state": WriteState.READY,
                "is_forced": write.is_forced,
                "tries": "[]",
                "trace": trace_here(),
                "queued_by": write.by,
                "queued_at": to_milliseconds(runtime.now()),
            }
        ],
        key=("id",),
    )
