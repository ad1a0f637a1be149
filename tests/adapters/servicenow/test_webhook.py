import base64
import json
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Mappings
from adapters.delivery import Deleted, Hinted, Reported, Told
from adapters.servicenow.mapping import Translation
from adapters.servicenow.maps import MAPPINGS
from adapters.servicenow.webhook import SIGNED, read
from domain.inbound import VendorKey
from domain.records import NoteVisibility, RecordKind
from tests.adapters.delivering import (
    NOON,
    ODD_BODIES,
    accepted,
    raw,
    refused,
    signature,
    unreadable,
)
from tests.adapters.servicenow.translating import ROW, altered
from tests.adapters.servicenow.translating import read as translated

SHARED = "shared"
BODY = b'{"event":"incident.updated"}'
WRONG = "the signature fits no secret"
RIGHT = signature(SHARED, BODY)
VECTORS = json.loads(
    (Path(__file__).parents[2] / "data" / "servicenow" / "signatures.json").read_text()
)
SYS_ID = ROW["sys_id"]


def told(body: dict[str, Any] | bytes, maps: Mappings | None = None) -> Told:
    words = {
        kind: Translation(kind, maps or Mappings(MAPPINGS), "https://acme.example.com")
        for kind in RecordKind
    }
    return read(raw(body), words)


def updated(**more: object) -> dict[str, Any]:
    stamps = ("sys_id", "sys_mod_count", "sys_updated_on", "sys_updated_by")
    message = {"event": "incident.updated", "table": "incident", "record": ROW}
    return message | {name: ROW[name] for name in stamps} | more


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signatures_are_judged_as_computed_elsewhere(vector: dict[str, Any]) -> None:
    names = ("webhook_secret", "webhook_secret_next")
    held = dict(zip(names, vector.get("secrets") or [vector["secret"]], strict=False))
    delivery = raw(vector["body"].encode(), vector["headers"])

    if vector["valid"]:
        accepted(SIGNED, delivery, held)
    else:
        refused(SIGNED, delivery, held)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "X-Watchpane-Signature is missing"),
        ("", "X-Watchpane-Signature is missing"),
        (RIGHT, "X-Watchpane-Signature is not of sha256"),
        (f"sha1={RIGHT[:40]}", "X-Watchpane-Signature is not of sha256"),
        (f"SHA256={RIGHT}", "X-Watchpane-Signature is not of sha256"),
        ("sha256=", WRONG),
        (f"sha256={RIGHT[:-2]}", WRONG),
        (f"sha256={RIGHT[:-1]}", WRONG),
        (f"sha256={RIGHT}00", WRONG),
        (f"sha256={RIGHT}\n", WRONG),
        (f"sha256= {RIGHT}", WRONG),
        (f"sha256={'g' * 64}", WRONG),
        ("sha256=" + "\u0661" * 64, WRONG),
        (f"sha256={RIGHT},sha256={RIGHT}", WRONG),
        (f"sha256={signature('other', BODY)}", WRONG),
        (f"sha256={signature('', BODY)}", WRONG),
        (
            f"sha256={base64.b64encode(bytes.fromhex(RIGHT)).decode()}",
            WRONG,
        ),
    ],
)
def test_a_forged_delivery_is_refused_with_the_reason(header: str | None, reason: str) -> None:
    headers = {} if header is None else {"X-Watchpane-Signature": header}

    assert refused(SIGNED, raw(BODY, headers), {"webhook_secret": SHARED}) == reason


@pytest.mark.parametrize("body", [BODY + b" ", BODY + b"\n", BODY[:-1], BODY.replace(b":", b": ")])
def test_a_body_that_was_touched_is_refused(body: bytes) -> None:
    delivery = raw(body, {"X-Watchpane-Signature": f"sha256={RIGHT}"})

    assert refused(SIGNED, delivery, {"webhook_secret": SHARED}) == WRONG


@pytest.mark.parametrize("secrets", [{}, {"webhook_secret": ""}, {"password": SHARED}])
def test_without_a_secret_nothing_is_believed(secrets: dict[str, str]) -> None:
    delivery = raw(BODY, {"X-Watchpane-Signature": f"sha256={signature('', BODY)}"})

    assert refused(SIGNED, delivery, secrets) == "no webhook secret is set"


@pytest.mark.parametrize(
    ("told_id", "known"),
    [
        ("0f2c", "0f2c"),
        ("", None),
        ("a b", None),
        ("ü", None),
        ("x" * 200, "x" * 200),
        ("x" * 201, None),
    ],
)
def test_a_delivery_is_known_again_by_the_run_of_the_rule(told_id: str, known: str | None) -> None:
    headers = {"X-Watchpane-Signature": f"sha256={RIGHT}", "X-Watchpane-Delivery": told_id}

    assert accepted(SIGNED, raw(BODY, headers), {"webhook_secret": SHARED}) == known


