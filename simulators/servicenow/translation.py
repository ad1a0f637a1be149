"""A row of the log, as the fields of an incident."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from simulators.servicenow.directory import Directory
from simulators.servicenow.incident_rules import State
from simulators.servicenow.log import MISSING, LogRow, moment
from simulators.servicenow.query import TIME_FORMAT

# The log's states to (state, hold_reason). A state that is not listed, "-100",
# is served as it stands.
_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "New": (State.NEW, ""),
    "Active": (State.IN_PROGRESS, ""),
    "Awaiting User Info": (State.ON_HOLD, "1"),
    "Awaiting Problem": (State.ON_HOLD, "3"),
    "Awaiting Vendor": (State.ON_HOLD, "4"),
    "Awaiting Evidence": (State.ON_HOLD, "6"),
    "Resolved": (State.RESOLVED, ""),
    "Closed": (State.CLOSED, ""),
}
_CONTACTS: Final = {"Self service": "self-service", "Direct opening": "direct"}
_NOTIFIES: Final = {"Do Not Notify": "1", "Send Email": "2"}
_SHOWS_RESOLUTION: Final = ("Resolved", "Closed")


def fields(row: LogRow, directory: Directory) -> dict[str, str]:
    """Return what an incident shows of a row, but for its times and stamps.

    The log repeats final values on every row; who resolved and how stays blank
    until the state is Resolved, and is blank again on reopening.
    """
    state, hold_reason = _STATES.get(row.incident_state, (row.incident_state, ""))
    resolved = row.incident_state in _SHOWS_RESOLUTION

    def known(value: str) -> str:
        return "" if value == MISSING else value

    def reference(table: str, label: str) -> str:
        return "" if label == MISSING else directory.sys_id(table, label)

    return {
        "state": str(state),
        "incident_state": str(state),
        "hold_reason": hold_reason,
        "active": row.active,
        "reassignment_count": row.reassignment_count,
        "reopen_count": row.reopen_count,
        "made_sla": row.made_sla,
        "caller_id": reference("sys_user", row.caller_id),
        "opened_by": reference("sys_user", row.opened_by),
        "contact_type": _CONTACTS.get(row.contact_type, known(row.contact_type).lower()),
        "location": reference("cmn_location", row.location),
        "category": known(row.category),
        "subcategory": known(row.subcategory),
        "u_symptom": known(row.u_symptom),
        "cmdb_ci": reference("cmdb_ci", row.cmdb_ci),
        "impact": row.impact[:1],
        "urgency": row.urgency[:1],
        "priority": row.priority[:1],
        "assignment_group": reference("sys_user_group", row.assignment_group),
        "assigned_to": reference("sys_user", row.assigned_to),
        "knowledge": row.knowledge,
        "u_priority_confirmation": row.u_priority_confirmation,
        "notify": _NOTIFIES.get(row.notify, row.notify),
        "problem_id": reference("problem", row.problem_id),
        "rfc": reference("change_request", row.rfc),
        "vendor": reference("core_company", row.vendor),
        "caused_by": reference("change_request", row.caused_by),
        "close_code": known(row.closed_code) if resolved else "",
        "resolved_by": reference("sys_user", row.resolved_by) if resolved else "",
    }


def times(row: LogRow) -> dict[str, str]:
    """Return the times that an incident shows of a row, as the log writes them.

    ``resolved_at`` stays blank until Resolved, ``closed_at`` until Closed.
    """
    resolved = row.incident_state in _SHOWS_RESOLUTION and row.resolved_at != MISSING
    closed = row.incident_state == "Closed" and row.closed_at != MISSING
    return {
        "resolved_at": row.resolved_at if resolved else "",
        "closed_at": row.closed_at if closed else "",
    }


def opening(row: LogRow) -> dict[str, str]:
    """Return the texts of an incident, made from its first row and fixed since.

    The log has none; texts that followed the category would be edits that
    nobody made.
    """
    kinds = [value for value in (row.category, row.subcategory) if value != MISSING]
    symptom = "Unknown symptom" if row.u_symptom == MISSING else row.u_symptom
    where = " / ".join(kinds) or "Uncategorised"
    return {
        "short_description": f"{where}: {symptom}",
        "description": f"{symptom} was reported in {where} by {row.contact_type.lower()}.",
    }


class Shift:
    """Moves times of the log by a constant; remembers them, for most are repeated."""

    def __init__(self, by: timedelta) -> None:
        """Take what takes a time of the log to one of the instance."""
        self._by = by
        self._known: dict[str, str] = {"": ""}

    def text(self, written: str) -> str:
        """Return a time of the log as the instance writes it; empty stays empty."""
        known = self._known.get(written)
        if known is None:
            known = self._known[written] = (moment(written) + self._by).strftime(TIME_FORMAT)
        return known
