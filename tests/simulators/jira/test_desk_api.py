import httpx
import pytest

from simulators.jira.instance import Jira
from tests.simulators.conftest import Clock
from tests.simulators.jira.conftest import REQUEST

DESK = "/rest/servicedeskapi"


async def test_comments_are_public_or_internal(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(REQUEST, {"summary": "New laptop"})
    place = f"{DESK}/request/OPS-1/comment"
    made = await http.post(place, json={"body": "Ordered", "public": True})
    assert (made.status_code, made.json()["body"]) == (201, "Ordered")
    await http.post(place, json={"body": "Too dear", "public": False})
    listed = (await http.get(place, params={"internal": "false"})).json()
    assert [one["body"] for one in listed["values"]] == ["Ordered"]
    assert (await http.get(place)).json()["size"] == 2
    empty = await http.post(place, json={"body": ""})
    assert empty.status_code == 400
    assert empty.json()["errorMessage"] == "Comment body can not be empty!"


async def test_the_agreement_is_breached_after_its_goal(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    jira.create(REQUEST, {"summary": "New laptop", "priority": {"name": "Highest"}})
    place = f"{DESK}/request/OPS-1/sla"
    clock.move(hours=3, minutes=59, seconds=59)
    (sla,) = (await http.get(place)).json()["values"]
    assert (sla["name"], sla["ongoingCycle"]["breached"]) == ("Time to resolution", False)
    assert sla["ongoingCycle"]["breachTime"]["iso8601"] == "2026-03-02T15:00:00+0100"
    clock.move(seconds=1)
    (sla,) = (await http.get(place)).json()["values"]
    assert sla["ongoingCycle"]["breached"]
    assert sla["ongoingCycle"]["remainingTime"] == {"millis": 0, "friendly": "0h 0m"}
    jira.transition("OPS-1", "Resolved")
    (sla,) = (await http.get(place)).json()["values"]
    assert "ongoingCycle" not in sla
    assert sla["completedCycles"][0]["elapsedTime"]["friendly"] == "4h 0m"


async def test_a_request_tells_its_statuses(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(REQUEST, {"summary": "New laptop"})
    jira.transition("OPS-1", "Waiting for customer")
    request = (await http.get(f"{DESK}/request/OPS-1")).json()
    assert request["currentStatus"]["status"] == "Waiting for customer"
    assert (request["requestTypeId"], request["serviceDeskId"]) == ("13", "1")
    listed = (await http.get(f"{DESK}/request/OPS-1/status")).json()["values"]
    assert [one["status"] for one in listed] == ["Waiting for customer", "Waiting for support"]
    missing = await http.get(f"{DESK}/request/OPS-9")
    assert missing.status_code == 404
    assert missing.json().keys() == {"errorMessage", "i18nErrorMessage"}


async def test_an_issue_of_another_project_is_no_request(
    jira: Jira, http: httpx.AsyncClient
) -> None:
    jira.create("Task", {"summary": "One"}, project="DEV")
    assert (await http.get(f"{DESK}/request/DEV-1")).status_code == 404


async def test_lists_are_walked_by_their_links(http: httpx.AsyncClient) -> None:
    names, address = [], f"{DESK}/organization?limit=4"
    while address:
        page = (await http.get(address)).json()
        names += [one["name"] for one in page["values"]]
        address = page["_links"].get("next")
    assert len(names) == len(set(names)) == 10
    (desk,) = (await http.get(f"{DESK}/servicedesk")).json()["values"]
    assert desk["projectKey"] == "OPS"
    types = (await http.get(f"{DESK}/servicedesk/1/requesttype")).json()["values"]
    assert [one["issueTypeId"] for one in types] == ["10002", "10003", "10004"]


@pytest.mark.parametrize("what", ["", "/requesttype", "/organization"])
async def test_nothing_hangs_on_a_desk_that_is_not_there(
    http: httpx.AsyncClient, what: str
) -> None:
    assert (await http.get(f"{DESK}/servicedesk/1{what}")).status_code == 200
    assert (await http.get(f"{DESK}/servicedesk/9{what}")).status_code == 404
