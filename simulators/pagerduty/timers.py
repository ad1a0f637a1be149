"""What will happen to an incident by itself. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from simulators.pagerduty.names import instant, stamp


def pending(
    incident: Mapping[str, Any], service: Mapping[str, Any], policy: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Return the pending actions of an incident, as the API shows them.

    An acknowledgement runs out; a triggered incident climbs its policy, unless
    somebody assigned it by hand; an open one resolves by itself where its
    service says so.
    """
    if incident["status"] == "resolved":
        return []
    actions: list[dict[str, str]] = []
    if incident["status"] == "acknowledged" and incident["unacknowledge_at"]:
        actions.append({"type": "unacknowledge", "at": incident["unacknowledge_at"]})
    rules, level = policy.get("escalation_rules", []), incident["escalation_level"]
    climbs = incident["status"] == "triggered" and incident["assigned_via"] == "escalation_policy"
    if climbs and level < len(rules):
        since = max(incident["escalated_at"], incident["last_status_change_at"])
        delay = timedelta(minutes=rules[level - 1]["escalation_delay_in_minutes"])
        actions.append({"type": "escalate", "at": _after(since, delay)})
    if timeout := service.get("auto_resolve_timeout"):
        since = incident["reopened_at"] or incident["created_at"]
        actions.append({"type": "resolve", "at": _after(since, timedelta(seconds=timeout))})
    return actions


def _after(since: str, delay: timedelta) -> str:
    return stamp(instant(since) + delay)
