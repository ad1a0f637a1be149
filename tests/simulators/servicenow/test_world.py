from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from simulators.company import CUSTOMERS, SERVICES
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.log import MISSING, read
from simulators.servicenow.login import Account
from simulators.servicenow.query import Selection
from simulators.servicenow.replay import Plan
from simulators.servicenow.surroundings import COMPANIONS
from simulators.servicenow.tables import TABLES
from tests.simulators.conftest import ADMIN, Clock

ALL = Selection(where="1", order="sys_id", parameters=())
BESIDE = tuple(companion.table for companion in COMPANIONS)
ROWS = 5_998


def started(clock: Clock, *, history: float = 0.9, world: bool = True) -> ServiceNow:
    plan = Plan(rows=ROWS, history=history, world=world)
    return ServiceNow(now=clock, account=Account(password=ADMIN[1]), plan=plan, lowest_priority="4")


def rows(servicenow: ServiceNow, table: str) -> list[dict[str, str]]:
    names = TABLES[table].fields
    return servicenow.records.store.page(table, names, ALL, limit=99_999, offset=0)


@pytest.fixture(scope="module")
def whole() -> Iterator[ServiceNow]:
    """Hold all of the first incidents, at their end."""
    servicenow = started(Clock(), history=1)
    yield servicenow
    servicenow.records.store.close()


def test_services_depend_on_each_other_as_the_companys_do(whole: ServiceNow) -> None:
    names = {row["sys_id"]: row["name"] for row in rows(whole, "cmdb_ci_service")}
    keys = {service.key: service.name for service in SERVICES}
    told = {(names[row["parent"]], names[row["child"]]) for row in rows(whole, "cmdb_rel_ci")}
    assert told == {(s.name, keys[key]) for s in SERVICES for key in s.depends_on}
    criticality = Counter(row["busines_criticality"][0] for row in rows(whole, "cmdb_ci_service"))
    assert criticality == Counter(str(service.tier) for service in SERVICES)


def test_every_incident_has_a_service_all_its_life(whole: ServiceNow) -> None:
    services = {row["sys_id"] for row in rows(whole, "cmdb_ci_service")}
    used = {row["business_service"] for row in rows(whole, "incident")}
    assert used == services
    assert "business_service" not in {row["fieldname"] for row in rows(whole, "sys_audit")}


def test_the_world_changes_nothing_else_of_the_incidents(whole: ServiceNow, clock: Clock) -> None:
    bare = {row["sys_id"]: row for row in rows(started(clock, history=1, world=False), "incident")}
    for row in rows(whole, "incident"):
        assert row == bare[row["sys_id"]] | {"business_service": row["business_service"]}


def test_alerts_cases_and_items_end_with_their_incidents(whole: ServiceNow) -> None:
    incidents = {row["sys_id"]: row for row in rows(whole, "incident")}
    for table, reference in (
        ("em_alert", "incident"),
        ("sn_customerservice_case", "incident"),
        ("sc_req_item", "parent"),
    ):
        found = rows(whole, table)
        assert len(found) > len(incidents) / 20, table
        for row in found:
            incident = incidents[row[reference]]
            assert incident["state"] == "7"
            assert row["state"] in ("Closed", "3")
            assert row["cmdb_ci"] == incident["business_service"]
    for alert in rows(whole, "em_alert"):
        lead = alert["initial_event_generation_time"]
        assert lead < incidents[alert["incident"]]["opened_at"]


def test_cases_belong_to_customers_of_every_level(whole: ServiceNow) -> None:
    levels = {row["sys_id"]: row["u_level"] for row in rows(whole, "customer_account")}
    assert len(levels) == len(CUSTOMERS)
    cases = rows(whole, "sn_customerservice_case")
    assert {levels[row["account"]] for row in cases} == {"gold", "silver", "bronze"}


