"""Alerts, and what the event log tells of them."""

from collections.abc import Sequence
from typing import Any

from domain.events.entry import AlertEventKind, ClockEventKind, NewEntry, Topic
from domain.sla.terms import AlertLevel, SlaClockKind, SlaState, SlaSubjectKind
from models.coding import to_milliseconds
from models.tables.incident import IncidentRow
from models.tables.ticket import TicketRow
from models.transaction import Transaction, commit
from tests.rows.moments import NOW, new_id


async def alerts(of: TicketRow | IncidentRow, count: int = 1, **columns: Any) -> list[str]:  # noqa: ANN401 — columns
    """Return the ids of alerts of a subject: the clock of its resolution, most of it used."""
    is_ticket = isinstance(of, TicketRow)
    kind = SlaSubjectKind.TICKET if is_ticket else SlaSubjectKind.INCIDENT
    raised_at = to_milliseconds(columns.pop("raised_at", NOW))
    lines: list[dict[str, object]] = []
    for _ in range(count):
        key = new_id()
        defaults = {
            "id": key,
            "key": key,
            "subject_id": of.id,
            "clock": SlaClockKind.RESOLUTION,
            "cycle": 1,
            "target_ms": 14_400_000,
            "level": AlertLevel.ALERT,
            "percent": 85.0,
            "crossed_at": raised_at,
            "raised_at": raised_at,
            "escalation_level": 1,
            "is_suppressed": False,
        }
        lines.append(defaults | columns)

    async def write(tx: Transaction) -> None:
        await tx.upsert("sla_subject", [{"id": of.id, "kind": kind}], key=("id",))
        await tx.insert("alert", lines)

    await commit(write)
    return [str(line["id"]) for line in lines]


def raised(ids: Sequence[str], kind: AlertEventKind = AlertEventKind.RAISED) -> list[NewEntry]:
    """Entries that tell of alerts."""
    return [NewEntry(topic=Topic.ALERT, kind=kind, occurred_at=NOW, record_id=key) for key in ids]


def stands(of: TicketRow | IncidentRow, state: SlaState | None) -> NewEntry:
    """An entry that tells how a subject stands."""
    return NewEntry(
        topic=Topic.CLOCK,
        kind=ClockEventKind.STATE_CHANGED,
        occurred_at=NOW,
        record_id=of.id,
        message=state,
    )
