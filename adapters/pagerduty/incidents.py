"""PagerDuty's incidents in our words, from its answers and its webhooks. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from adapters.pagerduty.reading import (
    agent_of,
    at_first,
    child,
    children,
    identity,
    is_web,
    iso,
    page_of,
    record,
    reference,
    references,
    text,
    time_of,
    told,
)
from adapters.pagerduty.terms import Terms
from domain.inbound import FaultyRecord, InboundRecord, MirroredValue, SameAs, VendorKey
from domain.records import IncidentStatus, Priority, RecordKind, Severity

_OURS: Final = re.compile(r"wp-([0-7][0-9A-HJKMNP-TV-Z]{25})")
_LAST_PART: Final = re.compile(r"[^/=?&#]+(?=/?$)")
_LONGEST_KEY: Final = 255
# What another vendor's type or address has in it.
_PROVIDERS: Final[Mapping[str, str]] = {
    "servicenow": "servicenow",
    "service-now": "servicenow",
    "service_now": "servicenow",
    "jira": "jira",
    "atlassian": "jira",
}
# Without a priority of ours, urgency is the nearest there is.
_PRIORITY_OF: Final[Mapping[str, str]] = dict(zip(Severity, Priority, strict=True))
_RESOLVED: Final = "resolved"


def incident_key(correlation_id: str) -> str:
    """Return the key of an incident that we create: it carries our id (rule I4)."""
    return f"wp-{correlation_id}"


def incident(row: object, terms: Terms, at: datetime | None = None) -> InboundRecord | FaultyRecord:
    """Read an incident.

    at: when a webhook says that it was so; the payload has no update time.
    What the row lacks is left out: absence is not emptiness.
    """
    return record(row, lambda readable: _incident(readable, terms, at))


def _incident(row: Mapping[str, object], terms: Terms, at: datetime | None) -> InboundRecord:
    external_id = identity(row)
    updated_at = at or _updated_at(row)
    fields: dict[str, MirroredValue] = _texts(row) | _references(row) | _times(row)
    unmapped = _closed_sets(row, terms, fields)
    ours = _OURS.fullmatch(text(row, "incident_key"))
    return InboundRecord(
        external_id=external_id,
        external_key=text(row, "incident_number") or text(row, "number") or external_id,
        url=page_of(row, f"{terms.base_url}/incidents/{external_id}"),
        key=VendorKey(at=updated_at),
        created_at=at_first(row, "created_at") or updated_at,
        author=agent_of(row, "last_status_change_by"),
        fields=fields,
        unmapped=unmapped,
        correlation_id=ours[1] if ours else None,
        same_as=_same_as(row),
    )


def _updated_at(row: Mapping[str, object]) -> datetime:
    """Return when an incident changed last; answers of before 2023 tell that of its status."""
    if "updated_at" in row:
        return time_of(row, "updated_at")
    return time_of(row, "last_status_change_at", "created_at")


def _texts(row: Mapping[str, object]) -> dict[str, MirroredValue]:
    fields: dict[str, MirroredValue] = {}
    for name, field in (("incident_number", "number"), ("number", "number"), ("title", "title")):
        if name in row:
            fields[field] = told(row, name)
    if "urgency" in row:
        fields["urgency"] = told(row, "urgency")
    # Only an answer that was asked for it has the body, as part of what triggered it.
    body = child(row, "body") or child(child(row, "first_trigger_log_entry"), "channel")
    if isinstance(details := body.get("details"), str):
        fields["description"] = details or None
    if "resolve_reason" in row:
        fields["resolve_reason"] = text(child(row, "resolve_reason"), "type") or None
    if "incident_type" in row:
        fields["incident_type"] = text(child(row, "incident_type"), "name") or None
    return fields


def _references(row: Mapping[str, object]) -> dict[str, MirroredValue]:
    fields: dict[str, MirroredValue] = {}
    if "escalation_policy" in row:
        policy = child(row, "escalation_policy")
        fields["escalationPolicy"] = reference(policy, "escalation_policy")
    if "service" in row:
        fields["services"] = references([child(row, "service")], "service")
    if "teams" in row:
        fields["teams"] = references(children(row, "teams"), "team")
    # The vendor takes everybody off an incident that ends; nobody unassigned them.
    if text(row, "status") != _RESOLVED:
        assigned = [child(one, "assignee") for one in children(row, "assignments")]
        assigned += children(row, "assignees")
        if assigned or "assignments" in row or "assignees" in row:
            fields["assignee"] = next(iter(references(assigned, "user")), None)
    return fields


def _times(row: Mapping[str, object]) -> dict[str, MirroredValue]:
    fields: dict[str, MirroredValue] = {}
    if started_at := at_first(row, "created_at"):
        fields["startedAt"] = iso(started_at)
    if resolved_at := at_first(row, "resolved_at"):
        fields["resolvedAt"] = iso(resolved_at)
    elif "status" in row and text(row, "status") != _RESOLVED:
        fields["resolvedAt"] = None
    return fields


def _closed_sets(
    row: Mapping[str, object], terms: Terms, fields: dict[str, MirroredValue]
) -> dict[str, str]:
    """Add status, priority and severity; return the raw values that are not mapped."""
    unmapped: dict[str, str] = {}
    if "status" in row:
        status = terms.ours(RecordKind.INCIDENT, "status", row)
        if status is None:
            unmapped["status"] = text(row, "status")
        fields["status"] = status or _nearest_status(row)
    severity = terms.ours(RecordKind.INCIDENT, "severity", row)
    if severity is None and text(row, "urgency"):
        unmapped["urgency"] = text(row, "urgency")
        severity = Severity.SEV2
    if severity is not None:
        fields["severity"] = severity
    if "priority" in row:
        priority = terms.ours(RecordKind.INCIDENT, "priority", row)
        if priority is None and child(row, "priority"):
            theirs = child(row, "priority")
            unmapped["priority"] = text(theirs, "summary") or text(theirs, "id")
            priority = _PRIORITY_OF.get(severity or "")
        fields["priority"] = priority
    return unmapped


def _nearest_status(row: Mapping[str, object]) -> str:
    if text(row, "resolved_at"):
        return IncidentStatus.RESOLVED
    if children(row, "acknowledgements"):
        return IncidentStatus.ACKNOWLEDGED
    return IncidentStatus.NEW


def _same_as(row: Mapping[str, object]) -> tuple[SameAs, ...]:
    """Return the records of other vendors that the account's integrations keep in step."""
    found: list[SameAs] = []
    for named in children(row, "external_references"):
        link = text(named, "external_url")
        last = _LAST_PART.search(link) if is_web(link) else None
        known_as = text(named, "external_id") or (last[0] if last else "")
        if known_as and len(known_as) <= _LONGEST_KEY:
            found.append(SameAs(known_as=known_as, provider=_provider(named, link)))
    return tuple(dict.fromkeys(found))


def _provider(named: Mapping[str, object], link: str) -> str | None:
    host = urlsplit(link).netloc if is_web(link) else ""
    told_by = f"{text(named, 'type')} {host}".lower()
    return next((key for sign, key in _PROVIDERS.items() if sign in told_by), None)
