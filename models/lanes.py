"""Lanes of writes, lent to one worker for a while (``docs/decisions``: claim lanes, not rows)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.exchange import WriteKind, WriteState
from models.coding import loads, to_milliseconds
from models.reads.statement import rows as read_rows
from models.transaction import Transaction

# Lanes of integrations that can be written to now.
_OPEN_LANE = """
    l.due_at <= $1 AND NOT l.is_blocked AND (l.lease_until IS NULL OR l.lease_until <= $1)
    AND i.is_enabled AND i.state <> 'PARKED' AND (i.waiting_until IS NULL OR i.waiting_until <= $1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedLane:
    """A lane that this worker holds until ``until``, as long as ``fence`` is newest."""

    id: str
    integration_id: str
    incident_id: str
    fence: int
    since: datetime
    until: datetime

    def is_half_spent(self, now: datetime) -> bool:
        """Say whether so much of the lease is gone that nothing more should be sent under it."""
        return now - self.since >= (self.until - self.since) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The next write of a lane.

    starts: how many workers began to send it since the last answer.
    """

    id: str
    seq: int
    kind: WriteKind
    fields: tuple[str, ...]
    note_id: str | None
    is_forced: bool
    attempt: int
    starts: int
    trace: str | None
    queued_by: str


async def has_lanes(*, now: datetime) -> bool:
    """Say whether a lane is due, without taking the write lock. Cost: one index probe."""
    found = await read_rows(
        f"""
        SELECT 1 AS found FROM lane l JOIN integration i ON i.id = l.integration_id
        WHERE {_OPEN_LANE} LIMIT 1
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
    )
    return bool(found)


async def claim_lanes(
    tx: Transaction, *, now: datetime, owner: str, lease: timedelta, most: int
) -> list[ClaimedLane]:
    """Take the lanes that have been due for longest, each with a fence above all before it.

    Cost: one statement, whatever the backlog. The lanes are picked in a part of its
    own, since PostgreSQL may run a subquery again and lock more than was asked for.
    """
    taken = await tx.rows(
        f"""
        WITH pick AS (
            SELECT l.id FROM lane l JOIN integration i ON i.id = l.integration_id
            WHERE {_OPEN_LANE} ORDER BY l.due_at, l.id LIMIT $4 {tx.skip_locked_of("l")}
        )
        UPDATE lane SET lease_owner = $2, lease_until = $3, fence = lane.fence + 1
        FROM pick WHERE lane.id = pick.id
        RETURNING lane.id AS id, lane.integration_id AS integration_id,
            lane.incident_id AS incident_id, lane.fence AS fence
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
        owner,
        to_milliseconds(now + lease),
        most,
    )
    return [
        ClaimedLane(
            id=row["id"],
            integration_id=row["integration_id"],
            incident_id=row["incident_id"],
            fence=row["fence"],
            since=now,
            until=now + lease,
        )
        for row in sorted(taken, key=lambda row: str(row["id"]))
    ]


async def hold_lane(tx: Transaction, lane: ClaimedLane) -> bool:
    """Lock the lane; False when another worker has it by now, and nothing may be recorded."""
    found = await tx.rows(
        "UPDATE lane SET fence = fence WHERE id = $1 AND fence = $2 RETURNING id",
        lane.id,
        lane.fence,
    )
    return bool(found)


async def begin_head(tx: Transaction, lane: ClaimedLane) -> Head | None:
    """Return the lane's next write and count a start of it; None when nothing waits.

    Call ``hold_lane`` before, in the same transaction: a write that is queued at
    the same time is then seen, or finds the lane without a due time and sets one.
    """
    found = await tx.rows(
        """
        UPDATE outbox SET starts = starts + 1 WHERE lane_id = $1 AND state = $2 AND seq = (
            SELECT min(seq) FROM outbox WHERE lane_id = $1 AND state = $2
        )
        RETURNING id, seq, kind, fields, note_id, is_forced, attempt, starts, trace, queued_by
        """,
        lane.id,
        WriteState.READY,
    )
    return _head(found[0]) if found else None


async def end_write(  # noqa: PLR0913 — what is known of its end
    tx: Transaction,
    head: Head,
    state: WriteState,
    *,
    at: datetime,
    code: str | None = None,
    error: str | None = None,
    number: int | None = None,
) -> None:
    """Say what became of a write; ``number`` is what people call it when it is dead."""
    await tx.rows(
        """
        UPDATE outbox SET state = $2, ended_at = $3, code = $4, error = $5, starts = 0,
            number = COALESCE($6, number)
        WHERE id = $1 RETURNING id
        """,
        head.id,
        state,
        to_milliseconds(at),
        code,
        error,
        number,
    )


async def leave_lane(
    tx: Transaction, lane: ClaimedLane, *, due_at: datetime | None, is_blocked: bool = False
) -> None:
    """Give the lane back, due again at ``due_at``; None when nothing waits in it.

    Whether anything waits is read after the lane is locked.
    """
    await tx.rows(
        """
        UPDATE lane SET lease_owner = NULL, lease_until = NULL, is_blocked = $3,
            due_at = CASE WHEN EXISTS (
                SELECT 1 FROM outbox o WHERE o.lane_id = lane.id AND o.state = $4
            ) THEN CAST($5 AS BIGINT) ELSE NULL END
        WHERE id = $1 AND fence = $2 RETURNING id
        """,
        lane.id,
        lane.fence,
        is_blocked,
        WriteState.READY,
        to_milliseconds(lane.since if due_at is None else due_at),
    )


def _head(row: dict[str, Any]) -> Head:
    return Head(
        id=row["id"],
        seq=row["seq"],
        kind=WriteKind(row["kind"]),
        fields=tuple(loads(row["fields"])),
        note_id=row["note_id"],
        is_forced=bool(row["is_forced"]),
        attempt=row["attempt"],
        starts=row["starts"],
        trace=row["trace"],
        queued_by=row["queued_by"],
    )
