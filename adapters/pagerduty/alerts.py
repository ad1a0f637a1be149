"""PagerDuty's alerts as events. Pure."""

from collections.abc import Mapping

from adapters.pagerduty.reading import (
    at_first,
    child,
    identity,
    is_identity,
    iso,
    page_of,
    record,
    references,
    text,
    time_of,
    told,
)
from adapters.pagerduty.terms import Terms
from domain.inbound import FaultyRecord, InboundRecord, MirroredValue, Target, VendorKey
from domain.records import EventSeverity, EventStatus, RecordKind, RelationName


def alert(row: object, terms: Terms) -> InboundRecord | FaultyRecord:
    """Read an alert. It says neither who changed it nor, in older accounts, when."""
    return record(row, lambda readable: _alert(readable, terms))


def _alert(row: Mapping[str, object], terms: Terms) -> InboundRecord:
    external_id = identity(row)
    created_at = time_of(row, "created_at")
    updated_at = at_first(row, "updated_at", "resolved_at") or created_at
    fields: dict[str, MirroredValue] = {"occurredAt": iso(created_at)}
    for name, field in (("summary", "title"), ("alert_key", "dedupKey")):
        if name in row:
            fields[field] = told(row, name)
    if "service" in row:
        fields["services"] = references([child(row, "service")], "service")
    if source := text(child(child(row, "body"), "cef_details"), "source_origin"):
        fields["source"] = source
    unmapped = _closed_sets(row, terms, fields)
    return InboundRecord(
        external_id=external_id,
        external_key=external_id,
        url=page_of(row, f"{terms.base_url}/alerts/{external_id}"),
        key=VendorKey(at=updated_at),
        created_at=created_at,
        author="",
        fields=fields,
        unmapped=unmapped,
        relations={RelationName.PART_OF: _incidents(row)} if "incident" in row else {},
    )


def _closed_sets(
    row: Mapping[str, object], terms: Terms, fields: dict[str, MirroredValue]
) -> dict[str, str]:
    """Add severity and status; return the raw values that are not mapped."""
    unmapped: dict[str, str] = {}
    nearest = {"severity": EventSeverity.WARNING, "status": EventStatus.FIRING}
    for name, fallback in nearest.items():
        # An alert that came by e-mail has no severity.
        if found := text(row, name):
            ours = terms.ours(RecordKind.EVENT, name, row)
            if ours is None:
                unmapped[name] = found
            fields[name] = ours or fallback
    return unmapped


def _incidents(row: Mapping[str, object]) -> tuple[Target, ...]:
    found = text(child(row, "incident"), "id")
    return (Target(kind=RecordKind.INCIDENT, external_id=found),) if is_identity(found) else ()
