import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.jira import mapping
from adapters.jira.maps import MAPPINGS, ORGANIZATIONS
from adapters.jira.site import Field
from domain.inbound import FaultyRecord, InboundRecord, Reference
from domain.records import RecordKind
from tests.adapters.jira.reading import altered, recorded, site

KIND = RecordKind.INCIDENT
SEVERITY = Field(id="customfield_10040", names=frozenset({"severity"}), is_scoped=False)


def issue(**fields: object) -> dict[str, Any]:
    status = {"id": "1", "name": "Open", "statusCategory": {"key": "new"}}
    times = dict.fromkeys(("created", "updated"), "2026-01-02T03:04:05.678+0100")
    return {"id": "10001", "key": "OPS-1", "fields": {"status": status, **times, **fields}}


def read(row: object, **more: Any) -> InboundRecord:  # noqa: ANN401 — parameters of site
    record = mapping.issue(row, KIND, site(**more))
    assert isinstance(record, InboundRecord), record
    return record


def test_a_recorded_issue_of_a_translated_site_is_read() -> None:
    record = read(recorded("issue-with-changelog"))

    assert record.fields["number"] == record.external_key
    # Its name says "finished", its category that work has not begun: names are not read.
    assert record.fields["status"] == "NEW"
    assert record.fields["startedAt"] == f"{record.created_at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    assert record.unmapped == {}
    assert record.url == f"https://acme.example.com/browse/{record.external_key}"


@pytest.mark.parametrize(
    ("name", "status"),
    [("webhook-issue-created", "NEW"), ("webhook-issue-updated-resolved", "RESOLVED")],
)
def test_the_issue_of_a_recorded_webhook_is_read(name: str, status: str) -> None:
    record = read(recorded(name)["issue"])

    assert record.fields["status"] == status
    assert isinstance(record.fields["title"], str)


def test_what_is_not_told_is_left_out_and_what_is_empty_is_null() -> None:
    record = read(issue(description=None, assignee=None, labels=[], components=None))

    empty = {"description": None, "assignee": None, "labels": (), "services": ()}
    assert record.fields.items() >= empty.items()
    assert not {"title", "priority", "severity", "resolvedAt"} & set(record.fields)
    assert record.relations == {}


def test_times_are_read_in_their_zone() -> None:
    record = read(issue(resolutiondate="2026-01-02T03:04:05.678-0800"))

    assert record.key.at == datetime(2026, 1, 2, 2, 4, 5, 678_000, tzinfo=UTC)
    assert record.fields["resolvedAt"] == "2026-01-02T11:04:05.678Z"


def test_priority_and_severity_follow_the_order_of_the_site_not_the_names() -> None:
    priorities = ["Blocker", "Highest", "High", "Medium", "Low", "Trivial"]
    told = [
        read(issue(priority={"id": str(n), "name": name}), priorities=priorities).fields
        for n, name in enumerate(priorities, 1)
    ]

    assert [fields["priority"] for fields in told] == ["P1", "P2", "P3", "P4", "P5", "P5"]
    assert [fields["severity"] for fields in told][:2] == ["SEV1", "SEV2"]


def test_a_value_without_counterpart_is_kept_beside_the_nearest() -> None:
    odd = {"id": "77", "name": "Whenever"}
    left = {"id": "9", "name": "Somewhere", "statusCategory": {"key": "undefined"}}

    record = read(issue(priority=odd, status=left))

    assert (record.fields["priority"], record.fields["status"]) == ("P3", "IN_PROGRESS")
    assert record.unmapped == {"priority": "Whenever", "status": "Somewhere"}


def test_a_setting_lets_severity_stand_in_a_field_of_its_own() -> None:
    maps = altered(
        "severity", external_field="Severity", values={"#1": "SEV1", "Sev-2": "SEV2"}
    ).maps
    told = issue(customfield_10040={"id": "1", "value": "sev-2"}, priority={"id": "1", "name": "x"})

    record = read(told, mappings=maps, fields=[SEVERITY])

    assert (record.fields["severity"], record.fields["priority"]) == ("SEV2", "P1")
    assert "customfield_10040" in mapping.asked(KIND, site(maps, fields=[SEVERITY]))


