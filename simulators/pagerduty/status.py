"""What a status leads to. Acts on a draft, which is stored elsewhere."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from simulators.pagerduty.drafts import Draft
from simulators.pagerduty.names import stamp


def trigger(draft: Draft, channel: Mapping[str, Any] | None = None) -> None:
    """Open a new incident.

    channel: of the Events API; without one, a person opened it. The body is
    shown in it, and nowhere else unless it is asked for.
    """
    incident, title = draft.incident, draft.incident["title"]
    how = "website" if channel is None else "API"
    if channel is None:
        channel = {
            "type": "web_trigger",
            "summary": title,
            "subject": title,
            "details": incident["body"],
        }
    description = {"description": title}
    draft.log(
        "trigger", f"Triggered through the {how}.", channel=channel, event_details=description
    )
    draft.tell("triggered")


def acknowledge(draft: Draft, timeout: int | None) -> None:
    """Acknowledge, or do so again, which starts the time-out anew; in seconds."""
    acknowledged_by = [draft.agent.kind, draft.agent.id]
    others = [a for a in draft.incident["acknowledgements"] if a["acknowledger"] != acknowledged_by]
    mine = {"at": stamp(draft.at), "acknowledger": acknowledged_by}
    draft.turned("acknowledged")
    draft.incident |= {
        "acknowledgements": [*others, mine],
        "unacknowledge_at": _later(draft, timeout),
    }
    draft.log("acknowledge", f"Acknowledged {draft.agent.by}.", acknowledgement_timeout=timeout)
    draft.tell("acknowledged")


def unacknowledge(draft: Draft) -> None:
    """Go back to triggered: the acknowledgement ran out, or somebody took it back."""
    draft.turned("triggered")
    draft.incident |= {"acknowledgements": [], "unacknowledge_at": None}
    timed_out = draft.agent.channel == "timeout"
    how = "due to timeout" if timed_out else draft.agent.by
    draft.log("unacknowledge", f"Unacknowledged {how}.")
    draft.tell("unacknowledged")


def snooze(draft: Draft, seconds: int) -> None:
    """Acknowledge for so many seconds; no webhook tells of it."""
    until = stamp(draft.at + timedelta(seconds=seconds))
    if draft.status != "acknowledged":
        acknowledge(draft, seconds)
    draft.incident["unacknowledge_at"] = until
    action = {"type": "unacknowledge", "at": until}
    draft.log("snooze", f"Snoozed {draft.agent.by}.", changed_actions=[action])


def resolve(draft: Draft, note: str | None = None) -> None:
    """Close the incident; its assignments end with it.

    note: the resolution, kept in the log entry.
    """
    draft.turned("resolved")
    draft.incident |= {
        "assignments": [],
        "acknowledgements": [],
        "unacknowledge_at": None,
        "resolved_at": stamp(draft.at),
    }
    details: dict[str, Any] = {"note": note} if note else {}
    draft.log("resolve", f"Resolved {draft.agent.by}.", **details)
    draft.tell("resolved")


def reopen(draft: Draft) -> None:
    """Open a resolved incident again; who is to be called is decided anew, elsewhere."""
    draft.turned("triggered")
    draft.incident |= {
        "resolved_at": None,
        "resolve_reason": None,
        "reopened_at": stamp(draft.at),
    }
    draft.log("reopen", f"Reopened {draft.agent.by}.")
    draft.tell("reopened")


def _later(draft: Draft, seconds: int | None) -> str | None:
    return None if seconds is None else stamp(draft.at + timedelta(seconds=seconds))