@pytest.mark.parametrize("name", ["webhook_secret", "webhook_secret_next"])
def test_a_sample_is_accepted_and_tells_nothing(name: str) -> None:
    sample = SIGNED.sample("/webhooks/servicenow/prod", {name: SHARED}, NOON, "one")

    assert sample is not None
    assert accepted(SIGNED, sample, {name: SHARED}) == "one"
    assert told(sample.body) == ()
    assert SIGNED.sample("/webhooks/servicenow/prod", {}, NOON, "one") is None


def test_an_update_reads_as_a_row_of_the_table_does() -> None:
    row = ROW | {"short_description": "Mail is down", "state": "2", "assigned_to": "b" * 32}

    (one,) = told(updated(record=row))

    assert isinstance(one, Reported)
    assert one.kind is RecordKind.INCIDENT
    assert one.record == translated(
        short_description="Mail is down", state="2", assigned_to="b" * 32
    )
    assert one.record.key == VendorKey(at=one.record.key.at, sequence=7)
    assert not one.is_whole


@pytest.mark.parametrize(("event", "is_whole"), [("created", True), ("updated", False)])
def test_only_a_new_row_with_all_columns_is_whole(event: str, is_whole: bool) -> None:
    columns = Translation(RecordKind.INCIDENT, Mappings(MAPPINGS), "").columns
    row = dict.fromkeys(columns, "") | ROW

    (one,) = told(updated(event=f"incident.{event}", record=row))
    (less,) = told(updated(event=f"incident.{event}", record=ROW))

    assert isinstance(one, Reported)
    assert isinstance(less, Reported)
    assert (one.is_whole, less.is_whole) == (is_whole, False)


def test_notes_and_audit_rows_come_along_under_their_own_ids() -> None:
    note = {"sys_id": "c" * 32, "element": "work_notes", "value": "Called\r\nBeth"}
    note |= {"sys_created_on": "2026-03-02 13:24:00", "sys_created_by": "beth"}
    audit = {"sys_id": "d" * 32, "fieldname": "short_description", "oldvalue": "Mail"}
    audit |= {"newvalue": "Mail is down", "user": "beth", "record_checkpoint": "7"}
    audit |= {"sys_created_on": "2026-03-02 13:24:00"}

    (one,) = told(updated(journal=[note, "odd", {}], audit=[audit, None]))

    assert isinstance(one, Reported)
    (read_note,) = one.notes
    assert (read_note.external_id, read_note.record_external_id) == ("c" * 32, SYS_ID)
    assert (read_note.body, read_note.visibility) == ("Called\nBeth", NoteVisibility.INTERNAL)
    (edit,) = one.edits
    assert (edit.external_id, edit.record_external_id) == ("d" * 32, SYS_ID)
    assert (edit.field, edit.before, edit.after) == ("title", "Mail", "Mail is down")
    assert edit.key == one.record.key


def test_a_deletion_is_a_hint_only() -> None:
    assert told(updated(event="incident.deleted")) == (
        Deleted(kind=RecordKind.INCIDENT, external_id=SYS_ID),
    )


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("change_request", RecordKind.CHANGE),
        ("em_alert", RecordKind.EVENT),
        ("sn_customerservice_case", RecordKind.TICKET),
    ],
)
def test_other_tables_are_read_as_their_kinds(table: str, kind: RecordKind) -> None:
    (one,) = told(updated(event=f"{table}.updated", table=table))

    assert isinstance(one, Reported)
    assert one.kind is kind


def test_a_table_that_a_setting_puts_in_place_is_read() -> None:
    items = altered(RecordKind.TICKET, "table", external_field="sc_req_item")

    (one,) = told(updated(table="sc_req_item"), items)

    assert isinstance(one, Reported)
    assert one.kind is RecordKind.TICKET


def test_a_service_is_read_again_since_its_relations_stand_elsewhere() -> None:
    assert told(updated(table="cmdb_ci")) == (Hinted(kind=RecordKind.SERVICE, external_id=SYS_ID),)


@pytest.mark.parametrize(
    "record",
    [
        None,
        "text",
        {},
        {"sys_id": SYS_ID},
        ROW | {"sys_updated_on": "tomorrow"},
        ROW | {"sys_mod_count": "-1"},
        ROW | {"sys_id": "e" * 32},
    ],
)
def test_a_record_that_cannot_be_read_is_asked_for(record: object) -> None:
    assert told(updated(record=record)) == (Hinted(kind=RecordKind.INCIDENT, external_id=SYS_ID),)


def test_a_table_that_is_not_mirrored_is_of_no_interest() -> None:
    assert told(updated(table="sys_user")) == ()


@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_odd_body_is_unreadable(name: str) -> None:
    detail = "the body names no table" if name == "an empty object" else None

    assert unreadable(told(ODD_BODIES[name])) == (detail or "the body is no JSON object")


@pytest.mark.parametrize("sys_id", ["", None, [], "a^ORnumber=1", "x" * 65])
def test_an_id_that_can_be_none_is_unreadable(sys_id: object) -> None:
    assert unreadable(told(updated(sys_id=sys_id))) == "sys_id is missing or malformed"
