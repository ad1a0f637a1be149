"""What an incident of the log brings with it: a service, an alert, a case, an item, a change.

The log tells of incidents only. The rest is invented here, by number, so that
every start invents the same. Pure.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from simulators.company import CUSTOMERS, SERVICES, Service
from simulators.servicenow.change_rules import State as ChangeState
from simulators.servicenow.incident_rules import State
from simulators.servicenow.query import TIME_FORMAT
from simulators.servicenow.records import MAIL, identity
from simulators.servicenow.ticket_rules import CaseState, ItemState

# Changes are asked for so long before they begin.
_AHEAD: Final = timedelta(days=2)
_SOURCES: Final = ("Prometheus", "Nagios", "Icinga")
_SYMPTOMS: Final = (
    "Error rate above 5 %",
    "Response time above 2 s",
    "No answer to health checks",
    "Disk almost full",
    "Queue grows",
)
_WORK: Final = ("Update", "Move", "Enlarge", "Restart", "Reconfigure", "Patch")
_DONE: Final = (State.RESOLVED, State.CLOSED)
_CASE_STATES: Final[Mapping[str, str]] = {
    State.NEW: CaseState.NEW,
    State.ON_HOLD: CaseState.AWAITING_INFO,
    State.RESOLVED: CaseState.RESOLVED,
    State.CLOSED: CaseState.CLOSED,
}
_ITEM_STATES: Final[Mapping[str, str]] = {
    State.NEW: ItemState.OPEN,
    State.RESOLVED: ItemState.CLOSED_COMPLETE,
    State.CLOSED: ItemState.CLOSED_COMPLETE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A row that some incidents have beside them.

    one_in: how many incidents there are to one such row.
    prefix: of its number, which otherwise is the incident's.
    shape: the fields it has while the incident is so; all of them, every time.
    """

    table: str
    one_in: int
    prefix: str
    shape: Callable[[Mapping[str, str]], dict[str, str]]

    def belongs(self, incident: Mapping[str, str]) -> bool:
        """Say whether this incident has one."""
        return drawn(self.table, incident["number"], self.one_in) == 0

    def sys_id(self, incident: Mapping[str, str]) -> str:
        """Return the row's sys_id, the same on every start."""
        return identity(self.table, f"beside/{incident['number']}")

    def number(self, incident: Mapping[str, str]) -> str:
        """Return the row's number."""
        return f"{self.prefix}{incident['number'].removeprefix('INC')}"


def drawn(what: str, key: str, count: int) -> int:
    """Return a number from 0 to ``count`` - 1 that looks random, and never changes."""
    return zlib.crc32(f"{what} of {key}".encode()) % count


def service_of(number: str, category: str) -> Service:
    """Return the service that an incident is about, by its number and first category.

    Two incidents of three go by their category, for services fail in their own ways.
    """
    key = number if drawn("stray", number, 3) == 0 else category
    return SERVICES[drawn("service", key, len(SERVICES))]


def service_id(service: Service) -> str:
    """Return the sys_id of a service."""
    return identity("cmdb_ci_service", service.name)


_BY_ID: Final[Mapping[str, Service]] = MappingProxyType(
    {service_id(service): service for service in SERVICES}
)


def change(number: str, start: datetime, minutes: int, now: datetime) -> dict[str, str]:
    """Return the fields of a change whose window begins at ``start``, as it stands at ``now``.

    minutes: length of the window, from 30.
    """
    end = start + timedelta(minutes=minutes)
    state = ChangeState.SCHEDULED
    if start <= now:
        state = ChangeState.IMPLEMENT if now < end else ChangeState.CLOSED
    fields = {
        "state": str(state),
        "risk": ("2", "3", "3", "4", "4", "4")[drawn("risk", number, 6)],
        "type": ("normal", "normal", "standard", "emergency")[drawn("type", number, 4)],
        "start_date": start.strftime(TIME_FORMAT),
        "end_date": end.strftime(TIME_FORMAT),
        "opened_at": (start - _AHEAD).strftime(TIME_FORMAT),
        "justification": "Planned maintenance",
    }
    if state is not ChangeState.SCHEDULED:
        fields["work_start"] = fields["start_date"]
    if state is ChangeState.CLOSED:
        fields |= {"work_end": fields["end_date"], "closed_at": fields["end_date"]}
        fields |= {"active": "false", "close_code": outcome(number), "close_notes": "Done"}
    return fields


