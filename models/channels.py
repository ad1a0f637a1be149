"""Channels, lent to one worker for a while with the messages that wait for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.sla.terms import NotificationState
from models.coding import dumps, from_milliseconds, loads, to_milliseconds
from models.maintenance import changes_during
from models.reads.statement import rows as read_rows
from models.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChannel:
    """A channel that this worker holds, as long as ``fence`` is newest."""

    name: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that is due; ``facts`` are the columns of what it tells.

    changes: columns of the changes under way when the alert's level was reached.
    """

    id: str
    due_at: datetime
    attempt: int
    tries: Sequence[Mapping[str, object]]
    trace: str | None
    facts: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of a try to send a message, and how it stands now.

    due_at: when it is tried next; None when it has ended.
    """

    state: NotificationState
    at: datetime
    due_at: datetime | None
    attempt: int
    tries: Sequence[Mapping[str, object]]
    code: str | None = None
    error: str | None = None


async def waiting_channels(*, now: datetime) -> list[str]:
    """Return the channels that something is due for, and that nobody holds.

    Takes no write lock. Cost: an index range of what is due.
    """
    found = await read_rows(
        """
        SELECT n.channel FROM notification n LEFT JOIN channel c ON c.name = n.channel
        WHERE n.due_at <= $1 AND (c.free_at IS NULL OR c.free_at <= $1)
        GROUP BY n.channel ORDER BY n.channel
        """,
        to_milliseconds(now),
    )
    return [row["channel"] for row in found]


async def take_channel(
    tx: Transaction, name: str, *, now: datetime, until: datetime
) -> HeldChannel | None:
    """Take a channel until then, with a fence above all before it; None when it is not free."""
    taken = await tx.rows(
        """
        INSERT INTO channel (name, free_at, fence) VALUES ($1, $3, 1)
        ON CONFLICT (name) DO UPDATE SET free_at = excluded.free_at, fence = channel.fence + 1
        WHERE channel.free_at <= $2 RETURNING fence
        """,
        name,
        to_milliseconds(now),
        to_milliseconds(until),
    )
    return HeldChannel(name=name, fence=taken[0]["fence"]) if taken else None


async def hold_channel(tx: Transaction, held: HeldChannel) -> bool:
    """Lock the channel; False when another worker has it by now, and nothing may be recorded."""
    found = await tx.rows(
        "UPDATE channel SET fence = fence WHERE name = $1 AND fence = $2 RETURNING fence",
        held.name,
        held.fence,
    )
    return bool(found)


async def leave_channel(tx: Transaction, held: HeldChannel, *, free_at: datetime) -> None:
    """Give the channel back; nobody uses it before ``free_at``."""
    await tx.rows(
        "UPDATE channel SET free_at = $3 WHERE name = $1 AND fence = $2 RETURNING name",
        held.name,
        held.fence,
        to_milliseconds(free_at),
    )


async def due_messages(tx: Transaction, name: str, *, now: datetime, most: int) -> list[Waiting]:
    """Return the messages that have been due for longest, with what they tell.

    Hold the channel before: so nobody else has them. Cost: two statements.
    """
    found = await tx.rows(
        """
        SELECT n.id, n.due_at, n.attempt, n.tries, n.trace, n.alert_id, n.policy_news,
            s.id AS subject_id, s.kind AS subject, a.clock, a.level, a.percent, a.target_ms,
            a.crossed_at, a.raised_at, a.escalation_level, c.breach_at,
            COALESCE(t.source_id, i.number, s.id) AS number, COALESCE(t.title, i.title) AS title,
            COALESCE(t.priority, i.priority) AS priority
        FROM notification n
        LEFT JOIN alert a ON a.id = n.alert_id
        LEFT JOIN sla_subject s ON s.id = a.subject_id
        LEFT JOIN sla_clock c ON c.subject_id = s.id AND c.kind = a.clock AND c.cycle = a.cycle
            AND c.target_ms = a.target_ms
        LEFT JOIN ticket t ON t.id = s.id
        LEFT JOIN incident i ON i.id = s.id
        WHERE n.channel = $1 AND n.due_at <= $2 ORDER BY n.due_at, n.id LIMIT $3
        """,
        name,
        to_milliseconds(now),
        most,
    )
    alert_ids = [row["alert_id"] for row in found if row["alert_id"] is not None]
    changes = await _changes(tx, alert_ids) if alert_ids else {}
    return [
        Waiting(
            id=row["id"],
            due_at=from_milliseconds(row["due_at"]),
            attempt=row["attempt"],
            tries=loads(row["tries"]),
            trace=row["trace"],
            facts=row,
            changes=changes.get(row["alert_id"], ()),
        )
        for row in found
    ]


async def _changes(
    tx: Transaction, alert_ids: Sequence[str]
) -> Mapping[str, list[Mapping[str, Any]]]:
    found = await tx.rows(
        f"""
        SELECT d.alert_id, r.number, r.title, r.ends_at
        FROM {changes_during(tx.one_of("a.id", "$1"))} ORDER BY d.alert_id, r.starts_at, r.id
        """,  # noqa: S608 — names and places
        dumps(sorted(alert_ids)),
    )
    changes: dict[str, list[Mapping[str, Any]]] = {}
    for row in found:
        changes.setdefault(row["alert_id"], []).append(row)
    return changes


async def record_attempt(tx: Transaction, message_id: str, attempt: Attempt) -> None:
    """Say what became of a message. Hold the channel before."""
    has_ended = attempt.due_at is None
    await tx.rows(
        """
        UPDATE notification SET state = $2, due_at = $3, ended_at = $4, attempt = $5, tries = $6,
            code = $7, error = $8
        WHERE id = $1 RETURNING id
        """,
        message_id,
        attempt.state,
        None if attempt.due_at is None else to_milliseconds(attempt.due_at),
        to_milliseconds(attempt.at) if has_ended else None,
        attempt.attempt,
        dumps(list(attempt.tries)),
        attempt.code,
        attempt.error,
    )


async def end_unsent(
    tx: Transaction, channels: Collection[str], *, now: datetime, code: str, error: str
) -> int:
    """End what is due for channels that cannot be used; return how many messages that were."""
    ended = await tx.rows(
        f"""
        UPDATE notification SET state = $2, due_at = NULL, ended_at = $3, code = $4, error = $5
        WHERE due_at <= $3 AND {tx.one_of("channel", "$1")} RETURNING id
        """,  # noqa: S608 — names are ours
        dumps(sorted(channels)),
        NotificationState.DEAD,
        to_milliseconds(now),
        code,
        error,
    )
    return len(ended)
