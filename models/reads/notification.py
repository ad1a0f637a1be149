"""Messages to people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.sla.terms import NotificationState
from models.coding import dumps, instant
from models.reads.alerts import ALERTS, visible_alerts
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message through one channel.

    due_at: when it is tried next; None when it has ended.
    error: why it could not be sent last.
    """

    id: str
    channel: str
    state: NotificationState
    attempt: int
    due_at: datetime | None
    sent_at: datetime | None
    error: str | None


async def notifications_of(
    scope: Scope, alert_ids: Collection[str]
) -> dict[str, list[Notification]]:
    """Return the messages about each alert, by channel. Cost: some index probes an alert."""
    conditions = visible_alerts(scope)
    conditions.add(one_of("a.id", conditions.put(dumps(sorted(alert_ids)))))
    found = await rows(
        f"""
        SELECT n.id, n.alert_id, n.channel, n.state, n.attempt, n.due_at, n.ended_at, n.error
        FROM notification n
        WHERE n.alert_id IN (SELECT a.id FROM {ALERTS} WHERE {conditions.where})
        ORDER BY n.alert_id, n.channel
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    messages: dict[str, list[Notification]] = {one: [] for one in alert_ids}
    for row in found:
        messages[row["alert_id"]].append(_notification_of(row))
    return messages


async def policy_notifications() -> list[Notification]:
    """Return the messages of what became of the policy file last, by channel.

    Cost: two ranges of an index, of all such messages.
    """
    found = await rows(
        """
        SELECT id, channel, state, attempt, due_at, ended_at, error FROM notification
        WHERE alert_id IS NULL AND queued_at = (
            SELECT max(queued_at) FROM notification WHERE alert_id IS NULL
        )
        ORDER BY channel
        """
    )
    return [_notification_of(row) for row in found]


def _notification_of(row: Mapping[str, Any]) -> Notification:
    state = NotificationState(row["state"])
    return Notification(
        id=row["id"],
        channel=row["channel"],
        state=state,
        attempt=row["attempt"],
        due_at=instant(row["due_at"]),
        sent_at=instant(row["ended_at"]) if state is NotificationState.DONE else None,
        error=row["error"],
    )
