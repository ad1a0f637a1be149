import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.exchange import HistoryAsk
from adapters.servicenow import history
from domain.inbound import FaultyRecord, InboundRecord, Reference, SameAs, Target, VendorKey
from domain.records import RecordKind, RelationName
from tests.adapters.servicenow.translating import ROW, read, words

RECORDED = Path("tests/data/servicenow")
AT = datetime(2026, 3, 2, 13, 24, tzinfo=UTC)
INCIDENTS = words(RecordKind.INCIDENT)


def test_a_row_is_read_with_its_version_author_and_address() -> None:
    record = read()

    assert record.external_id == "a" * 32
    assert record.external_key == "INC0000045"
    assert record.key == VendorKey(at=AT, sequence=7)
    assert record.created_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert record.author == "beth"
    assert record.url == (f"https://acme.example.com/nav_to.do?uri=incident.do?sys_id={'a' * 32}")


@pytest.mark.parametrize(
    ("column", "value", "fields"),
    [
        ("short_description", "Mail is down", {"title": "Mail is down"}),
        ("description", "", {"description": None}),
        ("state", "1", {"status": "NEW"}),
        ("state", "2", {"status": "IN_PROGRESS"}),
        ("state", "3", {"status": "ON_HOLD"}),
        ("state", "6", {"status": "RESOLVED"}),
        ("state", "7", {"status": "CLOSED"}),
        ("state", "8", {"status": "CANCELLED"}),
        ("state", "", {"status": None}),
        ("priority", "1", {"priority": "P1", "severity": "SEV1"}),
        ("priority", "5", {"priority": "P5", "severity": "SEV5"}),
        ("assigned_to", "u1", {"assignee": Reference(table="sys_user", external_id="u1")}),
        ("assigned_to", "", {"assignee": None}),
        (
            "assignment_group",
            "g1",
            {"escalationPolicy": Reference(table="sys_user_group", external_id="g1")},
        ),
        ("sys_tags", "vip, mail,", {"labels": ("vip", "mail")}),
        ("sys_tags", "", {"labels": ()}),
        ("cmdb_ci", "c1", {"services": (Reference(table="cmdb_ci", external_id="c1"),)}),
        ("cmdb_ci", "", {"services": ()}),
        ("opened_at", "2026-03-02 13:24:00", {"startedAt": "2026-03-02T13:24:00.000Z"}),
        ("opened_at", "0001-01-01 00:00:00", {"startedAt": "0001-01-01T00:00:00.000Z"}),
        ("resolved_at", "", {"resolvedAt": None}),
        ("closed_at", "2026-03-02 13:24:00", {"closed_at": "2026-03-02T13:24:00.000Z"}),
        ("hold_reason", "1", {"hold_reason": "1"}),
        ("caller_id", "u2", {"caller_id": Reference(table="sys_user", external_id="u2")}),
        ("location", "l1", {"location": Reference(table="cmn_location", external_id="l1")}),
        ("problem_id", "p1", {"problem_id": Reference(table="problem", external_id="p1")}),
        ("rfc", "r1", {"rfc": Reference(table="change_request", external_id="r1")}),
        ("caused_by", "r1", {"caused_by": Reference(table="change_request", external_id="r1")}),
        ("vendor", "v1", {"vendor": Reference(table="core_company", external_id="v1")}),
        (
            "assigned_to",
            {"link": "https://x/u1", "value": "u1"},
            {"assignee": Reference(table="sys_user", external_id="u1")},
        ),
        ("knowledge", False, {"knowledge": "false"}),
        ("impact", 3.0, {"impact": "3"}),
        ("short_description", None, {"title": None}),
    ],
)
def test_a_column_is_read_by_its_table(column: str, value: object, fields: dict[str, Any]) -> None:
    assert read(**{column: value}).fields == {"number": "INC0000045"} | fields


