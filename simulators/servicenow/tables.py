"""The instance's dictionary: its tables, their fields, references and choices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_STAMPS: Final = "sys_id sys_created_on sys_created_by sys_updated_on sys_updated_by sys_mod_count"

# Fields of the task table that incident, problem and change_request inherit.
_TASK: Final = f"""
    {_STAMPS} number active activity_due additional_assignee_list approval approval_history
    approval_set assigned_to assignment_group business_duration business_service calendar_duration
    close_notes closed_at closed_by cmdb_ci comments comments_and_work_notes company contact_type
    correlation_display correlation_id delivery_plan delivery_task description due_date escalation
    expected_start follow_up group_list impact knowledge location made_sla opened_at opened_by order
    parent priority reassignment_count short_description sla_due state sys_class_name sys_domain
    sys_domain_path sys_tags time_worked upon_approval upon_reject urgency user_input watch_list
    work_end work_notes work_notes_list work_start
"""
_INCIDENT: Final = f"""
    {_TASK} business_stc calendar_stc caller_id category caused_by child_incidents close_code
    hold_reason incident_state notify parent_incident problem_id reopen_count reopened_by
    reopened_time resolved_at resolved_by rfc severity subcategory
    u_priority_confirmation u_symptom vendor
"""
_TASK_REFERENCES: Final = {
    "assigned_to": "sys_user",
    "assignment_group": "sys_user_group",
    "closed_by": "sys_user",
    "cmdb_ci": "cmdb_ci",
    "company": "core_company",
    "location": "cmn_location",
    "opened_by": "sys_user",
    "sys_domain": "sys_user_group",
}
_TASK_DEFAULTS: Final = {
    "active": "true",
    "approval": "not requested",
    "escalation": "0",
    "impact": "3",
    "knowledge": "false",
    "made_sla": "true",
    "priority": "4",
    "reassignment_count": "0",
    "state": "1",
    "sys_domain": "global",
    "sys_domain_path": "/",
    "upon_approval": "proceed",
    "upon_reject": "cancel",
    "urgency": "3",
}


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: what it holds, and what other tables show of its rows.

    label: the field that stands for a row where a reference is displayed.
    prefix: of the numbers given to new rows; empty for tables without numbers.
    indexes: each a list of columns in SQL, besides the one on ``sys_id``.
    """

    name: str
    fields: tuple[str, ...]
    label: str = "name"
    prefix: str = ""
    references: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    indexes: tuple[str, ...] = ()


_DEFINED: Final = (
    Table(
        name="incident",
        fields=_names(_INCIDENT),
        label="number",
        prefix="INC",
        references=_TASK_REFERENCES
        | {
            "caller_id": "sys_user",
            "caused_by": "change_request",
            "parent_incident": "incident",
            "problem_id": "problem",
            "reopened_by": "sys_user",
            "resolved_by": "sys_user",
            "rfc": "change_request",
            "vendor": "core_company",
        },
        defaults=_TASK_DEFAULTS
        | {
            "child_incidents": "0",
            "incident_state": "1",
            "notify": "1",
            "priority": "",  # computed
            "reopen_count": "0",
            "severity": "3",
            "u_priority_confirmation": "false",
        },
        indexes=("sys_updated_on, sys_id", "number", "correlation_id"),
    ),
    Table(
        name="problem",
        fields=_names(_TASK),
        label="number",
        prefix="PRB",
        references=_TASK_REFERENCES,
        defaults=_TASK_DEFAULTS,
        indexes=("sys_updated_on, sys_id", "number"),
    ),
    Table(
        name="change_request",
        fields=_names(
            f"{_TASK} close_code end_date phase reason requested_by risk start_date type"
        ),
        label="number",
        prefix="CHG",
        references=_TASK_REFERENCES | {"requested_by": "sys_user"},
        defaults=_TASK_DEFAULTS | {"risk": "4", "state": "-5", "type": "normal"},
        indexes=("sys_updated_on, sys_id", "number"),
    ),
    Table(
        name="sys_user",
        fields=_names(f"{_STAMPS} active email first_name last_name name title user_name"),
        defaults={"active": "true"},
        indexes=("name", "user_name", "email"),
    ),
    Table(
        name="sys_user_group",
        fields=_names(f"{_STAMPS} active description email manager name"),
        references={"manager": "sys_user"},
        defaults={"active": "true"},
        indexes=("name",),
    ),
    Table(
        name="cmdb_ci",
        fields=_names(f"{_STAMPS} category name short_description sys_class_name"),
        defaults={"sys_class_name": "cmdb_ci"},
        indexes=("name",),
    ),
    Table(
        name="cmn_location",
        fields=_names(f"{_STAMPS} city country full_name name street"),
        indexes=("name",),
    ),
    Table(
        name="core_company",
        fields=_names(f"{_STAMPS} customer name vendor"),
        defaults={"customer": "false", "vendor": "true"},
        indexes=("name",),
    ),
    Table(
        name="sys_audit",
        fields=_names("""sys_id tablename documentkey fieldname oldvalue newvalue user reason
            record_checkpoint sys_created_on sys_created_by"""),
        label="fieldname",
        indexes=("documentkey, sys_created_on",),
    ),
    Table(
        name="sys_audit_delete",
        fields=_names(f"{_STAMPS} display_value documentkey tablename user"),
        label="display_value",
        indexes=("sys_created_on",),
    ),
    Table(
        name="sys_journal_field",
        fields=_names("sys_id element element_id name value sys_created_on sys_created_by"),
        label="element",
        indexes=("element_id, sys_created_on",),
    ),
)
TABLES: Final[Mapping[str, Table]] = MappingProxyType({table.name: table for table in _DEFINED})

# Stored as text like all others, but compared and ordered as numbers.
INTEGERS: Final = frozenset(
    _names("child_incidents reassignment_count record_checkpoint reopen_count state sys_mod_count")
)
TIMES: Final = frozenset(
    _names(
        """activity_due approval_set closed_at due_date end_date expected_start follow_up
        opened_at reopened_time resolved_at sla_due start_date sys_created_on sys_updated_on
        work_end work_start"""
    )
)
# Written like fields, kept as rows of sys_journal_field, and read back empty.
JOURNALS: Final = ("comments", "work_notes")

_LEVELS: Final = {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"}
_STATES: Final = {
    "1": "New",
    "2": "In Progress",
    "3": "On Hold",
    "6": "Resolved",
    "7": "Closed",
    "8": "Canceled",
}
# Labels of choice fields. A choice that is not listed is shown as its value.
CHOICES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "contact_type": {
            "direct": "Direct opening",
            "email": "Email",
            "ivr": "IVR",
            "phone": "Phone",
            "self-service": "Self service",
        },
        "hold_reason": {
            "1": "Awaiting Caller",
            "3": "Awaiting Problem",
            "4": "Awaiting Vendor",
            "5": "Awaiting Change",
            "6": "Awaiting Evidence",
        },
        "impact": _LEVELS,
        "incident_state": _STATES,
        "notify": {"1": "Do Not Notify", "2": "Send Email"},
        "priority": {
            "1": "1 - Critical",
            "2": "2 - High",
            "3": "3 - Moderate",
            "4": "4 - Low",
            "5": "5 - Planning",
        },
        "severity": _LEVELS,
        "state": _STATES,
        "urgency": _LEVELS,
    }
)
CHANGE_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "-5": "New",
        "-4": "Assess",
        "-3": "Authorize",
        "-2": "Scheduled",
        "-1": "Implement",
        "0": "Review",
        "3": "Closed",
        "4": "Canceled",
    }
)
