"""Messages to people, as the rows that wait to be sent."""

from domain.sla.terms import NotificationState
from operations.runtime import Runtime
from operations.span import trace_here


def message(
    runtime: Runtime,
    channel: str,
    *,
    at_ms: int,
    alert_id: str | None = None,
    policy_news: str | None = None,
) -> dict[str, object]:
    """Return the line of a message through a channel, due at once.

    It is about an alert, or tells what became of the file of the service levels.
    at_ms: now; those that tell the same have the same.
    """
    return {
        "id": runtime.new_id(),
        "alert_id": alert_id,
        "policy_news": policy_news,
        "channel": channel,
        "state": NotificationState.READY,
        "due_at": at_ms,
        "tries": "[]",
        "trace": trace_here(),
        "queued_at": at_ms,
    }
