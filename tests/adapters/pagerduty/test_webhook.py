import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.delivery import Deleted, Hinted, Reported, Told
from adapters.exchange import Named
from adapters.pagerduty.webhook import SIGNED, read
from domain.inbound import Reference, VendorKey
from domain.records import IncidentStatus, Priority, RecordKind, Severity
from tests.adapters.delivering import (
    NOON,
    ODD_BODIES,
    accepted,
    raw,
    refused,
    signature,
    unreadable,
)
from tests.adapters.pagerduty.recorded import TERMS, recorded

DATA = Path(__file__).parents[2] / "data" / "pagerduty"
VECTORS = json.loads((DATA / "signatures.json").read_text())
SHARED = "shared"
BODY = b'{"event":{"id":"01ABC"}}'
RIGHT = signature(SHARED, BODY)
INCIDENT = "Q3B15VLMF3ASBD"
WRONG = "the signature fits no secret"


def told(body: dict[str, Any] | bytes) -> Told:
    return read(raw(body), TERMS)


def changed(name: str, data: Mapping[str, object]) -> dict[str, Any]:
    """Return a recorded event with other values in its data."""
    document = recorded(name)
    document["event"]["data"] |= data
    return document


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signatures_are_judged_as_computed_elsewhere(vector: dict[str, Any]) -> None:
    body = vector.get("body", "").encode() or (DATA / vector["body_file"]).read_bytes()
    delivery = raw(body, vector["headers"])

    if vector["valid"]:
        accepted(SIGNED, delivery, {"webhook_secret": vector["secret"]})
    else:
        refused(SIGNED, delivery, {"webhook_secret": vector["secret"]})


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "X-PagerDuty-Signature is missing"),
        ("", "X-PagerDuty-Signature is missing"),
        (RIGHT, "X-PagerDuty-Signature has no signature of version 1"),
        (f"v0={RIGHT}", "X-PagerDuty-Signature has no signature of version 1"),
        (f"xv1={RIGHT}", "X-PagerDuty-Signature has no signature of version 1"),
        ("v1=", WRONG),
        (f"v1={RIGHT[:-1]}", WRONG),
        (f"v1={RIGHT[:-2]}", WRONG),
        (f"v1=v1={RIGHT}", WRONG),
        (f"v1={'ä' * 64}", WRONG),
        (f"v1={signature('other', BODY)},v1={signature('', BODY)}", WRONG),
        (f"v1={RIGHT}," * 5_000, "X-PagerDuty-Signature has too many signatures"),
    ],
)
def test_a_forged_delivery_is_refused_with_the_reason(header: str | None, reason: str) -> None:
    headers = {} if header is None else {"X-PagerDuty-Signature": header}

    assert refused(SIGNED, raw(BODY, headers), {"webhook_secret": SHARED}) == reason


def test_either_secret_of_a_rotation_on_either_side_is_enough() -> None:
    delivery = raw(BODY, {"X-PagerDuty-Signature": f"v1={signature('newest', BODY)}, v1={RIGHT}"})

    for held in ({"webhook_secret": "newest"}, {"webhook_secret_next": SHARED}):
        assert accepted(SIGNED, delivery, held) == "01ABC"
    assert refused(SIGNED, delivery, {"webhook_secret": "third"}) == WRONG
    assert refused(SIGNED, delivery, {}) == "no webhook secret is set"


def test_a_delivery_is_known_again_by_the_event_and_not_by_an_unsigned_header() -> None:
    headers = {"X-PagerDuty-Signature": f"v1={RIGHT}", "X-Webhook-Id": "other"}

    assert accepted(SIGNED, raw(BODY, headers), {"webhook_secret": SHARED}) == "01ABC"


@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_odd_body_with_a_right_signature_is_accepted_and_unreadable(name: str) -> None:
    body = ODD_BODIES[name]
    delivery = raw(body, {"X-PagerDuty-Signature": f"v1={signature(SHARED, body)}"})

    assert accepted(SIGNED, delivery, {"webhook_secret": SHARED}) is None
    assert unreadable(told(body)).startswith("the body ")


def test_a_sample_is_accepted_and_tells_nothing() -> None:
    secrets = {"webhook_secret": SHARED, "webhook_secret_next": "newest"}

    sample = SIGNED.sample("/webhooks/pagerduty/prod", secrets, NOON, "one")

    assert sample is not None
    assert accepted(SIGNED, sample, {"webhook_secret": "newest"}) == "one"
    assert told(sample.body) == ()
    assert SIGNED.sample("/webhooks/pagerduty/prod", {}, NOON, "one") is None