def test_a_change_named_by_the_log_is_there_around_its_incident(whole: ServiceNow) -> None:
    changes = {row["sys_id"]: row for row in rows(whole, "change_request")}
    incidents = sorted(rows(whole, "incident"), key=lambda row: row["number"])
    caused = [(row, changes[row["caused_by"]]) for row in incidents if row["caused_by"]]
    causes = {change["number"] for _, change in caused}
    fixed = [
        (row, changes[row["rfc"]])
        for row in incidents
        if row["rfc"] and changes[row["rfc"]]["number"] not in causes
    ]
    assert caused
    assert fixed
    for incident, change in caused:
        assert change["end_date"] < incident["opened_at"]
        assert change["business_service"] == incident["business_service"]
    # A change may fix several incidents; it follows the last of them.
    last = {change["number"]: (incident, change) for incident, change in fixed}
    for incident, change in last.values():
        assert change["start_date"] > incident["opened_at"]
        assert change["business_service"] == incident["business_service"]
    named = {
        label
        for versions in read(rows=ROWS)
        for version in versions
        for label in (version.row.rfc, version.row.caused_by)
    }
    assert {row["number"] for row in changes.values()} >= named - {MISSING}


def test_a_change_stands_as_its_window_says(whole: ServiceNow) -> None:
    now = whole.now().strftime("%Y-%m-%d %H:%M:%S")
    states = Counter[str]()
    for row in rows(whole, "change_request"):
        states[row["state"]] += 1
        match row["state"]:
            case "-2":
                assert row["start_date"] > now
            case "-1":
                assert row["start_date"] <= now < row["end_date"]
            case _:
                assert row["state"] == "3"
                assert row["end_date"] <= now
                assert row["close_code"]
    assert states["-2"] >= 10
    assert states["-1"] >= 1


def test_scheduled_changes_begin_and_end_when_their_time_comes(clock: Clock) -> None:
    servicenow = started(clock)
    (running,) = (r for r in rows(servicenow, "change_request") if r["number"] == "CHG7000000")
    assert running["state"] == "-1"
    clock.at += timedelta(hours=14)
    servicenow.replay.look()
    over = servicenow.record("CHG7000000", table="change_request")
    assert (over["state"], over["active"]) == ("3", "false")
    begun = servicenow.record("CHG7000001", table="change_request")
    assert (begun["state"], begun["work_start"]) == ("-1", "2026-03-03 00:00:00")


def test_stepping_comes_to_the_same_world_as_loading(whole: ServiceNow, clock: Clock) -> None:
    servicenow = started(clock, history=0.5)
    servicenow.step(ROWS)
    for table in ("em_alert", "sn_customerservice_case", "sc_req_item"):
        found = {row["number"]: row["state"] for row in rows(servicenow, table)}
        assert found == {row["number"]: row["state"] for row in rows(whole, table)}, table
    assert len(rows(servicenow, "sys_user_grmember")) == len(rows(whole, "sys_user_grmember"))


def test_what_people_write_beside_an_incident_stands(clock: Clock) -> None:
    servicenow = started(clock, history=0.5)
    case = next(r for r in rows(servicenow, "sn_customerservice_case") if r["active"] == "true")
    alert = next(r for r in rows(servicenow, "em_alert") if r["state"] == "Open")
    servicenow.edit(case["number"], {"description": "Mine"}, table="sn_customerservice_case")
    servicenow.delete(alert["number"], table="em_alert")
    servicenow.step(ROWS)
    after = servicenow.record(case["number"], table="sn_customerservice_case")
    assert (after["description"], after["state"]) == ("Mine", "3")
    with pytest.raises(KeyError):
        servicenow.record(alert["number"], table="em_alert")


def test_an_incident_whose_service_a_person_changed_goes_on(clock: Clock) -> None:
    servicenow = started(clock, history=0.5)
    changed = {"business_service": "", "opened_at": ""}
    for row in rows(servicenow, "incident"):
        servicenow.edit(row["sys_id"], changed)
    servicenow.step(ROWS)
    assert servicenow.replay.remaining == 0
    assert "" in {row["business_service"] for row in rows(servicenow, "incident")}


def test_two_starts_invent_the_same(whole: ServiceNow) -> None:
    again = started(Clock(), history=1)
    for table in (*BESIDE, "cmdb_rel_ci", "customer_account"):
        assert rows(again, table) == rows(whole, table), table


def test_a_bare_log_has_none_of_it(clock: Clock) -> None:
    bare = started(clock, world=False)
    for table in ("em_alert", "sn_customerservice_case", "sc_req_item", "cmdb_ci_service"):
        assert bare.records.store.count(table) == 0