def outcome(number: str) -> str:
    """Return the close code that a change ends with."""
    codes = ("successful", "successful", "successful", "successful_issues", "unsuccessful")
    return codes[drawn("outcome", number, len(codes))]


def about(service: Service, number: str) -> dict[str, str]:
    """Return what a change says of the service it works on."""
    sys_id = service_id(service)
    work = _WORK[drawn("work", number, len(_WORK))]
    return {
        "short_description": f"{work} {service.name}",
        "business_service": sys_id,
        "cmdb_ci": sys_id,
    }


def _change_before(incident: Mapping[str, str]) -> dict[str, str]:
    """Return a change that ended some minutes to hours before the incident began."""
    number, opened = incident["number"], _opened(incident)
    minutes = 30 + drawn("window", number, 180)
    start = opened - timedelta(minutes=minutes + 5 + drawn("gap", number, 235))
    fields = change(number, start, minutes, now=opened)
    return fields | about(_service(incident), number)


def _alert(incident: Mapping[str, str]) -> dict[str, str]:
    number, service = incident["number"], _service(incident)
    raised = _opened(incident) - timedelta(minutes=1 + drawn("lead", number, 14))
    is_over = incident["state"] in _DONE
    node = f"{service.key}-{1 + drawn('node', number, 4)}.{MAIL}"
    return {
        "state": "Closed" if is_over else "Open",
        "severity": incident["priority"] or "4",
        "source": _SOURCES[drawn("source", number, len(_SOURCES))],
        "node": node,
        "message_key": f"{node}/{number}",
        "description": f"{service.name}: {_SYMPTOMS[drawn('symptom', number, len(_SYMPTOMS))]}",
        "cmdb_ci": incident["business_service"],
        "incident": incident["sys_id"],
        "initial_event_generation_time": raised.strftime(TIME_FORMAT),
        "last_event_time": incident["resolved_at"] or raised.strftime(TIME_FORMAT),
    }


def _case(incident: Mapping[str, str]) -> dict[str, str]:
    number, state = incident["number"], incident["state"]
    is_done = state in _DONE
    customer = CUSTOMERS[drawn("customer", number, len(CUSTOMERS))]
    account = identity("customer_account", customer.name)
    return {
        "state": _CASE_STATES.get(state, CaseState.OPEN),
        "active": incident["active"],
        "priority": incident["priority"],
        "short_description": f"{customer.name}: {incident['short_description']}",
        "account": account,
        "company": account,
        "contact": incident["caller_id"],
        "incident": incident["sys_id"],
        "business_service": incident["business_service"],
        "cmdb_ci": incident["business_service"],
        "assignment_group": incident["assignment_group"],
        "assigned_to": incident["assigned_to"],
        "opened_at": incident["opened_at"],
        "resolved_at": incident["resolved_at"],
        "closed_at": incident["closed_at"],
        "resolution_code": "Solved by support" if is_done else "",
        "close_notes": "See the incident" if is_done else "",
    }


def _item(incident: Mapping[str, str]) -> dict[str, str]:
    is_done = incident["state"] in _DONE
    return {
        "state": _ITEM_STATES.get(incident["state"], ItemState.WORK_IN_PROGRESS),
        "stage": "completed" if is_done else "fulfillment",
        "active": "false" if is_done else "true",
        "priority": incident["priority"],
        "short_description": f"Replacement while {incident['number']} lasts",
        "parent": incident["sys_id"],
        "requested_for": incident["caller_id"],
        "business_service": incident["business_service"],
        "cmdb_ci": incident["business_service"],
        "assignment_group": incident["assignment_group"],
        "opened_at": incident["opened_at"],
        "closed_at": incident["resolved_at"] if is_done else "",
    }


COMPANIONS: Final = (
    Companion(table="em_alert", one_in=4, prefix="Alert", shape=_alert),
    Companion(table="sn_customerservice_case", one_in=6, prefix="CS", shape=_case),
    Companion(table="sc_req_item", one_in=12, prefix="RITM", shape=_item),
    Companion(table="change_request", one_in=10, prefix="CHG8", shape=_change_before),
)


def _service(incident: Mapping[str, str]) -> Service:
    """Return the incident's service; people may have set one that the company does not have."""
    return _BY_ID.get(incident["business_service"]) or service_of(incident["number"], "")


def _opened(incident: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(f"{incident['opened_at'] or incident['sys_created_on']}+00:00")
