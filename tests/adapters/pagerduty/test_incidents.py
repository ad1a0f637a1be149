from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.contract import FieldMap, Mappings
from adapters.pagerduty.fields import MAPPINGS
from adapters.pagerduty.incidents import incident, incident_key
from adapters.pagerduty.terms import Ranked, Terms
from domain.inbound import FaultyRecord, InboundRecord, Reference, SameAs
from domain.records import RecordKind
from tests.adapters.pagerduty.recorded import TERMS, WITHOUT_PRIORITIES, recorded

ROW: dict[str, Any] = {
    "id": "Q1",
    "incident_number": 7,
    "title": "Mail is down",
    "created_at": "2026-03-02T10:00:00Z",
    "updated_at": "2026-03-02T10:05:00Z",
    "status": "triggered",
    "urgency": "high",
    "priority": None,
}


def read(row: dict[str, Any], terms: Terms = TERMS) -> InboundRecord:
    found = incident(row, terms)
    assert isinstance(found, InboundRecord), found
    return found


def test_a_recorded_answer_is_read() -> None:
    found = read(recorded("create-incident")["incident"])

    assert (found.external_id, found.external_key) == ("Q0Y3S4INEWMXN2", "22")
    assert found.key.at == found.created_at == datetime(2023, 10, 13, 16, 10, tzinfo=UTC)
    assert found.url == "https://dev-rapid7.pagerduty.com/incidents/Q0Y3S4INEWMXN2"
    assert found.author == "new test service"
    description = found.fields.pop("description")
    assert str(description).startswith("A disk is getting full")
    assert found.fields == {
        "number": "22",
        "title": "test additional fields assignments",
        "urgency": "high",
        "escalationPolicy": Reference(table="escalation_policy", external_id="P3LATBS"),
        "services": (Reference(table="service", external_id="PLPY09O"),),
        "teams": (),
        "assignee": Reference(table="user", external_id="PFJIAVM"),
        "startedAt": "2023-10-13T16:10:00.000Z",
        "resolvedAt": None,
        "status": "NEW",
        "severity": "SEV1",
        "priority": "P1",
    }


def test_a_resolved_incident_says_nothing_of_its_assignee() -> None:
    found = read(recorded("put-incident-resolve-valid")["incident"])

    assert "assignee" not in found.fields
    assert found.fields["status"] == "RESOLVED"
    assert found.fields["resolvedAt"] == "2023-10-13T10:53:30.000Z"


def test_an_old_answer_is_dated_by_its_last_change_of_status() -> None:
    first, *_ = recorded("incidents-with-log-entries")["incidents"]

    found = read(first)

    assert found.key.at == datetime(2022, 11, 3, 7, 2, 36, tzinfo=UTC)
    assert "priority" not in found.fields
    assert found.fields["severity"] == "SEV2"


@pytest.mark.parametrize(
    "name",
    ["triggered", "acknowledged", "unacknowledged", "reassigned", "resolved", "priority-updated"],
)
def test_the_incident_in_a_webhook_is_read(name: str) -> None:
    event = recorded(name)["event"]
    at = datetime.fromisoformat(event["occurred_at"])

    found = incident(event["data"], TERMS, at)

    assert isinstance(found, InboundRecord)
    assert found.key.at == at
    assert found.external_key == str(event["data"]["number"]) == found.fields["number"]
    assert found.fields["title"] == event["data"]["title"]
    assert ("assignee" in found.fields) == (name != "resolved")
    assert ("startedAt" in found.fields) == ("created_at" in event["data"])


def test_a_priority_that_a_webhook_only_points_to_has_its_rank() -> None:
    event = recorded("priority-updated")["event"]

    found = incident(event["data"], TERMS, datetime(2026, 4, 1, tzinfo=UTC))

    assert isinstance(found, InboundRecord)
    assert (found.fields["priority"], found.fields["severity"]) == ("P2", "SEV2")


@pytest.mark.parametrize(
    ("rank", "priority", "severity"), [(1, "P1", "SEV1"), (5, "P5", "SEV5"), (7, "P5", "SEV5")]
)
def test_priorities_count_by_their_rank_and_the_fifth_stands_for_those_behind_it(
    rank: int, priority: str, severity: str
) -> None:
    ranked = tuple(Ranked(external_id=f"PP{n}", name=f"Level {n}") for n in range(1, 8))
    terms = Terms(base_url="", mappings=Mappings(MAPPINGS), priorities=ranked)

    found = read(ROW | {"priority": {"id": f"PP{rank}", "summary": f"Level {rank}"}}, terms)

    assert (found.fields["priority"], found.fields["severity"]) == (priority, severity)
    assert found.unmapped == {}


@pytest.mark.parametrize(("urgency", "severity"), [("high", "SEV2"), ("low", "SEV4")])
def test_without_priorities_urgency_tells_the_severity(urgency: str, severity: str) -> None:
    found = read(ROW | {"urgency": urgency}, WITHOUT_PRIORITIES)

    assert (found.fields["severity"], found.fields["priority"]) == (severity, None)