def test_two_columns_of_services_are_one_list_without_repeats() -> None:
    first, second = (Reference(table="cmdb_ci", external_id=name) for name in ("c1", "s1"))

    assert read(cmdb_ci="c1", business_service="s1").fields["services"] == (first, second)
    assert read(cmdb_ci="c1", business_service="c1").fields["services"] == (first,)
    assert read(cmdb_ci="", business_service="s1").fields["services"] == (second,)


@pytest.mark.parametrize(
    ("columns", "fields", "unmapped"),
    [
        ({"state": "-100"}, {"status": "IN_PROGRESS"}, {"state": "-100"}),
        ({"state": "12", "active": "false"}, {"status": "CLOSED"}, {"state": "12"}),
        ({"priority": "9"}, {"priority": "P5", "severity": "SEV5"}, {"priority": "9"}),
        ({"state": "", "priority": ""}, {"status": None, "priority": None}, {}),
    ],
)
def test_a_value_without_a_counterpart_is_kept_beside_the_nearest(
    columns: dict[str, str], fields: dict[str, Any], unmapped: dict[str, str]
) -> None:
    record = read(**columns)

    assert record.fields.items() >= fields.items()
    assert record.unmapped == unmapped


def test_what_is_not_mirrored_is_left_out() -> None:
    record = read(made_sla="true", reassignment_count="3", reopen_count="0", sys_domain="global")

    assert record.fields == {"number": "INC0000045"}


@pytest.mark.parametrize(
    ("display", "ours", "same_as"),
    [
        ("watchpane", "01J", ()),
        ("Jira", None, (SameAs(known_as="01J", provider="jira"),)),
        (" PagerDuty ", None, (SameAs(known_as="01J", provider="pagerduty"),)),
        ("Remedy", None, (SameAs(known_as="01J"),)),
        ("", None, ()),
    ],
)
def test_a_correlation_is_ours_or_the_record_of_the_system_beside_it(
    display: str, ours: str | None, same_as: tuple[SameAs, ...]
) -> None:
    record = read(correlation_id="01J", correlation_display=display)

    assert (record.correlation_id, record.same_as) == (ours, same_as)


def test_an_incident_tells_its_changes_and_only_those_it_has_columns_for() -> None:
    change = Target(kind=RecordKind.CHANGE, external_id="c1")

    assert read().relations == {}
    assert read(caused_by="c1", rfc="").relations == {
        RelationName.CAUSED_BY: (change,),
        RelationName.FIXED_BY: (),
    }
    assert read(rfc="a^b").relations == {RelationName.FIXED_BY: ()}


@pytest.mark.parametrize(
    "columns",
    [
        {"sys_id": ""},
        {"sys_id": None},
        {"sys_id": "a^ORactive=true"},
        {"sys_updated_on": ""},
        {"sys_updated_on": "2026-03-02T13:24:00Z"},
        {"sys_updated_on": "2026-02-30 00:00:00"},
        {"sys_created_on": "yesterday"},
        {"sys_mod_count": "many"},
        {"sys_mod_count": None},
        {"sys_mod_count": 10**400},
        {"sys_mod_count": "9" * 19},
        {"opened_at": "02.03.2026 13:24"},
    ],
)
def test_a_row_that_cannot_be_read_is_kept_whole(columns: dict[str, Any]) -> None:
    record = INCIDENTS.record(ROW | columns)

    assert isinstance(record, FaultyRecord)
    assert record.payload == ROW | columns
    assert record.external_id
    assert record.detail


@pytest.mark.parametrize("row", [None, 3, "x", [], {}])
def test_what_is_no_row_is_faulty_under_an_id_of_its_content(row: object) -> None:
    first, again = INCIDENTS.record(row), INCIDENTS.record(row)

    assert isinstance(first, FaultyRecord)
    assert isinstance(again, FaultyRecord)
    assert first.external_id == again.external_id != ""
    # by which nobody can ask for it
    assert not first.is_named


