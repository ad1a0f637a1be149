"""Our fields in PagerDuty's words, and in which steps they are written. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from adapters.exchange import CreateAsk
from adapters.pagerduty.fields import NEAREST_STATUS, NEAREST_URGENCY
from adapters.pagerduty.incidents import incident, incident_key
from adapters.pagerduty.reading import child, children, is_identity, text
from adapters.pagerduty.terms import Terms
from domain.inbound import InboundRecord, MirroredValue, Reference
from domain.records import IncidentStatus, RecordKind

Row = Mapping[str, object]
_Write = Callable[[MirroredValue, Terms], dict[str, Any]]
RESOLVED: Final = "resolved"


class Unwritable(Exception):  # noqa: N818 — named for what the value is
    """A value that the vendor cannot take; the message says why."""


def _title(value: MirroredValue, _: Terms) -> dict[str, Any]:
    if not isinstance(value, str) or not value.strip():
        raise Unwritable("an incident needs a title")
    return {"title": value}


def _status(value: MirroredValue, terms: Terms) -> dict[str, Any]:
    known = str(value)
    found = terms.theirs(RecordKind.INCIDENT, "status", "status", known)
    found = found or NEAREST_STATUS.get(known)
    if found is None:
        raise Unwritable(f"{known} is not a status")
    return {"status": found}


def _urgency(value: MirroredValue, terms: Terms) -> dict[str, Any]:
    known = str(value)
    found = terms.theirs(RecordKind.INCIDENT, "severity", "urgency", known)
    found = found or NEAREST_URGENCY.get(known)
    if found is None:
        raise Unwritable(f"{known} is not a severity")
    return {"urgency": found}


def _severity(value: MirroredValue, terms: Terms) -> dict[str, Any]:
    """Write the priority of that rank; in an account without any, the urgency."""
    if not terms.priorities:
        return _urgency(value, terms)
    return _ranked("severity", value, terms)


def _priority(value: MirroredValue, terms: Terms) -> dict[str, Any]:
    if not terms.priorities:
        raise Unwritable("the account uses no priorities")
    return {"priority": None} if value is None else _ranked("priority", value, terms)


def _ranked(field: str, value: MirroredValue, terms: Terms) -> dict[str, Any]:
    """Return the priority that is this value of ours; the last one where there are fewer."""
    theirs = terms.theirs(RecordKind.INCIDENT, field, "priority", str(value))
    if theirs is None:
        raise Unwritable(f"{value} is not the {field} of any of the account's priorities")
    found = terms.priority(theirs)
    if found is None and not theirs.isdecimal():
        raise Unwritable(f"the account has no priority {theirs}")
    return {"priority": _pointer((found or terms.priorities[-1]).external_id, "priority")}


def _assignee(value: MirroredValue, _: Terms) -> dict[str, Any]:
    if value is None:
        raise Unwritable("PagerDuty leaves no open incident unassigned")
    return {"assignments": [{"assignee": _referred(value, "user")}]}


def _escalation_policy(value: MirroredValue, _: Terms) -> dict[str, Any]:
    return {"escalation_policy": _referred(value, "escalation_policy")}


def _services(value: MirroredValue, _: Terms) -> dict[str, Any]:
    """Write the first: an incident of PagerDuty has one service."""
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return {"service": _referred(listed[0] if listed else None, "service")}


def _referred(value: MirroredValue, table: str) -> dict[str, str]:
    if (
        not isinstance(value, Reference)
        or value.table != table
        or not is_identity(value.external_id)
    ):
        raise Unwritable(f"it names no {table.replace('_', ' ')} of PagerDuty")
    return _pointer(value.external_id, table)


def _pointer(external_id: str, kind: str) -> dict[str, str]:
    return {"id": external_id, "type": f"{kind}_reference"}


# In this order: where both are given, the priority decides, which severity follows from.
_WRITES: Final[Mapping[str, _Write]] = {
    "title": _title,
    "status": _status,
    "severity": _severity,
    "priority": _priority,
    "assignee": _assignee,
    "escalationPolicy": _escalation_policy,
    "services": _services,
}
# Without these the vendor creates no incident.
_NEEDED: Final = ("title", "services")


def changes(
    fields: Mapping[str, MirroredValue], row: Row, terms: Terms
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what to write over an incident as it stands, and what cannot be written, and why.

    A value of theirs that already is ours stays, though another would be as
    good: where several of one side are one of the other, writing must not move them.
    """
    present = incident(row, terms)
    known = present.fields if isinstance(present, InboundRecord) else {}
    wanted: dict[str, Any] = {}
    refused = {name: "PagerDuty takes it from nobody" for name in fields if name not in _WRITES}
    if "description" in refused:
        refused["description"] = "it cannot be changed once the incident is created"
    for name, write in _WRITES.items():
        if name not in fields:
            continue
        try:
            if _is_pointless(name, fields, row, terms):
                continue
            written = write(fields[name], terms)
        except Unwritable as error:
            refused[name] = str(error)
            continue
        if fields[name] != known.get(name) and not _stands(written, row):
            wanted |= written
    return wanted, refused