@pytest.mark.parametrize(
    ("change", "field", "nearest", "unmapped"),
    [
        ({"status": "snoozed"}, "status", "NEW", {"status": "snoozed"}),
        (
            {"status": "paused", "acknowledgements": [{"at": "x"}]},
            "status",
            "ACKNOWLEDGED",
            {"status": "paused"},
        ),
        (
            {"status": "merged", "resolved_at": "2026-03-02T11:00:00Z"},
            "status",
            "RESOLVED",
            {"status": "merged"},
        ),
        ({"urgency": "severe"}, "severity", "SEV2", {"urgency": "severe"}),
        (
            {"priority": {"id": "PGONE", "summary": "Blocker"}},
            "priority",
            "P2",
            {"priority": "Blocker"},
        ),
    ],
)
def test_a_value_without_counterpart_is_kept_beside_the_nearest(
    change: dict[str, Any], field: str, nearest: str, unmapped: dict[str, str]
) -> None:
    found = read(ROW | change)

    assert found.fields[field] == nearest
    assert found.unmapped == unmapped


def test_a_setting_maps_a_priority_by_its_name() -> None:
    override = FieldMap(
        kind=RecordKind.INCIDENT,
        field="severity",
        external_field="priority",
        values={"Blocker": "SEV1"},
    )
    others = [one for one in MAPPINGS if one.field != "severity"]
    terms = Terms(base_url="", mappings=Mappings([*others, override]))

    found = read(ROW | {"priority": {"id": "PX", "summary": "Blocker"}}, terms)

    assert found.fields["severity"] == "SEV1"


def test_our_own_id_is_known_by_its_form() -> None:
    ours = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

    assert read(ROW | {"incident_key": incident_key(ours)}).correlation_id == ours
    for other in ("wp-1", ours, f"wp-{ours}0", f"wp-{ours.lower()}", "bb60942875634ee6a7fe94dd"):
        assert read(ROW | {"incident_key": other}).correlation_id is None


def test_the_records_of_other_vendors_are_named() -> None:
    references = [
        {"type": "servicenow_reference", "external_id": "INC0010002", "external_url": None},
        {"external_url": "https://acme.atlassian.net/browse/OPS-7"},
        {
            "external_url": "https://acme.service-now.com/nav_to.do?uri=incident.do?sys_id=a1b2",
            "external_id": None,
        },
        {"external_id": "4711", "external_url": "https://tickets.example.com/4711/"},
        {"external_url": "javascript:alert(1)"},
        "OPS-9",
        {},
    ]

    assert read(ROW | {"external_references": references}).same_as == (
        SameAs(known_as="INC0010002", provider="servicenow"),
        SameAs(known_as="OPS-7", provider="jira"),
        SameAs(known_as="a1b2", provider="servicenow"),
        SameAs(known_as="4711"),
    )


def test_what_a_row_lacks_is_left_out() -> None:
    found = read({"id": "Q1", "updated_at": "2026-03-02T10:05:00Z"})

    assert found.fields == {}


def test_a_link_that_is_none_for_a_browser_is_replaced() -> None:
    for link in (None, 7, "", "javascript:alert(1)", "https://[", "/incidents/Q1"):
        found = read(ROW | {"html_url": link})
        assert found.url == "https://api.example.com/incidents/Q1"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (None, "not an object"),
        ("Q1", "not an object"),
        ({}, "id is missing"),
        (ROW | {"id": "../users"}, "malformed"),
        (ROW | {"id": "Q" * 65}, "malformed"),
        (ROW | {"id": ["Q1"]}, "id is missing"),
        (ROW | {"updated_at": "soon"}, "not a time"),
        (ROW | {"updated_at": "2026-03-02T10:05:00"}, "no zone"),
        (ROW | {"updated_at": "0001-01-01T00:00:00+14:00"}, "not a time"),
        (ROW | {"updated_at": "9999-12-31T23:59:59Z"}, "not a time"),
        (ROW | {"updated_at": None}, "updated_at is missing"),
        (ROW | {"created_at": 7}, "not a time"),
        (ROW | {"title": ["Mail"]}, "title is not a text"),
        (ROW | {"resolved_at": "later"}, "not a time"),
    ],
)
def test_a_row_that_cannot_be_read_is_kept(row: object, told: str) -> None:
    found = incident(row, TERMS)

    assert isinstance(found, FaultyRecord)
    assert told in found.detail
    assert 0 < len(found.external_id) <= 64


@pytest.mark.parametrize("odd", [None, 7, 1.5, True, "x", [], {}, [None], [[]], {"id": None}])
def test_no_odd_value_anywhere_breaks_reading(odd: object) -> None:
    whole = recorded("create-incident")["incident"] | {"external_references": []}
    for name in whole:
        assert isinstance(incident(whole | {name: odd}, TERMS), InboundRecord | FaultyRecord)