def test_a_recorded_event_is_the_incident_as_it_then_stood() -> None:
    (one,) = told(recorded("priority-updated"))

    assert isinstance(one, Reported)
    assert not one.is_whole
    record = one.record
    assert (record.external_id, record.external_key) == (INCIDENT, "5")
    # Answers tell the second of an update, events its millisecond.
    assert record.key == VendorKey(at=datetime(2026, 4, 1, 2, 15, 36, tzinfo=UTC))
    assert record.created_at == datetime(2026, 4, 1, 2, 7, 30, tzinfo=UTC)
    assert record.author == "User 1"
    assert record.fields["status"] == IncidentStatus.NEW
    assert (record.fields["priority"], record.fields["severity"]) == (Priority.P2, Severity.SEV2)
    assert record.fields["assignee"] == Reference(table="user", external_id="PXRUEF2")
    assert "description" not in record.fields


def test_the_things_that_an_incident_points_to_are_named_but_people_are_not() -> None:
    (one,) = told(recorded("priority-updated"))

    assert isinstance(one, Reported)
    assert one.named == [
        Named(reference=Reference(table="service", external_id="PLVTM9H"), name="Default Service"),
        Named(
            reference=Reference(table="escalation_policy", external_id="P3RAX8S"), name="APIs-ep"
        ),
    ]


def test_the_update_time_of_the_incident_itself_goes_before_that_of_the_event() -> None:
    (one,) = told(changed("priority-updated", {"updated_at": "2026-04-01T02:15:35Z"}))

    assert isinstance(one, Reported)
    assert one.record.key.at == datetime(2026, 4, 1, 2, 15, 35, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["triggered", "acknowledged", "resolved", "reassigned", "unacknowledged"]
)
def test_an_event_of_before_2026_leads_to_the_incident(name: str) -> None:
    document = recorded(name)
    wanted = document["event"]["data"]["id"]

    for one in told(document):
        if "created_at" in document["event"]["data"]:
            assert isinstance(one, Reported)
        else:
            assert one == Hinted(kind=RecordKind.INCIDENT, external_id=wanted)


@pytest.mark.parametrize(
    ("name", "is_full"), [("annotated", True), ("status-update-published", False)]
)
def test_what_belongs_to_an_incident_leads_to_it(name: str, is_full: bool) -> None:
    document = recorded(name)
    wanted = document["event"]["data"]["incident"]["id"]

    assert told(document) == (
        Hinted(kind=RecordKind.INCIDENT, external_id=wanted, is_full=is_full),
    )


@pytest.mark.parametrize(
    ("event", "of"), [("created", Hinted), ("updated", Hinted), ("deleted", Deleted)]
)
def test_services_are_read_again_and_their_deletion_confirmed(
    event: str, of: type[Hinted] | type[Deleted]
) -> None:
    body = {"event": {"event_type": f"service.{event}", "data": {"id": "PLVTM9H"}}}

    assert told(body) == (of(kind=RecordKind.SERVICE, external_id="PLVTM9H"),)


@pytest.mark.parametrize("event", ["pagey.ping", "unheard.of"])
def test_other_events_are_of_no_interest(event: str) -> None:
    assert told({"event": {"id": "01", "event_type": event, "data": {}}}) == ()


@pytest.mark.parametrize(
    "data",
    [
        {"created_at": None},
        {"created_at": "yesterday"},
        {"updated_at": "2026"},
        {"title": ["a", "list"]},
    ],
)
def test_an_incident_that_cannot_be_read_is_asked_for(data: dict[str, object]) -> None:
    assert told(changed("priority-updated", data)) == (
        Hinted(kind=RecordKind.INCIDENT, external_id=INCIDENT),
    )


def test_an_event_without_a_time_leads_to_the_incident() -> None:
    document = recorded("priority-updated")
    document["event"]["occurred_at"] = "now"

    assert told(document) == (Hinted(kind=RecordKind.INCIDENT, external_id=INCIDENT),)


@pytest.mark.parametrize("found", [None, "", "../users", ["Q1"], "x" * 65])
def test_an_id_that_can_be_none_is_unreadable(found: object) -> None:
    assert (
        unreadable(told(changed("priority-updated", {"id": found}))) == "id is missing or malformed"
    )
    assert unreadable(told(changed("annotated", {"incident": {"id": found}}))) == (
        "id is missing or malformed"
    )
