import httpx
import pytest

from simulators.servicenow.instance import ServiceNow
from tests.simulators.conftest import Clock

TABLE = "/api/now/table/incident"


async def test_a_created_record_has_computed_and_stamped_fields(http: httpx.AsyncClient) -> None:
    given = {"short_description": "Mail is down", "impact": 2, "urgency": "1", "priority": "5"}
    answer = await http.post(TABLE, json=given)
    assert answer.status_code == 201
    row = answer.json()["result"]
    assert answer.headers["Location"].endswith(f"/api/now/table/incident/{row['sys_id']}")
    assert (row["priority"], row["state"], row["incident_state"]) == ("2", "1", "1")
    assert (row["sys_mod_count"], row["sys_created_by"]) == ("0", "admin")
    assert row["sys_created_on"] == row["sys_updated_on"] == "2026-03-02 10:00:00"
    assert (await http.get(answer.headers["Location"])).json()["result"] == row


@pytest.mark.parametrize(("lowest", "priority"), [("5", "5"), ("4", "4")])
async def test_the_lowest_priority_is_a_setting(
    servicenow: ServiceNow, lowest: str, priority: str
) -> None:
    servicenow.records.lowest = lowest
    assert servicenow.create({"impact": "3", "urgency": "3"})["priority"] == priority


async def test_an_edit_raises_the_count_by_one_and_an_empty_edit_nothing(
    servicenow: ServiceNow, http: httpx.AsyncClient, clock: Clock
) -> None:
    sys_id = servicenow.create({"category": "mail"})["sys_id"]
    clock.move(minutes=1)
    same = await http.patch(f"{TABLE}/{sys_id}", json={"category": "mail", "number": "INC1"})
    assert same.json()["result"]["sys_mod_count"] == "0"
    assert same.json()["result"]["sys_updated_on"] == "2026-03-02 10:00:00"
    edited = await http.put(f"{TABLE}/{sys_id}", json={"category": "network"})
    assert edited.json()["result"]["sys_mod_count"] == "1"
    assert edited.json()["result"]["sys_updated_on"] == "2026-03-02 10:01:00"


async def test_each_changed_field_leaves_an_audit_row(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    sys_id = servicenow.create({})["sys_id"]
    await http.patch(f"{TABLE}/{sys_id}", json={"incident_state": 3, "hold_reason": "4"})
    asked = {"sysparm_query": f"tablename=incident^documentkeyIN{sys_id}^ORDERBYfieldname"}
    rows = (await http.get("/api/now/table/sys_audit", params=asked)).json()["result"]
    told = [(r["fieldname"], r["oldvalue"], r["newvalue"], r["record_checkpoint"]) for r in rows]
    assert told == [("hold_reason", "", "4", "1"), ("state", "1", "3", "1")]
    assert {row["user"] for row in rows} == {"admin"}


async def test_resolving_needs_a_code_and_notes(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    sys_id = servicenow.create({"state": "2"})["sys_id"]
    refused = await http.patch(f"{TABLE}/{sys_id}", json={"state": "6"})
    assert refused.status_code == 403
    assert refused.json()["error"] == {
        "message": "Operation Failed",
        "detail": "Data Policy Exception: The following fields are mandatory: "
        "Resolution code, Resolution notes",
    }
    given = {"state": "6", "close_code": "Solved", "close_notes": "Restarted"}
    resolved = (await http.patch(f"{TABLE}/{sys_id}", json=given)).json()["result"]
    assert resolved["resolved_at"] == "2026-03-02 10:00:00"
    reopened = (await http.patch(f"{TABLE}/{sys_id}", json={"state": "2"})).json()["result"]
    assert (reopened["resolved_at"], reopened["close_code"]) == ("", "")
    assert reopened["reopen_count"] == "1"


async def test_closing_ends_the_record_and_leaving_hold_empties_its_reason(
    servicenow: ServiceNow,
) -> None:
    held = servicenow.create({"state": "3", "hold_reason": "5"})
    given = {"state": "7", "close_code": "Solved", "close_notes": "Restarted"}
    closed = servicenow.edit(held["number"], given, by="resolver.17")
    assert (closed["active"], closed["hold_reason"]) == ("false", "")
    assert closed["closed_at"] == closed["resolved_at"] == "2026-03-02 10:00:00"
    assert servicenow.record(closed["closed_by"], table="sys_user")["user_name"] == "resolver.17"


async def test_a_note_is_a_journal_row_and_reads_back_empty(
    servicenow: ServiceNow, http: httpx.AsyncClient, clock: Clock
) -> None:
    sys_id = servicenow.create({})["sys_id"]
    clock.move(seconds=5)
    noted = (await http.patch(f"{TABLE}/{sys_id}", json={"work_notes": "Called"})).json()["result"]
    assert (noted["work_notes"], noted["sys_mod_count"]) == ("", "0")
    assert noted["sys_updated_on"] == "2026-03-02 10:00:05"
    asked = {"sysparm_query": f"element_id={sys_id}^ORDERBYsys_created_on"}
    (row,) = (await http.get("/api/now/table/sys_journal_field", params=asked)).json()["result"]
    assert (row["element"], row["value"], row["name"]) == ("work_notes", "Called", "incident")


async def test_a_deleted_record_is_remembered_elsewhere(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    row = servicenow.create({})
    answer = await http.delete(f"{TABLE}/{row['sys_id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    gone = await http.get(f"{TABLE}/{row['sys_id']}")
    assert gone.json()["error"]["message"] == "No Record found"
    (trace,) = (await http.get("/api/now/table/sys_audit_delete")).json()["result"]
    assert (trace["documentkey"], trace["display_value"]) == (row["sys_id"], row["number"])


async def test_a_reference_may_be_given_by_name_when_asked_for(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    group = servicenow.reference("sys_user_group", "Group 70")
    by_name = {"assignment_group": "Group 70"}
    dropped = (await http.post(TABLE, json=by_name)).json()["result"]
    assert dropped["assignment_group"] == ""
    asked = {"sysparm_input_display_value": "true", "sysparm_exclude_reference_link": "true"}
    found = (await http.post(TABLE, json=by_name, params=asked)).json()["result"]
    assert found["assignment_group"] == group


async def test_a_read_only_field_keeps_its_value_and_the_write_succeeds(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    sys_id = servicenow.create({"category": "mail"})["sys_id"]
    servicenow.switches.read_only_fields.add("category")
    answer = await http.patch(f"{TABLE}/{sys_id}", json={"category": "x", "urgency": "1"})
    row = answer.json()["result"]
    assert (answer.status_code, row["category"], row["urgency"]) == (200, "mail", "1")
