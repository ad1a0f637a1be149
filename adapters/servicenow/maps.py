"""Where our fields stand in ServiceNow's tables by default, and what its values mean.

A setting of an integration may put another column, or other values, in place of
each. The table of tickets is such a column too: where requested items are the
tickets, ``table`` becomes ``sc_req_item``, and ``status`` takes that table's states.
"""

from typing import Final

from adapters.field_map import FieldMap
from domain.records import (
    ChangeRisk,
    ChangeStatus,
    Direction,
    EventSeverity,
    EventStatus,
    IncidentStatus,
    Priority,
    RecordKind,
    RelationName,
    ServiceCriticality,
    Severity,
    TicketStatus,
)

# Fields that name something beside a column of the record itself.
TABLE: Final = "table"
DEPENDS_ON: Final = "dependsOn"
CLOSE_CODE: Final = "closeCode"
CLOSE_NOTES: Final = "closeNotes"

_IN: Final = Direction.INBOUND
_PRIORITIES: Final = {str(number): f"P{number}" for number in range(1, len(Priority) + 1)}
_SEVERITIES: Final = {str(number): f"SEV{number}" for number in range(1, len(Severity) + 1)}
_SERVICE_CLASSES: Final = (
    "cmdb_ci_service",
    "cmdb_ci_service_auto",
    "cmdb_ci_service_business",
    "cmdb_ci_service_calculated",
    "cmdb_ci_service_discovered",
    "cmdb_ci_service_technical",
    "service_offering",
)


def _read_only(kind: RecordKind, **columns: str) -> tuple[FieldMap, ...]:
    """Return maps of fields that are taken as they stand: our name to the column."""
    return tuple(
        FieldMap(kind=kind, field=name, external_field=column, direction=_IN)
        for name, column in columns.items()
    )


def _services(kind: RecordKind, direction: Direction = _IN) -> tuple[FieldMap, ...]:
    return tuple(
        FieldMap(
            kind=kind,
            field="services",
            external_field=column,
            direction=direction,
            # Two columns keep no order.
            is_lossy=True,
        )
        for column in ("cmdb_ci", "business_service")
    )


_INCIDENT: Final = RecordKind.INCIDENT
_INCIDENTS: Final = (
    *_read_only(_INCIDENT, number="number", labels="sys_tags"),
    *_read_only(_INCIDENT, startedAt="opened_at", resolvedAt="resolved_at"),
    FieldMap(kind=_INCIDENT, field="title", external_field="short_description"),
    FieldMap(kind=_INCIDENT, field="description", external_field="description"),
    FieldMap(
        kind=_INCIDENT,
        field="status",
        external_field="state",
        is_lossy=True,  # ACKNOWLEDGED becomes 2, which is IN_PROGRESS
        values={
            "1": IncidentStatus.NEW,
            "2": IncidentStatus.IN_PROGRESS,
            "3": IncidentStatus.ON_HOLD,
            "6": IncidentStatus.RESOLVED,
            "7": IncidentStatus.CLOSED,
            "8": IncidentStatus.CANCELLED,
        },
    ),
    # An instance's own ``severity`` is seldom kept; ``priority`` follows from impact and
    # urgency, and on many instances the lowest pair gives 4 and not 5.
    FieldMap(
        kind=_INCIDENT,
        field="priority",
        external_field="priority",
        is_lossy=True,
        values=_PRIORITIES,
    ),
    FieldMap(
        kind=_INCIDENT,
        field="severity",
        external_field="priority",
        is_lossy=True,
        values=_SEVERITIES,
    ),
    FieldMap(kind=_INCIDENT, field="assignee", external_field="assigned_to"),
    FieldMap(kind=_INCIDENT, field="escalationPolicy", external_field="assignment_group"),
    *_services(_INCIDENT, Direction.BIDIRECTIONAL),
    # What is written beside the state when an incident is resolved and has neither yet:
    # without them a data policy refuses. An instance may ask for another of its codes.
    FieldMap(
        kind=_INCIDENT,
        field=CLOSE_CODE,
        external_field="close_code",
        direction=Direction.OUTBOUND,
        values={"Solved (Permanently)": IncidentStatus.RESOLVED},
    ),
    FieldMap(
        kind=_INCIDENT,
        field=CLOSE_NOTES,
        external_field="close_notes",
        direction=Direction.OUTBOUND,
        values={"Resolved through Watchpane": IncidentStatus.RESOLVED},
    ),
)

