"""What the company runs, and what watches it: items, their relations, events and alerts."""

from typing import Final

from simulators.servicenow.table import STAMPS, Table, names

_ITEM: Final = f"""
    {STAMPS} category correlation_id install_status name operational_status short_description
    support_group sys_class_name
"""
_OPERATES: Final = {"install_status": "1", "operational_status": "1"}
_EVENT: Final = f"""
    {STAMPS} additional_info cmdb_ci description event_class message_key metric_name node resource
    severity source state type
"""

ITEM_TABLES: Final = (
    Table(
        name="cmdb_ci",
        fields=names(_ITEM),
        references={"support_group": "sys_user_group"},
        defaults=_OPERATES,
        indexes=("name", "sys_updated_on, sys_id"),
    ),
    Table(
        name="cmdb_ci_service",
        extends="cmdb_ci",
        # Spelt with one "s" in the platform.
        fields=names(f"{_ITEM} busines_criticality owned_by service_status used_for"),
        references={"owned_by": "sys_user", "support_group": "sys_user_group"},
        defaults=_OPERATES
        | {
            "busines_criticality": "3 - less critical",
            "service_status": "operational",
            "used_for": "Production",
        },
        indexes=("name", "sys_updated_on, sys_id"),
    ),
    Table(
        name="cmdb_rel_type",
        fields=names(f"{STAMPS} child_descriptor name parent_descriptor"),
        indexes=("name",),
    ),
    Table(
        name="cmdb_rel_ci",
        fields=names(f"{STAMPS} child connection_strength parent percent_outage type"),
        label="sys_id",
        references={"child": "cmdb_ci", "parent": "cmdb_ci", "type": "cmdb_rel_type"},
        indexes=("parent", "child", "sys_updated_on, sys_id"),
    ),
    Table(
        name="em_event",
        fields=names(f"{_EVENT} alert resolution_state time_of_event"),
        label="description",
        references={"alert": "em_alert", "cmdb_ci": "cmdb_ci"},
        defaults={"resolution_state": "New", "state": "Ready"},
        texts=("state",),
        indexes=("sys_updated_on, sys_id", "message_key"),
    ),
    Table(
        name="em_alert",
        fields=names(
            f"""{_EVENT} acknowledged assigned_to assignment_group event_count incident
            initial_event_generation_time last_event_time number work_notes"""
        ),
        label="number",
        prefix="Alert",
        references={
            "assigned_to": "sys_user",
            "assignment_group": "sys_user_group",
            "cmdb_ci": "cmdb_ci",
            "incident": "incident",
        },
        defaults={"acknowledged": "false", "event_count": "1", "severity": "5", "state": "Open"},
        texts=("state",),
        indexes=("sys_updated_on, sys_id", "message_key", "number", "incident"),
    ),
)