def _is_pointless(name: str, fields: Mapping[str, MirroredValue], row: Row, terms: Terms) -> bool:
    """Say whether the value would be lost, or belongs to another one that is written too."""
    if name == "severity":
        return "priority" in fields and bool(terms.priorities)
    if name != "assignee":
        return False
    # Nobody is assigned to an incident that has ended.
    status = _status(fields["status"], terms)["status"] if "status" in fields else row.get("status")
    return bool(status == RESOLVED)


def _stands(written: Mapping[str, Any], row: Row) -> bool:
    for name, value in written.items():
        if name == "assignments":
            people = [text(child(one, "assignee"), "id") for one in children(row, name)]
            if people[:1] != [value[0]["assignee"]["id"]]:
                return False
        elif isinstance(value, Mapping):
            if text(child(row, name), "id") != value["id"]:
                return False
        elif row.get(name) != value:
            return False
    return True


def steps(wanted: Mapping[str, Any], row: Row) -> list[dict[str, Any]]:
    """Return the writes, in order, at most three.

    The vendor takes an assignee or a policy, not both at once, and calls people
    anew for either: so the status comes after them, but for one that opens the
    incident again, without which nobody can be assigned.
    """
    status = {name: value for name, value in wanted.items() if name == "status"}
    people = {name: value for name, value in wanted.items() if name == "assignments"}
    rest = {name: value for name, value in wanted.items() if name not in status | people}
    if people and "escalation_policy" not in rest:
        rest, people = rest | people, {}
    ordered = [status, rest, people] if row.get("status") == RESOLVED else [rest, people, status]
    return [step for step in ordered if step]


def creation(ask: CreateAsk, terms: Terms) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the incident to create, and what must be given for that and is not, and why.

    Of the rest, what cannot be written is left out: an incident without its
    assignee is better than none.
    """
    wanted: dict[str, Any] = {}
    refused: dict[str, str] = {}
    given = {name: value for name, value in ask.fields.items() if value is not None}
    # An account that has priorities may rank by them and call people by urgency.
    writes = [("severity", _urgency), *_WRITES.items()]
    for name, write in writes:
        if name in _NEEDED or (name in given and name != "status"):
            try:
                wanted |= write(given.get(name), terms)
            except Unwritable as error:
                refused[name] = str(error)
    if isinstance(details := ask.fields.get("description"), str) and details:
        wanted["body"] = {"type": "incident_body", "details": details}
    if "escalation_policy" in wanted:
        wanted.pop("assignments", None)
    wanted |= {"type": "incident", "incident_key": incident_key(ask.correlation_id)}
    return wanted, {name: why for name, why in refused.items() if name in _NEEDED}


def after_creation(ask: CreateAsk) -> dict[str, MirroredValue]:
    """Return the fields that are written once the incident exists."""
    fields = ask.fields
    later: dict[str, MirroredValue] = {}
    if fields.get("status", IncidentStatus.NEW) != IncidentStatus.NEW:
        later["status"] = fields["status"]
    if fields.get("escalationPolicy") and isinstance(fields.get("assignee"), Reference):
        later["assignee"] = fields["assignee"]
    return later
