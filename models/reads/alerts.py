"""Alerts that subjects have raised, as rows."""

from collections.abc import Sequence
from typing import Any

from domain.sla.alerts import Alert
from domain.sla.terms import AlertLevel, SlaClockKind
from models.coding import dumps
from models.transaction import Transaction


async def alerts_of(tx: Transaction, subject_ids: Sequence[str]) -> dict[str, list[Alert]]:
    """Return the alerts of subjects, the oldest first, by the subject's id. Cost: one statement."""
    found = await tx.rows(
        f"""
        SELECT * FROM alert WHERE {tx.one_of("subject_id", "$1")} ORDER BY raised_at, id
        """,  # noqa: S608 — names are ours
        dumps(subject_ids),
    )
    alerts: dict[str, list[Alert]] = {}
    for row in found:
        alerts.setdefault(row["subject_id"], []).append(_alert(row))
    return alerts


def _alert(row: dict[str, Any]) -> Alert:
    return Alert(
        key=row["key"],
        kind=SlaClockKind(row["clock"]),
        cycle=row["cycle"],
        target_ms=row["target_ms"],
        level=AlertLevel(row["level"]),
        percent=row["percent"],
        crossed_ms=row["crossed_at"],
        raised_ms=row["raised_at"],
        escalation_level=row["escalation_level"],
        is_suppressed=bool(row["is_suppressed"]),
        acknowledged_ms=row["acknowledged_at"],
        snoozed_until_ms=row["snoozed_until"],
    )
