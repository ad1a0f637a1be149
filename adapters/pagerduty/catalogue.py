"""PagerDuty's change events and services. Pure."""

from collections.abc import Mapping, Sequence

from adapters.pagerduty.reading import (
    child,
    children,
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
from domain.records import RecordKind, RelationName


def change_event(row: object, terms: Terms) -> InboundRecord | FaultyRecord:
    """Read a change event: one instant at which a change was made."""
    return record(row, lambda readable: _change_event(readable, terms))


def _change_event(row: Mapping[str, object], terms: Terms) -> InboundRecord:
    external_id, at = identity(row), time_of(row, "timestamp")
    fields: dict[str, MirroredValue] = {
        "number": external_id,
        "title": told(row, "summary"),
        "actualStartsAt": iso(at),
        "actualEndsAt": iso(at),
    }
    for name in ("status", "risk"):
        if ours := terms.ours(RecordKind.CHANGE, name, {"type": "change_event", **row}):
            fields[name] = ours
    if "services" in row:
        fields["services"] = references(children(row, "services"), "service")
    if "source" in row:
        fields["source"] = told(row, "source")
    return InboundRecord(
        external_id=external_id,
        external_key=external_id,
        url=page_of(row, f"{terms.base_url}/change_events/{external_id}"),
        key=VendorKey(at=at),
        created_at=at,
        author=text(row, "source"),
        fields=fields,
        unmapped={},
    )


def service(
    row: object, terms: Terms, needs: Sequence[str] | None = None
) -> InboundRecord | FaultyRecord:
    """Read a service.

    needs: ids of the services that it depends on; None when they were not read.
    """
    return record(row, lambda readable: _service(readable, terms, needs))


def _service(row: Mapping[str, object], terms: Terms, needs: Sequence[str] | None) -> InboundRecord:
    external_id, created_at = identity(row), time_of(row, "created_at", "updated_at")
    fields: dict[str, MirroredValue] = {"isConfigurationItem": False}
    for name in ("name", "description", "status"):
        if name in row:
            fields[name] = told(row, name)
    targets = tuple(Target(kind=RecordKind.SERVICE, external_id=found) for found in needs or ())
    return InboundRecord(
        external_id=external_id,
        external_key=text(row, "name") or external_id,
        url=page_of(row, f"{terms.base_url}/services/{external_id}"),
        key=VendorKey(at=time_of(row, "updated_at", "created_at")),
        created_at=created_at,
        author="",
        fields=fields,
        unmapped={},
        relations={} if needs is None else {RelationName.DEPENDS_ON: targets},
    )


def needs_of(service_id: str, relationships: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the services that one depends on, of the relationships that name it."""
    return [
        supporting
        for relationship in relationships
        if text(child(relationship, "dependent_service"), "id") == service_id
        and is_identity(supporting := text(child(relationship, "supporting_service"), "id"))
    ]
