"""Which field of an issue is which of ours, and which value which. Tables only.

An external field is named by its id, by its type (``schema.custom``) or by its
name: ids of custom fields differ from site to site. Issues of a kind are found
by ``issueType``, whose values are the names of issue types, and by ``project``,
whose values are the keys of projects; none but ``ANY`` stands for all that can
be seen.
"""

from collections.abc import Mapping
from typing import Final

from adapters.field_map import FieldMap
from domain.records import ChangeRisk, Direction, Priority, RecordKind, Severity

# Custom fields that Jira Service Management brings along, by their types.
AFFECTED_SERVICES: Final = "com.atlassian.jira.plugins.service-entity:service-entity-field-cftype"
ORGANIZATIONS: Final = "com.atlassian.servicedesk:sd-customer-organizations"

ANY: Final = "*"
# The place of a priority in the site's own order, since their names are the site's own too.
PRIORITY: Final[Mapping[str, str]] = {f"#{n}": value for n, value in enumerate(Priority, 1)}
SEVERITY: Final[Mapping[str, str]] = {f"#{n}": value for n, value in enumerate(Severity, 1)}
RISK: Final[Mapping[str, str]] = {
    "Critical": ChangeRisk.HIGH,
    "High": ChangeRisk.HIGH,
    "Medium": ChangeRisk.MEDIUM,
    "Low": ChangeRisk.LOW,
}
# A status has any name, but one of three categories; see also ``statuses.HINTS``.
STATUS: Final[Mapping[RecordKind, Mapping[str, str]]] = {
    RecordKind.INCIDENT: {"new": "NEW", "indeterminate": "IN_PROGRESS", "done": "RESOLVED"},
    RecordKind.CHANGE: {"new": "DRAFT", "indeterminate": "IN_PROGRESS", "done": "COMPLETED"},
    RecordKind.TICKET: {"new": "NEW", "indeterminate": "OPEN", "done": "RESOLVED"},
}
ISSUE_TYPES: Final[Mapping[RecordKind, str]] = {
    RecordKind.INCIDENT: "[System] Incident",
    RecordKind.CHANGE: "[System] Change",
    RecordKind.TICKET: "[System] Service request",
}


def _every(kind: RecordKind) -> tuple[FieldMap, ...]:
    """Return the fields that issues of all kinds have."""
    return (
        FieldMap(
            kind=kind,
            field="number",
            external_field="key",
            direction=Direction.INBOUND,
            is_fixed=True,
        ),
        FieldMap(kind=kind, field="title", external_field="summary"),
        FieldMap(kind=kind, field="description", external_field="description", is_lossy=True),
        FieldMap(
            kind=kind, field="status", external_field="status", is_lossy=True, values=STATUS[kind]
        ),
        FieldMap(kind=kind, field="assignee", external_field="assignee"),
        FieldMap(kind=kind, field="services", external_field="components"),
        FieldMap(kind=kind, field="services", external_field=AFFECTED_SERVICES),
        FieldMap(
            kind=kind,
            field="issueType",
            external_field="issuetype",
            direction=Direction.INBOUND,
            values={ISSUE_TYPES[kind]: kind},
        ),
        FieldMap(
            kind=kind,
            field="project",
            external_field="project",
            direction=Direction.INBOUND,
            values={ANY: kind},
        ),
    )


def _priority(kind: RecordKind) -> FieldMap:
    return FieldMap(
        kind=kind, field="priority", external_field="priority", is_lossy=True, values=PRIORITY
    )


def _read_only(kind: RecordKind, **fields: str) -> tuple[FieldMap, ...]:
    return tuple(
        FieldMap(kind=kind, field=field, external_field=name, direction=Direction.INBOUND)
        for field, name in fields.items()
    )


MAPPINGS: Final[tuple[FieldMap, ...]] = (
    *_every(RecordKind.INCIDENT),
    # Jira has no severity of its own: a select field serves where a setting names one.
    FieldMap(
        kind=RecordKind.INCIDENT,
        field="severity",
        external_field="priority",
        is_lossy=True,
        values=SEVERITY,
    ),
    _priority(RecordKind.INCIDENT),
    FieldMap(kind=RecordKind.INCIDENT, field="labels", external_field="labels", is_lossy=True),
    *_read_only(RecordKind.INCIDENT, startedAt="created", resolvedAt="resolutiondate"),
    *_every(RecordKind.CHANGE),
    FieldMap(
        kind=RecordKind.CHANGE,
        field="risk",
        external_field="Change risk",
        is_lossy=True,
        values=RISK,
    ),
    *_read_only(
        RecordKind.CHANGE,
        plannedStartsAt="Planned start",
        plannedEndsAt="Planned end",
        actualStartsAt="Actual start",
        actualEndsAt="Actual end",
    ),
    *_every(RecordKind.TICKET),
    _priority(RecordKind.TICKET),
    # Which customer has bought what is told by a setting: organisation to tier.
    FieldMap(
        kind=RecordKind.TICKET,
        field="tier",
        external_field=ORGANIZATIONS,
        direction=Direction.INBOUND,
        values={"PREMIUM": "PREMIUM", "STANDARD": "STANDARD"},
    ),
    *_read_only(RecordKind.TICKET, resolvedAt="resolutiondate"),
)
