"""What must hold of what is told and sent, whatever has happened."""

from collections import Counter
from itertools import groupby, pairwise
from typing import Final

from domain.sla.terms import AlertLevel
from models.reads.statement import rows
from tests.acceptance.watch.laws import Force

_CHANNELS: Final = {
    AlertLevel.ALERT: {"slack"},
    AlertLevel.BREACH: {"slack", "email"},
    AlertLevel.ESCALATION: {"slack"},
}


async def outdated(force: Force) -> list[str]:
    """Return of which subjects something was told by a policy that another had replaced."""
    found = await rows(
        """
        SELECT c.subject_id FROM event_log e LEFT JOIN alert a ON a.id = e.record_id
        JOIN sla_clock c ON c.subject_id = coalesce(a.subject_id, e.record_id)
        WHERE e.kind IN ('RAISED', 'STATE_CHANGED') AND c.phase IN ('RUNNING', 'PAUSED')
            AND c.policy <> $1
            AND e.number > (SELECT max(number) FROM event_log WHERE kind = 'POLICY_TAKEN')
        """,
        force.version,
    )
    return [f"{row['subject_id']} goes by a policy that was replaced" for row in found]


async def untold() -> list[str]:
    """Return which alerts and states are not told, or not once, or sent to nobody."""
    faults: list[str] = []
    entries = await rows("SELECT * FROM event_log ORDER BY number")
    if [row["number"] for row in entries] != list(range(1, len(entries) + 1)):
        faults.append("a number of the event log is missing")
    raised = Counter(row["record_id"] for row in entries if row["kind"] == "RAISED")
    alerts = await rows("SELECT id, key, level, is_suppressed FROM alert")
    if raised != Counter(row["id"] for row in alerts):
        faults.append("an alert is not told once")
    sent = await rows("SELECT alert_id, channel FROM notification")
    for row in alerts:
        channels = sorted(one["channel"] for one in sent if one["alert_id"] == row["id"])
        wanted = () if row["is_suppressed"] else _CHANNELS[AlertLevel(row["level"])]
        if channels != sorted(wanted):
            faults.append(f"{row['key']} goes to {channels}")
    states = sorted(
        (row for row in entries if row["kind"] == "STATE_CHANGED"),
        key=lambda row: str(row["record_id"]),
    )
    subjects = {row["id"]: row["state"] for row in await rows("SELECT id, state FROM sla_subject")}
    for subject, changes in groupby(states, key=lambda row: row["record_id"]):
        told = [row["message"] for row in changes]
        if any(one == other for one, other in pairwise(told)):
            faults.append(f"{subject} is told to be what it was")
        if told[-1] != subjects[subject]:
            faults.append(f"{subject} is told to be {told[-1]}")
    return faults
