from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from adapters.delivery import Deleted, Hinted, RawDelivery, Reported, Told
from adapters.exchange import Named
from adapters.jira.proof import SIGNED
from adapters.jira.site import Site
from adapters.jira.webhook import read
from domain.inbound import Reference, VendorKey
from domain.records import IncidentStatus, Priority, RecordKind
from tests.adapters.delivering import NOON, ODD_BODIES, raw, unreadable
from tests.adapters.jira.reading import altered, recorded, site

# The types of the recorded issues; sites of software have no incidents.
OF_SOFTWARE: Final = {"Story": "", "Task": ""}
STORIES: Final = altered("issueType", values=OF_SOFTWARE).maps
ALL: Final = (
    "issue-created",
    "cloud-issue-created-many-fields",
    "cloud-issue-updated-custom-field",
    "issue-assigned-empty-changelog",
    "issue-updated-assigned",
    "issue-updated-assigned-nobody",
    "issue-updated-labels",
    "issue-updated-lowered-priority",
    "issue-updated-multiple-values",
    "issue-updated-raised-priority",
    "issue-updated-renamed",
    "issue-updated-reopened",
    "issue-updated-resolved",
    "issue-updated-started-working",
)


def told(body: dict[str, Any] | bytes, of: Site | None = None) -> Told:
    return read(raw(body), of or site(STORIES))


def payload(name: str, **fields: object) -> dict[str, Any]:
    """Return a recorded payload with other fields in its issue."""
    document: dict[str, Any] = recorded(f"webhook-{name}")
    if "issue" in document:
        document["issue"]["fields"] |= fields
    return document


def reported(name: str, of: Site | None = None, **fields: object) -> Reported:
    (one,) = told(payload(name, **fields), of)
    assert isinstance(one, Reported), one
    return one


@pytest.mark.parametrize("name", ALL)
def test_a_recorded_payload_is_the_issue_as_it_then_stood(name: str) -> None:
    document = payload(name)

    (one,) = told(document)

    if "updated" not in document["issue"]["fields"]:
        assert one == Hinted(kind=RecordKind.INCIDENT, external_id=document["issue"]["id"])
        return
    assert isinstance(one, Reported)
    assert one.record.external_id == document["issue"]["id"]
    assert one.record.external_key == document["issue"]["key"]
    assert one.record.fields["title"] == document["issue"]["fields"]["summary"]
    assert one.record.author == document["user"]["displayName"]
    assert not one.is_whole


def test_a_version_is_the_time_of_the_update_and_not_of_the_sending() -> None:
    one = reported("issue-updated-resolved")

    assert one.record.key == VendorKey(at=datetime(2019, 2, 16, 3, 15, 40, 477_000, tzinfo=UTC))
    assert one.record.fields["status"] == IncidentStatus.RESOLVED


def test_changelog_items_are_edits_under_the_ids_of_the_history() -> None:
    one = reported("issue-updated-lowered-priority")

    (edit,) = [edit for edit in one.edits if edit.field == "priority"]
    assert edit.external_id == "10234:priority"
    assert (edit.before, edit.after) == (Priority.P2, Priority.P4)
    assert edit.key == VendorKey(at=one.record.key.at, sequence=10_234)
    assert edit.author == "User 1"


def test_how_an_issue_was_created_is_no_edit() -> None:
    assert not reported("issue-created").edits


def test_services_go_back_from_those_that_the_issue_names() -> None:
    document = payload("issue-updated-renamed", components=[{"id": "20001", "name": "Shop"}])
    item = {"field": "Component", "fieldId": "components", "to": "20001", "toString": "Shop"}
    document["changelog"]["items"] = [item]

    (one,) = told(document)

    assert isinstance(one, Reported)
    shop = Reference(table="component", external_id="20001")
    (edit,) = one.edits
    assert (edit.external_id, edit.before, edit.after) == ("10224:services", (), (shop,))
    assert Named(reference=shop, name="Shop") in one.named


def test_text_in_the_older_markup_is_left_out() -> None:
    one = reported("issue-updated-renamed", environment="*bold*")

    assert "description" not in one.record.fields
    assert "environment" not in one.record.fields


def test_text_in_the_older_markup_that_has_changed_is_asked_for() -> None:
    assert told(payload("issue-updated-edited")) == (
        Hinted(kind=RecordKind.INCIDENT, external_id="10040"),
    )


