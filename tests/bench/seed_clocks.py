"""Clocks and alerts of seeded tickets: most are done, of the others some are late."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from tortoise.connection import get_connection

from domain.records import TicketStatus
from domain.sla.terms import AlertLevel, SlaClockKind, SlaPhase
from models import bulk
from models.coding import MILLISECOND, to_milliseconds
from models.dialect import is_sqlite

Line = dict[str, object]

_TARGET: Final = timedelta(days=2) // MILLISECOND
_PHASES: Final = {
    TicketStatus.PENDING: SlaPhase.PAUSED,
    TicketStatus.ON_HOLD: SlaPhase.PAUSED,
    TicketStatus.RESOLVED: SlaPhase.STOPPED,
    TicketStatus.CLOSED: SlaPhase.STOPPED,
    TicketStatus.CANCELLED: SlaPhase.CANCELLED,
}


async def seed_clocks(tickets: Sequence[Line], *, now: datetime, chance: Random) -> None:
    """Insert what a look at tickets would have left, and an alert for each that is late."""
    connection = get_connection("default")
    clocks = [
        _clock(ticket, kind, to_milliseconds(now), chance)
        for ticket in tickets
        for kind in SlaClockKind
    ]
    subjects: list[Line] = [
        {"id": ticket["id"], "kind": "TICKET", "look_at": None, "state": "OK"} for ticket in tickets
    ]
    tables = {"sla_subject": subjects, "sla_clock": clocks, "alert": list(_alerts(clocks, now))}
    for table, lines in tables.items():
        for start in range(0, len(lines), 5_000):
            await bulk.insert(connection, table, lines[start : start + 5_000])
        if not is_sqlite(connection):
            await connection.execute_query(f"VACUUM ANALYZE {table}")


def _clock(ticket: Line, kind: SlaClockKind, now_ms: int, chance: Random) -> Line:
    status = TicketStatus(str(ticket["status"]))
    phase = _PHASES.get(status, SlaPhase.RUNNING)
    if kind is SlaClockKind.RESPONSE and status is not TicketStatus.NEW:
        phase = SlaPhase.STOPPED
    used = chance.random() * 1.3
    elapsed = int(_TARGET * used)
    alert_at: int | None = now_ms + int(_TARGET * (0.85 - used))
    breach_at: int | None = now_ms + int(_TARGET * (1 - used))
    if phase is not SlaPhase.RUNNING:
        alert_at = alert_at if used >= 0.85 else None
        breach_at = breach_at if used >= 1 else None
    return {
        "subject_id": ticket["id"],
        "kind": kind,
        "phase": phase,
        "cycle": 1,
        "target_ms": _TARGET,
        "elapsed_ms": elapsed,
        "started_at": now_ms - elapsed,
        "stopped_at": now_ms if phase in {SlaPhase.STOPPED, SlaPhase.CANCELLED} else None,
        "alert_at": alert_at,
        "breach_at": breach_at,
        "calendar": "always",
        "policy": "0" * 64,
        "rule": "default",
        "priority": ticket["priority"],
    }


def _alerts(clocks: Sequence[Line], now: datetime) -> Iterator[Line]:
    for number, clock in enumerate(clocks):
        if clock["breach_at"] is None or int(str(clock["breach_at"])) > to_milliseconds(now):
            continue
        yield {
            "id": f"9{number:025d}",
            "key": f"{clock['subject_id']}/{clock['kind']}/1/{_TARGET}/BREACH",
            "subject_id": clock["subject_id"],
            "clock": clock["kind"],
            "cycle": 1,
            "target_ms": _TARGET,
            "level": AlertLevel.BREACH,
            "percent": 100.0,
            "crossed_at": clock["breach_at"],
            "raised_at": clock["breach_at"],
            "escalation_level": 1,
            "is_suppressed": number % 20 == 0,
        }
