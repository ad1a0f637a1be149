import httpx
import pytest

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.writing import Aborted, Mandatory
from tests.simulators.conftest import Clock

ROUTES = {
    "normal": ("-4", "-3", "-2", "-1", "0"),
    "standard": ("-2", "-1", "0"),
    "emergency": ("-3", "-2", "-1", "0"),
}
SUCCESS = {"close_code": "successful", "close_notes": "Done"}


@pytest.mark.parametrize("kind", ROUTES)
def test_a_change_goes_the_way_of_its_type(servicenow: ServiceNow, clock: Clock, kind: str) -> None:
    # given a new change of this type
    number = servicenow.create({"type": kind}, table="change_request")["number"]

    # when it goes from state to state, a minute each
    for state in ROUTES[kind]:
        clock.move(minutes=1)
        servicenow.edit(number, {"state": state}, table="change_request")

    # then the work was timed, and it closes only with a code
    with pytest.raises(Mandatory, match="Close code, Close notes"):
        servicenow.edit(number, {"state": "3"}, table="change_request")
    closed = servicenow.edit(number, {"state": "3"} | SUCCESS, table="change_request")
    minutes = len(ROUTES[kind])
    assert closed["work_start"] == f"2026-03-02 10:0{minutes - 1}:00"
    assert closed["work_end"] == closed["closed_at"] == f"2026-03-02 10:0{minutes}:00"
    assert closed["active"] == "false"


@pytest.mark.parametrize(
    ("before", "after"),
    [("-5", "-2"), ("-5", "3"), ("-4", "-1"), ("-1", "-5"), ("0", "-1"), ("3", "0"), ("4", "-5")],
)
async def test_a_change_that_skips_a_state_is_refused(
    servicenow: ServiceNow, http: httpx.AsyncClient, before: str, after: str
) -> None:
    change = servicenow.create({"state": before} | SUCCESS, table="change_request")
    answer = await http.patch(
        f"/api/now/table/change_request/{change['sys_id']}", json={"state": after}
    )
    assert (answer.status_code, answer.json()["error"]) == (
        403,
        {
            "message": "Operation Failed",
            "detail": "Operation against file 'change_request' was aborted by Business Rule "
            "'Change Model: Check State Transition'. Error: Invalid update",
        },
    )
    assert servicenow.record(change["number"], table="change_request") == change


@pytest.mark.parametrize(("before", "after"), [("-2", "-5"), ("-4", "4"), ("-1", "4")])
def test_a_change_may_be_planned_again_or_canceled(
    servicenow: ServiceNow, before: str, after: str
) -> None:
    number = servicenow.create({"state": before}, table="change_request")["number"]
    moved = servicenow.edit(number, {"state": after}, table="change_request")
    assert (moved["state"], moved["active"]) == (after, "false" if after == "4" else "true")


def test_a_case_is_resolved_with_a_code_reopened_without_and_closed(
    servicenow: ServiceNow,
) -> None:
    table = "sn_customerservice_case"
    number = servicenow.create({"state": "10"}, table=table)["number"]
    with pytest.raises(Mandatory, match="Resolution code, Resolution notes"):
        servicenow.edit(number, {"state": "6"}, table=table)
    solved = {"state": "6", "resolution_code": "Solved", "close_notes": "Restarted"}
    assert servicenow.edit(number, solved, table=table)["resolved_at"] == "2026-03-02 10:00:00"
    reopened = servicenow.edit(number, {"state": "10"}, table=table)
    assert (reopened["resolved_at"], reopened["resolution_code"]) == ("", "")
    servicenow.edit(number, solved, table=table)
    closed = servicenow.edit(number, {"state": "3"}, table=table)
    assert (closed["active"], closed["closed_at"]) == ("false", "2026-03-02 10:00:00")
    assert closed["resolved_at"] == "2026-03-02 10:00:00"


@pytest.mark.parametrize("state", ["3", "4", "7"])
def test_a_requested_item_ends_in_three_ways(servicenow: ServiceNow, state: str) -> None:
    number = servicenow.create({}, table="sc_req_item")["number"]
    begun = servicenow.edit(number, {"state": "2"}, table="sc_req_item")
    assert (begun["stage"], begun["active"]) == ("fulfillment", "true")
    ended = servicenow.edit(number, {"state": state}, table="sc_req_item")
    assert (ended["stage"], ended["active"]) == ("completed", "false")


def test_events_of_one_key_raise_repeat_end_and_reopen_one_alert(
    servicenow: ServiceNow, clock: Clock
) -> None:
    found, alert = [], {"sys_id": ""}
    for severity in ("2", "1", "0", "3"):
        event = {"source": "Nagios", "node": "db-1", "message_key": "k", "severity": severity}
        made = servicenow.create(event | {"description": "Disk full"}, table="em_event")
        assert made["state"] == "Processed"
        alert = servicenow.record(made["alert"], table="em_alert")
        found.append((alert["state"], alert["severity"], alert["event_count"]))
        clock.move(minutes=1)
    assert found == [
        ("Open", "2", "1"),
        ("Open", "1", "2"),
        ("Closed", "0", "3"),
        ("Reopen", "3", "4"),
    ]
    assert alert["initial_event_generation_time"] == "2026-03-02 10:00:00"
    assert alert["last_event_time"] == "2026-03-02 10:03:00"


def test_an_event_without_a_key_is_known_by_what_it_is_about(servicenow: ServiceNow) -> None:
    alerts = {
        servicenow.create({"node": node, "severity": "3"}, table="em_event")["alert"]
        for node in ("a", "b", "a")
    }
    assert len(alerts) == 2


def test_the_end_of_what_never_began_raises_nothing(servicenow: ServiceNow) -> None:
    event = servicenow.create({"message_key": "k", "severity": "0"}, table="em_event")
    assert (event["state"], event["alert"]) == ("Processed", "")
    assert servicenow.records.store.count("em_alert") == 0


def test_a_note_on_any_task_is_kept_by_its_sys_id(servicenow: ServiceNow, clock: Clock) -> None:
    change = servicenow.create({}, table="change_request")
    clock.move(seconds=5)
    noted = servicenow.note(change["number"], "Hello", is_public=True, by="ann.lee")
    assert (noted["comments"], noted["sys_updated_on"]) == ("", "2026-03-02 10:00:05")
    assert noted["sys_mod_count"] == "0"
    note = servicenow.records.store.one("sys_journal_field", "element_id", change["sys_id"])
    assert note is not None
    assert (note["element"], note["value"], note["name"]) == ("comments", "Hello", "change_request")
    assert note["sys_created_by"] == "ann.lee"


def test_an_aborted_write_leaves_no_trace(servicenow: ServiceNow) -> None:
    number = servicenow.create({}, table="change_request")["number"]
    with pytest.raises(Aborted):
        servicenow.edit(number, {"state": "0", "work_notes": "Skipped"}, table="change_request")
    store = servicenow.records.store
    assert (store.count("sys_audit"), store.count("sys_journal_field")) == (0, 0)
