import httpx
import pytest

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.tables import TABLES, classes
from tests.simulators.conftest import Clock

ROOT = "/api/now/table"


async def listed(http: httpx.AsyncClient, table: str, **asked: str) -> list[dict[str, str]]:
    plain = {"sysparm_exclude_reference_link": "true"}
    query = {f"sysparm_{name}": value for name, value in asked.items()}
    answer = await http.get(f"{ROOT}/{table}", params=plain | query)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, str]] = answer.json()["result"]
    return rows


@pytest.mark.parametrize("table", TABLES)
async def test_every_table_takes_gives_counts_and_drops_rows(
    http: httpx.AsyncClient, table: str
) -> None:
    made = await http.post(f"{ROOT}/{table}", json={})
    assert made.status_code == 201
    assert set(made.json()["result"]) == set(TABLES[table].fields)
    sys_id = made.json()["result"]["sys_id"]
    assert [row["sys_id"] for row in await listed(http, table, query=f"sys_id={sys_id}")] == [
        sys_id
    ]
    counted = await http.get(
        f"/api/now/stats/{table}",
        params={"sysparm_count": "true", "sysparm_query": f"sys_id={sys_id}"},
    )
    assert counted.json()["result"]["stats"]["count"] == "1"
    assert (await http.delete(f"{ROOT}/{table}/{sys_id}")).status_code == 204
    assert (await http.get(f"{ROOT}/{table}/{sys_id}")).status_code == 404


def test_a_table_that_extends_another_has_all_of_its_fields() -> None:
    for name in TABLES:
        for heir in classes(name):
            assert set(TABLES[name].fields) <= set(TABLES[heir].fields), heir


async def test_the_task_table_lists_all_that_people_work_on(
    servicenow: ServiceNow, http: httpx.AsyncClient, clock: Clock
) -> None:
    numbers = []
    for table in ("incident", "change_request", "problem", "sc_req_item"):
        numbers.append(servicenow.create({"priority": "2"}, table=table)["number"])
        clock.move(seconds=1)
    rows = await listed(
        http, "task", query="ORDERBYDESCsys_created_on", fields="number,sys_class_name"
    )
    assert [row["number"] for row in rows] == numbers[::-1]
    assert [row["sys_class_name"] for row in rows] == [
        "sc_req_item",
        "problem",
        "change_request",
        "incident",
    ]


async def test_a_row_is_edited_and_deleted_through_the_table_it_extends(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    incident = servicenow.create({"category": "mail"})
    address = f"{ROOT}/task/{incident['sys_id']}"
    answer = (await http.patch(address, json={"state": "2", "category": "web"})).json()["result"]
    assert (answer["state"], answer["sys_class_name"]) == ("2", "incident")
    assert "category" not in answer
    after = servicenow.record(incident["number"])
    assert (after["incident_state"], after["category"]) == ("2", "web")
    assert (await http.delete(address)).status_code == 204
    assert await listed(http, "incident") == []


async def test_a_service_is_a_configuration_item_that_others_depend_on(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    criticality = "1 - most critical"
    shop = servicenow.create(
        {"name": "Shop", "busines_criticality": criticality}, table="cmdb_ci_service"
    )
    base = servicenow.create({"name": "Base"}, table="cmdb_ci")
    servicenow.relate("Shop", "Base")
    items = await listed(http, "cmdb_ci", query="ORDERBYname", fields="name,sys_class_name")
    assert items == [
        {"name": "Base", "sys_class_name": "cmdb_ci"},
        {"name": "Shop", "sys_class_name": "cmdb_ci_service"},
    ]
    (relation,) = await listed(http, "cmdb_rel_ci", fields="parent,child,type,type.name")
    assert (relation["parent"], relation["child"]) == (shop["sys_id"], base["sys_id"])
    assert relation["type.name"] == "Depends on::Used by"
    (kind,) = await listed(http, "cmdb_rel_type")
    assert (kind["parent_descriptor"], kind["child_descriptor"]) == ("Depends on", "Used by")


async def test_a_field_of_a_reference_is_asked_for_filtered_and_ordered_by(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    for name, level in (("Alder", "gold"), ("Birch", "silver"), ("Cedar", "gold")):
        account = servicenow.create({"name": name, "u_level": level}, table="customer_account")
        servicenow.create({"account": account["sys_id"]}, table="sn_customerservice_case")
    servicenow.create({}, table="sn_customerservice_case")
    asked = {"fields": "account.name,account.u_level,account.nonsense,nonsense.name"}
    query = "account.u_level=gold^ORDERBYDESCaccount.name"
    rows = await listed(http, "sn_customerservice_case", query=query, **asked)
    assert rows == [
        {"account.name": "Cedar", "account.u_level": "gold"},
        {"account.name": "Alder", "account.u_level": "gold"},
    ]
    (bare,) = await listed(http, "sn_customerservice_case", query="account.nameISEMPTY", **asked)
    assert bare == {"account.name": "", "account.u_level": ""}
    shown = await listed(
        http, "sn_customerservice_case", query=query, display_value="true", **asked
    )
    assert shown[0]["account.u_level"] == "Gold"


async def test_states_are_compared_as_numbers_only_where_they_are_numbers(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    for state in ("-5", "-1", "4"):
        servicenow.create({"state": state}, table="change_request")
    rows = await listed(http, "change_request", query="state<0^ORDERBYDESCstate")
    assert [row["state"] for row in rows] == ["-1", "-5"]
    for state in ("Open", "Closed"):
        servicenow.create({"state": state}, table="em_alert")
    rows = await listed(http, "em_alert", query="state=Closed")
    assert [row["state"] for row in rows] == ["Closed"]


@pytest.mark.parametrize(
    ("table", "state", "label"),
    [
        ("change_request", "-2", "Scheduled"),
        ("sn_customerservice_case", "18", "Awaiting Info"),
        ("sc_req_item", "2", "Work in Progress"),
        ("em_alert", "Reopen", "Reopen"),
        ("incident", "2", "In Progress"),
    ],
)
async def test_each_table_has_its_own_words_for_states(
    servicenow: ServiceNow, http: httpx.AsyncClient, table: str, state: str, label: str
) -> None:
    servicenow.create({"state": state}, table=table)
    (row,) = await listed(http, table, display_value="true", fields="state")
    assert row == {"state": label}


async def test_a_view_is_ignored_and_a_count_can_be_spared(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    for _ in range(3):
        servicenow.create({}, table="problem")
    asked = {"sysparm_limit": "2", "sysparm_view": "mobile", "sysparm_no_count": "true"}
    answer = await http.get(f"{ROOT}/problem", params=asked)
    assert len(answer.json()["result"]) == 2
    assert "X-Total-Count" not in answer.headers
    assert 'rel="next"' in answer.headers["Link"]


async def test_only_tasks_are_audited(servicenow: ServiceNow, http: httpx.AsyncClient) -> None:
    for table in ("change_request", "sc_req_item", "sn_customerservice_case", "em_alert"):
        row = servicenow.create({"description": "a"}, table=table)
        servicenow.edit(row["number"], {"description": "b"}, table=table, by="ann.lee")
    told = await listed(http, "sys_audit", fields="tablename,fieldname,oldvalue,newvalue,user")
    assert [row.pop("tablename") for row in told] == [
        "change_request",
        "sc_req_item",
        "sn_customerservice_case",
    ]
    changed = {"fieldname": "description", "oldvalue": "a", "newvalue": "b", "user": "ann.lee"}
    assert told == [changed] * 3