def test_recorded_incidents_are_read() -> None:
    listed = json.loads((RECORDED / "list-incidents.json").read_text())["result"]
    created = json.loads((RECORDED / "create-incident.json").read_text())["result"]
    updated = json.loads((RECORDED / "update-incident.json").read_text())["result"]

    records = [INCIDENTS.record(row) for row in [*listed, created, updated]]

    read_ones = [record for record in records if isinstance(record, InboundRecord)]
    assert len(read_ones) == len(records) > 2
    assert all({"title", "status", "severity", "assignee"} <= set(r.fields) for r in read_ones)
    first = read_ones[0]
    assert first.external_key == "INC0000040"
    assert first.fields["services"] == (Reference(table="cmdb_ci", external_id="test"),)
    assert first.fields["startedAt"] == "2019-09-05T00:41:01.000Z"


def audit(**columns: str) -> dict[str, str]:
    return {
        "sys_id": "e1",
        "documentkey": "a" * 32,
        "fieldname": "state",
        "oldvalue": "1",
        "newvalue": "2",
        "user": "beth",
        "sys_created_on": "2026-03-02 13:24:00",
        "record_checkpoint": "7",
    } | columns


ASK = HistoryAsk(external_id="a" * 32, since=None)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({}, [("e1", "status", "NEW", "IN_PROGRESS")]),
        ({"newvalue": "-100"}, [("e1", "status", "NEW", "-100")]),
        (
            {"fieldname": "priority", "oldvalue": "", "newvalue": "3"},
            [("e1", "priority", None, "P3"), ("e1:severity", "severity", None, "SEV3")],
        ),
        (
            {"fieldname": "assigned_to", "oldvalue": "", "newvalue": "u1"},
            [("e1", "assignee", None, Reference(table="sys_user", external_id="u1"))],
        ),
        (
            {"fieldname": "cmdb_ci", "oldvalue": "", "newvalue": "c1"},
            [("e1", "services", (), (Reference(table="cmdb_ci", external_id="c1"),))],
        ),
        (
            {"fieldname": "closed_at", "oldvalue": "2026-03-02 13:24:00", "newvalue": "later"},
            [("e1", "closed_at", "2026-03-02T13:24:00.000Z", "later")],
        ),
        ({"fieldname": "sys_domain"}, []),
        ({"fieldname": "active"}, []),
        ({"documentkey": "b" * 32}, []),
        ({"sys_created_on": ""}, []),
        ({"sys_id": ""}, []),
    ],
)
def test_an_audit_row_becomes_edits_of_mirrored_fields(
    columns: dict[str, str], told: list[tuple[Any, ...]]
) -> None:
    edits = history.edits([audit(**columns)], [ASK], INCIDENTS)

    assert [(e.external_id, e.field, e.before, e.after) for e in edits] == told
    assert all((e.author, e.key) == ("beth", VendorKey(at=AT, sequence=7)) for e in edits)


def test_edits_come_by_time_then_checkpoint_then_id_and_none_before_it_was_asked() -> None:
    rows = [
        audit(sys_id="e5", sys_created_on="2026-03-02 13:24:01", record_checkpoint="8"),
        audit(sys_id="e4", record_checkpoint="10"),
        audit(sys_id="e3", record_checkpoint="9"),
        audit(sys_id="e2", record_checkpoint="9"),
        audit(sys_id="e1", sys_created_on="2026-03-02 13:23:59"),
    ]

    edits = history.edits(rows, [HistoryAsk(external_id="a" * 32, since=AT)], INCIDENTS)

    assert [edit.external_id for edit in edits] == ["e2", "e3", "e4", "e5"]


def test_history_is_asked_for_100_records_a_call_and_new_ones_apart() -> None:
    asks = [HistoryAsk(external_id=f"{n:032x}", since=AT if n % 2 else None) for n in range(250)]

    batches = history.batches(asks)

    assert [len(batch) for batch in batches] == [100, 25, 100, 25]
    assert [history.earliest(batch) for batch in batches] == [AT, AT, None, None]
    with pytest.raises(ValueError, match="malformed"):
        history.condition([HistoryAsk(external_id="a^ORb", since=None)], "incident")