_CHANGE: Final = RecordKind.CHANGE
_CHANGES: Final = (
    *_read_only(_CHANGE, number="number", title="short_description", description="description"),
    *_read_only(_CHANGE, assignee="assigned_to"),
    *_read_only(_CHANGE, plannedStartsAt="start_date", plannedEndsAt="end_date"),
    *_read_only(_CHANGE, actualStartsAt="work_start", actualEndsAt="work_end"),
    FieldMap(
        kind=_CHANGE,
        field="status",
        external_field="state",
        direction=_IN,
        is_lossy=True,
        values={
            "-5": ChangeStatus.DRAFT,
            "-4": ChangeStatus.DRAFT,
            "-3": ChangeStatus.DRAFT,
            "-2": ChangeStatus.SCHEDULED,
            "-1": ChangeStatus.IN_PROGRESS,
            "0": ChangeStatus.IN_PROGRESS,
            "3": ChangeStatus.COMPLETED,
            "4": ChangeStatus.CANCELLED,
        },
    ),
    FieldMap(
        kind=_CHANGE,
        field="status",
        external_field="close_code",
        direction=_IN,
        is_lossy=True,
        values={"unsuccessful": ChangeStatus.FAILED},
    ),
    FieldMap(
        kind=_CHANGE,
        field="risk",
        external_field="risk",
        direction=_IN,
        values={"2": ChangeRisk.HIGH, "3": ChangeRisk.MEDIUM, "4": ChangeRisk.LOW},
    ),
    *_services(_CHANGE),
)

_EVENT: Final = RecordKind.EVENT
_EVENTS: Final = (
    *_read_only(_EVENT, title="description", source="source", dedupKey="message_key"),
    *_read_only(_EVENT, services="cmdb_ci", occurredAt="initial_event_generation_time"),
    FieldMap(
        kind=_EVENT,
        field="severity",
        external_field="severity",
        direction=_IN,
        is_lossy=True,
        values={
            "0": EventSeverity.INFO,
            "1": EventSeverity.CRITICAL,
            "2": EventSeverity.CRITICAL,
            "3": EventSeverity.WARNING,
            "4": EventSeverity.WARNING,
            "5": EventSeverity.INFO,
        },
    ),
    FieldMap(
        kind=_EVENT,
        field="status",
        external_field="state",
        direction=_IN,
        is_lossy=True,
        values={
            "Open": EventStatus.FIRING,
            "Reopen": EventStatus.FIRING,
            "Flapping": EventStatus.FIRING,
            "Closed": EventStatus.CLEARED,
        },
    ),
    FieldMap(
        kind=_EVENT,
        field="status",
        external_field="severity",
        direction=_IN,
        is_lossy=True,
        values={"0": EventStatus.CLEARED},
    ),
)

_TICKET: Final = RecordKind.TICKET
_TICKETS: Final = (
    *_read_only(_TICKET, **{TABLE: "sn_customerservice_case"}),
    *_read_only(_TICKET, number="number", title="short_description", description="description"),
    # The platform has no level of support: customers add a column to their accounts.
    *_read_only(_TICKET, tier="account.u_level"),
    *_read_only(_TICKET, assignee="assigned_to", resolvedAt="resolved_at"),
    FieldMap(
        kind=_TICKET,
        field="status",
        external_field="state",
        direction=_IN,
        values={
            "1": TicketStatus.NEW,
            "10": TicketStatus.OPEN,
            "18": TicketStatus.PENDING,
            "6": TicketStatus.RESOLVED,
            "3": TicketStatus.CLOSED,
            "7": TicketStatus.CANCELLED,
        },
    ),
    FieldMap(
        kind=_TICKET,
        field="priority",
        external_field="priority",
        direction=_IN,
        values=_PRIORITIES,
    ),
    *_services(_TICKET),
)

_SERVICE: Final = RecordKind.SERVICE
_SERVICES: Final = (
    *_read_only(_SERVICE, name="name"),
    FieldMap(
        kind=_SERVICE,
        field="criticality",
        external_field="busines_criticality",  # spelt with one "s" in the platform
        direction=_IN,
        is_lossy=True,
        values={
            "1 - most critical": ServiceCriticality.TIER1,
            "2 - somewhat critical": ServiceCriticality.TIER2,
            "3 - less critical": ServiceCriticality.TIER3,
            "4 - not critical": ServiceCriticality.TIER3,
        },
    ),
    FieldMap(
        kind=_SERVICE,
        field="isConfigurationItem",
        external_field="sys_class_name",
        direction=_IN,
        is_lossy=True,
        values=dict.fromkeys(_SERVICE_CLASSES, "false"),
    ),
    FieldMap(
        kind=_SERVICE,
        field=DEPENDS_ON,
        external_field="type.name",
        direction=_IN,
        values={"Depends on::Used by": RelationName.DEPENDS_ON},
    ),
)

MAPPINGS: Final = (*_INCIDENTS, *_CHANGES, *_EVENTS, *_TICKETS, *_SERVICES)
