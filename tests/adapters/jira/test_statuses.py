import pytest

from adapters.field_map import Mappings
from adapters.jira.maps import MAPPINGS
from adapters.jira.statuses import Status, goals, meaning, status
from domain.records import ChangeStatus, IncidentStatus, RecordKind, TicketStatus
from simulators.jira.workflows import CHANGE, INCIDENT, REQUEST, Workflow
from tests.adapters.jira.reading import altered, recorded

DEFAULT = Mappings(MAPPINGS)
MEANT = {
    RecordKind.INCIDENT: {
        "Open": "NEW",
        "Work in progress": "IN_PROGRESS",
        "Pending": "ON_HOLD",
        "Completed": "RESOLVED",
        "Closed": "CLOSED",
        "Canceled": "CANCELLED",
    },
    RecordKind.CHANGE: {
        "Open": "DRAFT",
        "Review": "DRAFT",
        "Planning": "DRAFT",
        "Awaiting CAB approval": "DRAFT",
        "Awaiting implementation": "SCHEDULED",
        "Implementing": "IN_PROGRESS",
        "Completed": "COMPLETED",
        "Failed": "FAILED",
        "Declined": "CANCELLED",
        "Canceled": "CANCELLED",
    },
    RecordKind.TICKET: {
        "Waiting for support": "NEW",
        "In Progress": "OPEN",
        "Waiting for customer": "PENDING",
        "Pending": "ON_HOLD",
        "Resolved": "RESOLVED",
        "Closed": "CLOSED",
        "Canceled": "CANCELLED",
    },
}


def of(name: str, category: str, key: str = "1") -> Status:
    return Status(id=key, name=name, category=category)


@pytest.mark.parametrize(
    ("kind", "workflow"),
    [
        (RecordKind.INCIDENT, INCIDENT),
        (RecordKind.CHANGE, CHANGE),
        (RecordKind.TICKET, REQUEST),
    ],
)
def test_every_status_that_a_service_desk_begins_with_has_its_meaning(
    kind: RecordKind, workflow: Workflow
) -> None:
    told = {
        one.name: meaning(of(one.name, one.category.key), kind, DEFAULT)
        for one in workflow.statuses()
    }

    assert told == MEANT[kind]


def test_a_translated_status_goes_by_its_category() -> None:
    found = [one for told in recorded("statuses") if (one := status(told)) is not None]
    meant = {one.name: meaning(one, RecordKind.INCIDENT, DEFAULT) for one in found}

    assert len(found) == len(recorded("statuses"))
    assert set(meant.values()) <= set(IncidentStatus)
    assert meaning(of("已完成", "done"), RecordKind.INCIDENT, DEFAULT) == IncidentStatus.RESOLVED
    assert meaning(of("开发中", "indeterminate"), RecordKind.TICKET, DEFAULT) == TicketStatus.OPEN


def test_a_setting_for_a_name_or_id_comes_before_what_the_name_hints_at() -> None:
    maps = altered("status", values={"Pending Vendor": "IN_PROGRESS", "77": "ACKNOWLEDGED"})

    assert meaning(of("pending vendor", "indeterminate"), RecordKind.INCIDENT, maps) == (
        IncidentStatus.IN_PROGRESS
    )
    assert meaning(of("Seen", "new", "77"), RecordKind.INCIDENT, maps) == "ACKNOWLEDGED"
    assert meaning(of("Open", "new"), RecordKind.INCIDENT, maps) == IncidentStatus.NEW


def test_a_status_without_category_means_nothing() -> None:
    assert meaning(of("Limbo", "undefined"), RecordKind.TICKET, DEFAULT) is None
    assert status({"id": "1", "name": None}) is None
    assert status("Open") is None


def test_all_meanings_are_ours() -> None:
    sets = {
        RecordKind.INCIDENT: IncidentStatus,
        RecordKind.CHANGE: ChangeStatus,
        RecordKind.TICKET: TicketStatus,
    }
    for entry in MAPPINGS:
        if entry.field == "status":
            assert set(entry.values.values()) <= set(sets[entry.kind])


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("NEW", {"Open"}),
        ("ACKNOWLEDGED", {"Work in progress"}),
        ("IN_PROGRESS", {"Work in progress"}),
        ("ON_HOLD", {"Pending"}),
        ("RESOLVED", {"Completed"}),
        ("CLOSED", {"Closed"}),
        ("CANCELLED", {"Canceled"}),
        ("NO SUCH STATUS", set()),
    ],
)
def test_a_value_without_a_status_of_its_own_is_written_as_the_nearest(
    wanted: str, names: set[str]
) -> None:
    found = [of(one.name, one.category.key, one.id) for one in INCIDENT.statuses()]

    meant = goals(wanted, found, RecordKind.INCIDENT, DEFAULT)

    assert {one.name for one in found if one.id in meant} == names