def test_of_two_fields_with_one_name_that_of_all_projects_counts() -> None:
    fields = [
        replace(SEVERITY, id="customfield_9", is_scoped=True),
        replace(SEVERITY, id="customfield_10041"),
        SEVERITY,
    ]

    assert site(fields=fields).field_id("SEVERITY") == "customfield_10040"
    assert site(fields=fields).field_id("customfield_9") == "customfield_9"
    assert site(fields=fields).field_id("no such field") is None


def test_our_id_is_no_label() -> None:
    record = read(issue(labels=["mail", "wp-01KHX4T6Z0", "wp-"]))

    assert record.fields["labels"] == ("mail",)
    assert record.correlation_id == "01KHX4T6Z0"


def test_services_are_components_and_affected_services_together() -> None:
    affected = Field(
        id="customfield_10041",
        names=frozenset(
            {entry.external_field for entry in MAPPINGS if "service-e" in entry.external_field}
        ),
        is_scoped=False,
    )
    told = issue(
        components=[{"id": "10000", "name": "Mail"}, {"id": "10000", "name": "Mail"}],
        customfield_10041=[{"id": "b:abc"}],
    )

    assert read(told, fields=[affected]).fields["services"] == (
        Reference(table="component", external_id="10000"),
        Reference(table="service", external_id="b:abc"),
    )


@pytest.mark.parametrize(
    ("organisation", "tier", "unmapped"),
    [("Premium", "PREMIUM", {}), ("Oak", "GOLD", {}), ("Elm", None, {"customfield_10002": "Elm"})],
)
def test_the_tier_of_a_request_is_that_of_its_organisation(
    organisation: str, tier: str | None, unmapped: dict[str, str]
) -> None:
    maps = altered("tier", RecordKind.TICKET, values={"PREMIUM": "PREMIUM", "oak": "GOLD"}).maps
    field = Field(id="customfield_10002", names=frozenset({ORGANIZATIONS}), is_scoped=False)
    told = issue(customfield_10002=[{"id": "1", "name": organisation}])

    record = mapping.issue(told, RecordKind.TICKET, site(maps, fields=[field]))

    assert isinstance(record, InboundRecord)
    assert (record.fields["tier"], record.unmapped) == (tier, unmapped)


@pytest.mark.parametrize(
    "part",
    [
        {"id": "10004L"},
        {"id": "9" * 40},
        {"id": None},
        {"key": "OPS 1"},
        {"key": "../secret-1"},
        {"fields": None},
        {"fields": []},
    ],
)
def test_an_issue_that_cannot_be_placed_is_kept_as_faulty(part: dict[str, object]) -> None:
    record = mapping.issue(issue() | part, KIND, site())

    assert isinstance(record, FaultyRecord)
    assert record.detail
    assert record.payload == issue() | part
    assert record.is_named == ("id" not in part)


@pytest.mark.parametrize(
    "fields",
    [
        {"updated": 1.5},
        {"updated": "yesterday"},
        {"created": None},
        {"status": "Open"},
        {"labels": "mail"},
        {"labels": [1]},
        {"components": {"id": "1"}},
        {"components": [{"id": 5}]},
        {"assignee": "ann"},
        {"priority": 3},
        {"summary": {"text": "x"}},
        {"resolutiondate": [1]},
    ],
)
def test_a_field_of_another_form_makes_the_issue_faulty(fields: dict[str, object]) -> None:
    assert isinstance(mapping.issue(issue(**fields), KIND, site()), FaultyRecord)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(recorded("issue-with-changelog")["fields"])), JSON)
def test_no_value_of_a_field_stops_a_page(name: str, value: object) -> None:
    row = copy.deepcopy(recorded("issue-with-changelog"))
    row["fields"][name] = value

    assert isinstance(mapping.issue(row, KIND, site()), InboundRecord | FaultyRecord)


@given(JSON)
def test_no_row_stops_a_page(row: object) -> None:
    assert isinstance(mapping.issue(row, KIND, site()), FaultyRecord)
