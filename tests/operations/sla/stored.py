"""All that the watch over the clocks keeps: read for comparison, and emptied."""

from typing import Any, Final

from models.reads.statement import rows
from models.transaction import Transaction, commit

_KEPT: Final = {
    "clocks": """
        SELECT t.source_id, c.kind, c.phase, c.cycle, c.target_ms, c.elapsed_ms, c.started_at,
            c.stopped_at, c.alert_at, c.breach_at, c.calendar, c.policy
        FROM sla_clock c JOIN ticket t ON t.id = c.subject_id ORDER BY t.source_id, c.kind
    """,
    "subjects": """
        SELECT t.source_id, s.look_at, s.is_at_rest, s.state, s.escalation_level
        FROM sla_subject s JOIN ticket t ON t.id = s.id ORDER BY t.source_id
    """,
    "alerts": """
        SELECT t.source_id, a.clock, a.cycle, a.target_ms, a.level, a.percent, a.crossed_at,
            a.raised_at, a.escalation_level, a.is_suppressed
        FROM alert a JOIN ticket t ON t.id = a.subject_id
        ORDER BY t.source_id, a.raised_at, a.clock, a.level, a.target_ms
    """,
    "notifications": """
        SELECT t.source_id, a.level, a.target_ms, n.channel, n.state, n.due_at
        FROM notification n JOIN alert a ON a.id = n.alert_id JOIN ticket t ON t.id = a.subject_id
        ORDER BY t.source_id, a.level, a.target_ms, n.channel
    """,
    "told": """
        SELECT t.source_id, e.topic, e.kind, e.message FROM event_log e
        LEFT JOIN alert a ON a.id = e.record_id
        JOIN ticket t ON t.id = e.record_id OR t.id = a.subject_id
        WHERE e.topic IN ('ALERT', 'CLOCK') ORDER BY t.source_id, e.number
    """,
    "schedule": "SELECT next_at, rounds, walk_version, walk_after FROM schedule",
}
_EMPTYING: Final = (
    "DELETE FROM event_log",
    "DELETE FROM sla_subject",
    "DELETE FROM ticket",
    "DELETE FROM sla_file",
    "DELETE FROM sla_policy",
    "UPDATE event_head SET newest = 0",
    "UPDATE schedule SET next_at = 0, rounds = 0, walk_version = NULL, walk_after = NULL",
)


async def kept() -> dict[str, list[dict[str, Any]]]:
    """Return all of it without the ids, which differ from run to run."""
    return {name: await rows(sql) for name, sql in _KEPT.items()}


async def emptied() -> None:
    """Make it as it was before the first ticket and the first policy."""

    async def empty(tx: Transaction) -> None:
        for sql in _EMPTYING:
            await tx.rows(sql)

    await commit(empty)
