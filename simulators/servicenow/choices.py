"""Labels of choice fields, as the instance displays them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_LEVELS: Final = {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"}
_INCIDENT_STATES: Final = {
    "1": "New",
    "2": "In Progress",
    "3": "On Hold",
    "6": "Resolved",
    "7": "Closed",
    "8": "Canceled",
}
_ALARMS: Final = {
    "0": "Clear",
    "1": "Critical",
    "2": "Major",
    "3": "Minor",
    "4": "Warning",
    "5": "Info",
}
# By field, or by table and field where tables differ.
_CHOICES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "change_request.close_code": {
            "successful": "Successful",
            "successful_issues": "Successful with issues",
            "unsuccessful": "Unsuccessful",
        },
        "change_request.phase": {"requested": "Requested"},
        "change_request.phase_state": {"open": "Open"},
        "change_request.risk": {"2": "High", "3": "Moderate", "4": "Low"},
        "change_request.scope": {"1": "Massive", "2": "Large", "3": "Medium", "4": "Small"},
        "change_request.state": {
            "-5": "New",
            "-4": "Assess",
            "-3": "Authorize",
            "-2": "Scheduled",
            "-1": "Implement",
            "0": "Review",
            "3": "Closed",
            "4": "Canceled",
        },
        "change_request.type": {
            "emergency": "Emergency",
            "normal": "Normal",
            "standard": "Standard",
        },
        "contact_type": {
            "direct": "Direct opening",
            "email": "Email",
            "ivr": "IVR",
            "phone": "Phone",
            "self-service": "Self service",
        },
        "em_alert.severity": _ALARMS,
        "em_event.severity": _ALARMS,
        "hold_reason": {
            "1": "Awaiting Caller",
            "3": "Awaiting Problem",
            "4": "Awaiting Vendor",
            "5": "Awaiting Change",
            "6": "Awaiting Evidence",
        },
        "impact": _LEVELS,
        "incident_state": _INCIDENT_STATES,
        "install_status": {"1": "Installed", "7": "Retired"},
        "notify": {"1": "Do Not Notify", "2": "Send Email"},
        "operational_status": {"1": "Operational", "2": "Non-Operational", "6": "Retired"},
        "priority": {
            "1": "1 - Critical",
            "2": "2 - High",
            "3": "3 - Moderate",
            "4": "4 - Low",
            "5": "5 - Planning",
        },
        "sc_req_item.stage": {
            "completed": "Completed",
            "fulfillment": "Fulfillment",
            "waiting_for_approval": "Waiting for Approval",
        },
        "sc_req_item.state": {
            "-5": "Pending",
            "1": "Open",
            "2": "Work in Progress",
            "3": "Closed Complete",
            "4": "Closed Incomplete",
            "7": "Closed Skipped",
        },
        "severity": _LEVELS,
        "sn_customerservice_case.state": {
            "1": "New",
            "3": "Closed",
            "6": "Resolved",
            "7": "Cancelled",
            "10": "Open",
            "18": "Awaiting Info",
        },
        "state": _INCIDENT_STATES,
        "sys_class_name": {
            "change_request": "Change Request",
            "cmdb_ci": "Configuration Item",
            "cmdb_ci_service": "Service",
            "core_company": "Company",
            "customer_account": "Account",
            "incident": "Incident",
            "problem": "Problem",
            "sc_req_item": "Requested Item",
            "sn_customerservice_case": "Case",
            "task": "Task",
        },
        "u_level": {"gold": "Gold", "silver": "Silver", "bronze": "Bronze"},
    }
)


def choice(table: str, field: str, value: str) -> str:
    """Return the label of a choice; one that is not listed is shown as its value."""
    labels = _CHOICES.get(f"{table}.{field}") or _CHOICES.get(field, {})
    return labels.get(value, value)
