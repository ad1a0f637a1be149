from collections.abc import Callable
from typing import Any

import pytest

from adapters.pagerduty.alerts import alert
from adapters.pagerduty.catalogue import change_event, needs_of, service
from adapters.pagerduty.terms import Terms
from domain.inbound import FaultyRecord, InboundRecord, Target
from domain.records import RecordKind, RelationName
from tests.adapters.pagerduty.recorded import TERMS

AT = "2026-03-02T10:00:00Z"
ALERT: dict[str, Any] = {
    "id": "QA",
    "summary": "Disk full",
    "created_at": AT,
    "status": "triggered",
    "severity": "warning",
    "alert_key": "disk",
    "service": {"id": "PS"},
    "incident": {"id": "Q1"},
    "body": {"cef_details": {"source_origin": "db1"}},
}
CHANGE: dict[str, Any] = {
    "id": "PC",
    "summary": "Deploy",
    "timestamp": AT,
    "services": [{"id": "PS"}, {"id": "PS"}, {"id": "PT"}],
    "source": "ci",
}
SERVICE: dict[str, Any] = {"id": "PS", "name": "Shop", "created_at": AT, "status": "active"}
READERS = [(alert, ALERT), (change_event, CHANGE), (service, SERVICE)]


@pytest.mark.parametrize(
    ("severity", "ours"),
    [("critical", "CRITICAL"), ("error", "CRITICAL"), ("warning", "WARNING"), ("info", "INFO")],
)
def test_an_alert_has_a_severity_of_ours(severity: str, ours: str) -> None:
    found = alert(ALERT | {"severity": severity}, TERMS)

    assert isinstance(found, InboundRecord)
    assert (found.fields["severity"], found.fields["status"]) == (ours, "FIRING")
    assert found.relations == {
        RelationName.PART_OF: (Target(kind=RecordKind.INCIDENT, external_id="Q1"),)
    }


def test_an_alert_without_incident_or_severity_is_read() -> None:
    found = alert(ALERT | {"incident": None, "severity": None}, TERMS)

    assert isinstance(found, InboundRecord)
    assert found.relations == {RelationName.PART_OF: ()}
    assert "severity" not in found.fields


def test_an_odd_severity_is_kept_beside_the_nearest() -> None:
    found = alert(ALERT | {"severity": "fatal", "status": "paused"}, TERMS)

    assert isinstance(found, InboundRecord)
    assert (found.fields["severity"], found.fields["status"]) == ("WARNING", "FIRING")
    assert found.unmapped == {"severity": "fatal", "status": "paused"}


def test_a_change_event_is_a_change_that_has_been_made() -> None:
    found = change_event(CHANGE, TERMS)

    assert isinstance(found, InboundRecord)
    services = found.fields.pop("services")
    assert isinstance(services, tuple)
    assert found.fields == {
        "number": "PC",
        "title": "Deploy",
        "actualStartsAt": "2026-03-02T10:00:00.000Z",
        "actualEndsAt": "2026-03-02T10:00:00.000Z",
        "status": "COMPLETED",
        "risk": "LOW",
        "source": "ci",
    }
    assert len(services) == 2


def test_a_service_tells_what_it_depends_on_only_when_that_was_read() -> None:
    relationships: list[dict[str, object]] = [
        {"dependent_service": {"id": "PS"}, "supporting_service": {"id": "PT"}},
        {"dependent_service": {"id": "PX"}, "supporting_service": {"id": "PS"}},
        {"dependent_service": {"id": "PS"}, "supporting_service": None},
    ]

    read = service(SERVICE, TERMS, needs_of("PS", relationships))
    alone = service(SERVICE, TERMS, [])
    unread = service(SERVICE, TERMS)

    for found in (read, alone, unread):
        assert isinstance(found, InboundRecord)
    assert isinstance(read, InboundRecord)
    assert read.relations == {
        RelationName.DEPENDS_ON: (Target(kind=RecordKind.SERVICE, external_id="PT"),)
    }
    assert isinstance(alone, InboundRecord)
    assert alone.relations == {RelationName.DEPENDS_ON: ()}
    assert isinstance(unread, InboundRecord)
    assert unread.relations == {}


@pytest.mark.parametrize(("read", "row"), READERS)
@pytest.mark.parametrize("odd", [None, 7, 1.5, True, "x", [], {}, [None], [[]], {"id": None}])
def test_no_odd_value_anywhere_breaks_reading(
    read: Callable[[object, Terms], object], row: dict[str, Any], odd: object
) -> None:
    assert isinstance(read(odd, TERMS), FaultyRecord)
    for name in row:
        assert isinstance(read(row | {name: odd}, TERMS), InboundRecord | FaultyRecord)
