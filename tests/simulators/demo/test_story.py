from datetime import datetime, timedelta
from pathlib import Path

import pytest

from simulators.company import SERVICES
from simulators.demo.instance import Demo
from simulators.jira.catalogue import PLANNED_END
from simulators.pagerduty.store import EVERYTHING
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.replay import Plan
from tests.simulators.conftest import Clock
from tests.simulators.demo.conftest import ROWS, Begin
from tests.simulators.demo.seen import (
    DONE,
    at,
    audited,
    digest,
    incidents,
    issues,
    named,
    numbers,
    opened,
    paged,
)

INCIDENT, CHANGE, REQUEST = "[System] Incident", "[System] Change", "[System] Service request"


def _service(demo: Demo, sys_id: str) -> str:
    return demo.servicenow.record(sys_id, table="cmdb_ci_service")["name"]


@pytest.fixture
def demo(begin: Begin) -> Demo:
    return begin(history=0.7)


def test_somebody_is_called_for_every_severe_incident_at_the_time_it_was_opened(
    demo: Demo,
) -> None:
    called = {row["correlation_id"]: row for row in named(demo, "pagerduty")}
    changed = {row["documentkey"] for row in audited(demo, "priority")}
    severe = {
        row["number"]
        for row in incidents(demo)
        if row["priority"] in ("1", "2") and row["sys_id"] not in changed
    }
    assert severe
    assert severe < numbers(demo, "pagerduty")
    assert called.keys() == paged(demo).keys()
    for key, theirs in paged(demo).items():
        ours = called[key]
        assert theirs["title"] == ours["short_description"]
        assert at(theirs, "created_at") == opened(ours)
        service = demo.pagerduty.service(theirs["service"])["name"]
        assert service == _service(demo, ours["business_service"])
        assert demo.pagerduty.incidents.alerts.of(key)


def test_what_called_somebody_is_resolved_exactly_when_its_incident_is(demo: Demo) -> None:
    pages = paged(demo)
    rows = named(demo, "pagerduty")
    for row in rows:
        theirs, is_done = pages[row["correlation_id"]], row["state"] in DONE
        assert (theirs["status"] == "resolved") == is_done, row["number"]
        if is_done and row["reopen_count"] == "0":
            assert at(theirs, "resolved_at") >= opened(row)
    assert {row["state"] in DONE for row in rows} == {True, False}


def test_a_service_is_known_to_servicenow_by_the_id_that_pagerduty_gave_it(demo: Demo) -> None:
    greeting = demo.greeting("http://a", "http://b", "http://c")
    services = greeting["mappings"]["pagerduty"]["services"]
    for service in SERVICES:
        row = demo.servicenow.record(service.name, table="cmdb_ci_service")
        assert row["correlation_id"] == demo.pagerduty.service(service.name)["id"]
        assert services[row["correlation_id"]] == row["sys_id"]
    assert len(greeting["mappings"]["jira"]["services"]) == len(SERVICES)


def test_the_service_desk_has_twins_that_go_as_their_incidents_do(demo: Demo) -> None:
    twins = issues(demo, INCIDENT)
    rows = named(demo, "jira")
    assert {row["correlation_id"] for row in rows} == twins.keys()
    words = {"1": "Open", "2": "Work in progress", "3": "Pending"} | dict.fromkeys(
        DONE, "Completed"
    )
    for row in rows:
        twin = twins[row["correlation_id"]]
        assert twin["summary"] == row["short_description"]
        assert twin["service"] == _service(demo, row["business_service"])
        assert twin["status"] == words[row["state"]]
    assert len({twin["status"] for twin in twins.values()}) > 1


def test_changes_and_deployments_came_before_incidents_on_their_services(demo: Demo) -> None:
    begun: dict[str, list[datetime]] = {}
    for row in incidents(demo):
        begun.setdefault(_service(demo, row["business_service"]), []).append(opened(row))
    changes = issues(demo, CHANGE).values()
    assert {change["status"] for change in changes} == {"Completed", "Failed"}
    for change in changes:
        assert any(change[PLANNED_END] / 1000 < one.timestamp() for one in begun[change["service"]])
    deployments = demo.pagerduty.store.page("change_event", EVERYTHING)
    assert deployments
    for deployment in deployments:
        service = demo.pagerduty.service(deployment["service"])["name"]
        assert any(
            timedelta(0) < one - at(deployment, "timestamp") < timedelta(hours=1)
            for one in begun[service]
        )


def test_a_change_that_caused_an_incident_is_linked_to_its_twin(demo: Demo) -> None:
    twins = {twin["id"] for twin in issues(demo, INCIDENT).values()}
    causes = [link for change in issues(demo, CHANGE).values() for link in change["links"]]
    assert causes
    assert {target for _, _, target in causes} <= twins


