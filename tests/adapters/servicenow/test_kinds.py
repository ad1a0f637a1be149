from typing import Any

import pytest

from domain.inbound import Reference, SameAs, Target
from domain.records import RecordKind, RelationName
from tests.adapters.servicenow.translating import altered, read, words

CHANGE, EVENT = RecordKind.CHANGE, RecordKind.EVENT
TICKET, SERVICE = RecordKind.TICKET, RecordKind.SERVICE


@pytest.mark.parametrize(
    ("columns", "status", "unmapped"),
    [
        ({"state": "-5"}, "DRAFT", {}),
        ({"state": "-3"}, "DRAFT", {}),
        ({"state": "-2"}, "SCHEDULED", {}),
        ({"state": "-1"}, "IN_PROGRESS", {}),
        ({"state": "0", "close_code": "unsuccessful"}, "IN_PROGRESS", {}),
        ({"state": "3", "close_code": "successful_issues"}, "COMPLETED", {}),
        ({"state": "3", "close_code": "unsuccessful"}, "FAILED", {}),
        ({"state": "4", "close_code": "unsuccessful"}, "CANCELLED", {}),
        ({"state": "77", "active": "false"}, "COMPLETED", {"state": "77"}),
    ],
)
def test_a_change_has_failed_only_when_it_was_closed_so(
    columns: dict[str, str], status: str, unmapped: dict[str, str]
) -> None:
    record = read(CHANGE, **columns)

    assert (record.fields["status"], record.unmapped) == (status, unmapped)


@pytest.mark.parametrize(("risk", "ours"), [("2", "HIGH"), ("3", "MEDIUM"), ("4", "LOW")])
def test_a_change_tells_its_risk_and_both_windows(risk: str, ours: str) -> None:
    record = read(
        CHANGE,
        risk=risk,
        start_date="2026-03-02 22:00:00",
        end_date="2026-03-02 23:00:00",
        work_start="2026-03-02 22:05:00",
        work_end="",
    )

    assert record.fields["risk"] == ours
    assert record.fields["plannedStartsAt"] == "2026-03-02T22:00:00.000Z"
    assert record.fields["plannedEndsAt"] == "2026-03-02T23:00:00.000Z"
    assert record.fields["actualStartsAt"] == "2026-03-02T22:05:00.000Z"
    assert record.fields["actualEndsAt"] is None
    assert record.url.endswith(f"change_request.do?sys_id={'a' * 32}")


@pytest.mark.parametrize(
    ("columns", "severity", "status"),
    [
        ({"severity": "1", "state": "Open"}, "CRITICAL", "FIRING"),
        ({"severity": "2", "state": "Reopen"}, "CRITICAL", "FIRING"),
        ({"severity": "3", "state": "Flapping"}, "WARNING", "FIRING"),
        ({"severity": "4", "state": "Closed"}, "WARNING", "CLEARED"),
        ({"severity": "5", "state": "Open"}, "INFO", "FIRING"),
        ({"severity": "0", "state": "Open"}, "INFO", "CLEARED"),
    ],
)
def test_an_alert_is_cleared_by_its_state_or_its_severity(
    columns: dict[str, str], severity: str, status: str
) -> None:
    record = read(EVENT, **columns)

    assert (record.fields["severity"], record.fields["status"]) == (severity, status)
    assert record.unmapped == {}


def test_an_alert_is_part_of_its_incident_and_names_its_item() -> None:
    record = read(EVENT, incident="i1", cmdb_ci="s1", message_key="web-1/cpu", source="Icinga")

    assert record.relations == {
        RelationName.PART_OF: (Target(kind=RecordKind.INCIDENT, external_id="i1"),)
    }
    assert record.fields["services"] == (Reference(table="cmdb_ci", external_id="s1"),)
    assert (record.fields["dedupKey"], record.fields["source"]) == ("web-1/cpu", "Icinga")


@pytest.mark.parametrize(
    ("columns", "incidents"),
    [
        ({"incident": "i1", "parent": "", "parent.sys_class_name": ""}, {"i1"}),
        ({"parent": "i2", "parent.sys_class_name": "incident"}, {"i2"}),
        ({"parent": "p1", "parent.sys_class_name": "problem"}, set()),
        ({"incident": "i1", "parent": "i1", "parent.sys_class_name": "incident"}, {"i1"}),
    ],
)
def test_a_ticket_is_part_of_an_incident_and_of_no_other_task(
    columns: dict[str, str], incidents: set[str]
) -> None:
    targets = read(TICKET, **columns).relations[RelationName.PART_OF]

    assert {target.external_id for target in targets} == incidents
    assert len(targets) == len(incidents)
    assert all(target.kind is RecordKind.INCIDENT for target in targets)


def test_a_ticket_whose_parent_is_of_an_unknown_class_tells_no_incident() -> None:
    assert read(TICKET, parent="i2").relations == {}


def test_a_case_has_the_level_of_its_account_as_tier() -> None:
    columns: dict[str, Any] = {"state": "18", "priority": "2", "account.u_level": "gold"}

    plain = read(TICKET, **columns)
    mapped = read(TICKET, altered(TICKET, "tier", values={"gold": "PREMIUM"}), **columns)

    assert (plain.fields["status"], plain.fields["priority"]) == ("PENDING", "P2")
    assert plain.fields["tier"] == "gold"
    assert mapped.fields["tier"] == "PREMIUM"


def test_a_setting_makes_requested_items_the_tickets() -> None:
    assert words(TICKET).table == "sn_customerservice_case"
    assert words(TICKET, altered(TICKET, "table", external_field="sc_req_item")).table == (
        "sc_req_item"
    )


@pytest.mark.parametrize(
    ("criticality", "tier"),
    [
        ("1 - most critical", "TIER1"),
        ("2 - somewhat critical", "TIER2"),
        ("3 - less critical", "TIER3"),
        ("4 - not critical", "TIER3"),
        ("", None),
    ],
)
def test_a_service_has_a_tier_and_is_no_mere_item(criticality: str, tier: str | None) -> None:
    record = read(
        SERVICE,
        name="Web Shop",
        number="",
        sys_class_name="cmdb_ci_service",
        busines_criticality=criticality,
        correlation_id="P7",
    )

    assert record.fields["criticality"] == tier
    assert record.fields["isConfigurationItem"] is False
    assert record.external_key == "Web Shop"
    assert record.same_as == (SameAs(known_as="P7"),)


def test_a_server_is_an_item_and_tells_no_dependencies_that_were_not_read() -> None:
    record = read(SERVICE, name="mx1", sys_class_name="cmdb_ci_server")

    assert record.fields["isConfigurationItem"] is True
    assert record.relations == {}
    assert "criticality" not in record.fields
