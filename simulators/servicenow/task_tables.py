"""The task table, and those that extend it: what people work on."""

from typing import Final

from simulators.servicenow.table import STAMPS, Table, names

_TASK: Final = f"""
    {STAMPS} number active activity_due additional_assignee_list approval approval_history
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
_REFERENCES: Final = {
    "assigned_to": "sys_user",
    "assignment_group": "sys_user_group",
    "business_service": "cmdb_ci_service",
    "closed_by": "sys_user",
    "cmdb_ci": "cmdb_ci",
    "company": "core_company",
    "location": "cmn_location",
    "opened_by": "sys_user",
    "parent": "task",
    "sys_domain": "sys_user_group",
}
_DEFAULTS: Final = {
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
_INDEXES: Final = ("sys_updated_on, sys_id", "number", "correlation_id")

TASK_TABLES: Final = (
    Table(
        name="task",
        fields=names(_TASK),
        label="number",
        prefix="TASK",
        references=_REFERENCES,
        defaults=_DEFAULTS,
        indexes=_INDEXES,
        is_audited=True,
    ),
    Table(
        name="incident",
        extends="task",
        fields=names(_INCIDENT),
        label="number",
        prefix="INC",
        references=_REFERENCES
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
        defaults=_DEFAULTS
        | {
            "child_incidents": "0",
            "incident_state": "1",
            "notify": "1",
            "priority": "",  # computed
            "reopen_count": "0",
            "severity": "3",
            "u_priority_confirmation": "false",
        },
        indexes=_INDEXES,
        is_audited=True,
    ),
    Table(
        name="problem",
        extends="task",
        fields=names(f"{_TASK} category known_error rfc"),
        label="number",
        prefix="PRB",
        references=_REFERENCES | {"rfc": "change_request"},
        defaults=_DEFAULTS | {"known_error": "false"},
        indexes=_INDEXES,
        is_audited=True,
    ),
    Table(
        name="change_request",
        extends="task",
        fields=names(
            f"""{_TASK} backout_plan category close_code end_date implementation_plan justification
            phase phase_state reason requested_by risk scope start_date test_plan type"""
        ),
        label="number",
        prefix="CHG",
        references=_REFERENCES | {"requested_by": "sys_user"},
        defaults=_DEFAULTS
        | {
            "category": "Other",
            "phase": "requested",
            "phase_state": "open",
            "risk": "3",
            "scope": "3",
            "state": "-5",
            "type": "normal",
        },
        indexes=_INDEXES,
        is_audited=True,
    ),
    Table(
        name="sc_req_item",
        extends="task",
        fields=names(f"{_TASK} cat_item quantity request requested_for stage"),
        label="number",
        prefix="RITM",
        references=_REFERENCES | {"requested_for": "sys_user"},
        defaults=_DEFAULTS | {"quantity": "1", "stage": "waiting_for_approval"},
        indexes=_INDEXES,
        is_audited=True,
    ),
    Table(
        name="sn_customerservice_case",
        extends="task",
        fields=names(
            f"""{_TASK} account category contact incident problem product resolution_code
            resolved_at resolved_by subcategory"""
        ),
        label="number",
        prefix="CS",
        references=_REFERENCES
        | {
            "account": "customer_account",
            "contact": "sys_user",
            "incident": "incident",
            "problem": "problem",
            "resolved_by": "sys_user",
        },
        defaults=_DEFAULTS,
        indexes=_INDEXES,
        is_audited=True,
    ),
)