def test_an_empty_text_is_told() -> None:
    assert reported("issue-updated-renamed", description=None).record.fields["description"] is None


def test_a_person_is_named_where_an_address_is_told() -> None:
    beth = {"accountId": "5b", "displayName": "Beth Li"}
    with_address = beth | {"emailAddress": "beth@example.com"}

    known = reported("issue-updated-renamed", assignee=with_address, reporter=None, creator=None)
    hidden = reported("issue-updated-renamed", assignee=beth, reporter=None, creator=None)

    named = {entry.name for entry in known.named} - {entry.name for entry in hidden.named}
    assert named == {"Beth Li"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cloud-comment-created", "10040"),
        ("cloud-comment-updated", "10040"),
        ("cloud-comment-deleted", "10357"),
    ],
)
def test_a_comment_leads_to_the_issue_and_its_notes(name: str, key: str) -> None:
    assert told(payload(name)) == (Hinted(kind=RecordKind.INCIDENT, external_id=key, is_full=True),)


def test_a_comment_without_issue_leads_to_whatever_the_issue_may_be() -> None:
    found = told(payload("server-comment-created"))

    assert {type(one) for one in found} == {Hinted}
    kinds = [one.kind for one in found if isinstance(one, Hinted)]
    assert kinds == [RecordKind.INCIDENT, RecordKind.CHANGE, RecordKind.TICKET]


def test_a_deletion_is_a_hint_only() -> None:
    assert told(payload("issue-deleted")) == (
        Deleted(kind=RecordKind.INCIDENT, external_id="10303"),
    )


def test_a_workflows_own_message_leads_to_the_issue() -> None:
    document = payload("issue-updated-renamed")
    del document["webhookEvent"]
    document["comment"] = ""

    assert told(document) == (Hinted(kind=RecordKind.INCIDENT, external_id="10040"),)


def test_an_issue_that_is_not_mirrored_is_of_no_interest() -> None:
    for name in ("issue-updated-renamed", "issue-deleted", "cloud-comment-created"):
        assert told(payload(name), site()) == ()


def test_an_issue_of_another_project_is_of_no_interest() -> None:
    with_types = altered("issueType", values=OF_SOFTWARE).maps
    projects = [
        replace(entry, values={"OPS": ""}) if entry.field == "project" else entry
        for entry in with_types
    ]

    assert told(payload("issue-updated-renamed"), site(projects)) == ()


@pytest.mark.parametrize("event", ["jira:version_released", "sprint_started", "user_created"])
def test_other_events_are_of_no_interest(event: str) -> None:
    assert told({"webhookEvent": event, "timestamp": 1}) == ()


def test_a_sample_tells_nothing() -> None:
    sample = SIGNED.sample("/webhooks/jira/prod", {"webhook_secret": "shared"}, NOON, "one")

    assert isinstance(sample, RawDelivery)
    assert told(sample.body) == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"updated": None},
        {"updated": "yesterday"},
        {"status": None},
        {"assignee": "Beth"},
        {"labels": "one"},
    ],
)
def test_an_issue_that_cannot_be_read_is_asked_for(fields: dict[str, object]) -> None:
    assert told(payload("issue-updated-renamed", **fields)) == (
        Hinted(kind=RecordKind.INCIDENT, external_id="10040"),
    )


@pytest.mark.parametrize("log", [None, [], {}, {"id": "x", "items": []}, {"id": 1, "items": [7]}])
def test_an_odd_changelog_tells_nothing(log: object) -> None:
    document = payload("issue-updated-renamed")
    document["changelog"] = log

    (one,) = told(document)

    assert isinstance(one, Reported)
    assert not one.edits


@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_odd_body_is_unreadable(name: str) -> None:
    detail = "the body tells of no issue" if name == "an empty object" else None

    assert unreadable(told(ODD_BODIES[name])) == (detail or "the body is no JSON object")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"issue": {}}, "the id is missing or malformed"),
        ({"issue": {"id": "../x"}}, "the id is missing or malformed"),
        ({"webhookEvent": "comment_created"}, "the comment is of no issue"),
        ({"webhookEvent": "comment_created", "comment": {"self": 1}}, "the comment is of no issue"),
        (
            {"webhookEvent": "comment_created", "issue": {"id": []}},
            "the id is missing or malformed",
        ),
    ],
)
def test_a_body_without_issue_is_unreadable(body: dict[str, Any], detail: str) -> None:
    assert unreadable(told(body)) == detail