def test_customers_ask_for_help_while_an_incident_lasts(demo: Demo) -> None:
    requests = issues(demo, REQUEST).values()
    twins = {twin["id"]: twin for twin in issues(demo, INCIDENT).values()}
    linked = [(request, link) for request in requests for link in request["links"]]
    assert 0 < len(linked) < len(requests)
    for request, (_, _, target) in linked:
        assert request["created"] >= twins[target]["created"]
        assert request["service"] == twins[target]["service"]
        is_over = twins[target]["status"] == "Completed"
        assert (request["status"] == "Resolved") == is_over


def test_the_same_is_told_at_every_start(begin: Begin) -> None:
    assert digest(begin()) == digest(begin())


def test_what_is_written_as_time_passes_leads_to_what_the_past_did(begin: Begin) -> None:
    past, live = begin(), begin(history=0)
    assert not paged(live)
    assert live.servicenow.step(ROWS) == ROWS
    assert numbers(live, "pagerduty") == numbers(past, "pagerduty")
    assert numbers(live, "jira") == numbers(past, "jira")
    for kind in (INCIDENT, CHANGE, REQUEST):
        ends = [
            sorted((one["summary"], one["status"]) for one in issues(d, kind).values())
            for d in (past, live)
        ]
        assert ends[0] == ends[1]
    assert {page["status"] for page in paged(live).values()} == {"resolved"}


def test_a_new_incident_calls_somebody_who_acknowledges_and_resolves_with_it(
    begin: Begin, clock: Clock
) -> None:
    demo = begin()
    service = demo.servicenow.record("Payments", table="cmdb_ci_service")["sys_id"]
    fields = {"short_description": "Nobody can pay", "impact": "1", "urgency": "1"}
    row = demo.servicenow.create(fields | {"business_service": service})
    assert row["correlation_display"] == "pagerduty"
    page = demo.pagerduty.incident(row["correlation_id"])
    assert (page["title"], page["status"]) == ("Nobody can pay", "triggered")

    clock.move(minutes=5)
    demo.servicenow.edit(row["number"], {"state": "2"})
    assert demo.pagerduty.incident(page["id"])["status"] == "acknowledged"
    clock.move(hours=20)
    assert demo.pagerduty.incident(page["id"])["status"] == "acknowledged"
    done = {"state": "6", "close_code": "Solved", "close_notes": "Restarted"}
    demo.servicenow.edit(row["number"], done)
    resolved = demo.pagerduty.incident(page["id"])
    assert resolved["status"] == "resolved"
    assert at(resolved, "resolved_at") == clock.at


def test_a_later_start_doubles_nothing_and_goes_on(begin: Begin) -> None:
    demo = begin(history=0.6, is_kept=True)
    demo.servicenow.step(20)
    before = digest(demo)
    del demo
    again = begin(history=0.6, is_kept=True)
    assert digest(again) == before
    assert again.servicenow.step(ROWS) > 0
    assert {row["status"] for row in paged(again).values()} >= {"resolved"}
    assert len(named(again, "pagerduty")) == len(paged(again))
    assert len(named(again, "jira")) == len(issues(again, INCIDENT))


def test_a_log_that_was_begun_without_services_goes_on_without_a_story(
    begin: Begin, clock: Clock, tmp_path: Path
) -> None:
    bare = ServiceNow(
        now=clock,
        account=Account(password="secret"),  # noqa: S106 — not a real one
        plan=Plan(rows=ROWS, history=0.6),
        lowest_priority="4",
        store=tmp_path / "demo-servicenow.db",
    )
    remaining = bare.replay.remaining
    del bare
    demo = begin(history=0.6, is_kept=True)
    assert demo.servicenow.step(ROWS) == remaining > 0
    assert incidents(demo)
    assert not paged(demo)
    assert demo.jira.records.store.find("OPS-1") is None


def test_what_people_deleted_elsewhere_does_not_stop_the_log(begin: Begin) -> None:
    demo = begin(history=0.5)
    for kind in (INCIDENT, CHANGE, REQUEST):
        for key in issues(demo, kind):
            demo.jira.delete(key)
    for service in SERVICES:
        demo.pagerduty.delete_service(service.name)
    for page in paged(demo).values():
        if page["status"] != "resolved":
            demo.pagerduty.resolve(page["id"])
    before = len(paged(demo))
    assert demo.servicenow.step(ROWS) > 0
    assert demo.servicenow.replay.remaining == 0
    assert len(paged(demo)) == before
