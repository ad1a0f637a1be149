import httpx
import pytest

from simulators.jira.catalogue import AFFECTED_SERVICES, SEVERITY
from simulators.jira.instance import Jira
from tests.simulators.jira.conftest import API, INCIDENT


async def listed(http: httpx.AsyncClient, path: str) -> list[dict[str, object]]:
    answer = await http.get(f"{API}/{path}")
    assert answer.status_code == 200, answer.text
    document: list[dict[str, object]] = answer.json()
    return document


async def test_custom_fields_are_known_by_their_type(http: httpx.AsyncClient) -> None:
    by_id = {field["id"]: field for field in await listed(http, "field")}
    schema = by_id[AFFECTED_SERVICES]["schema"]
    assert isinstance(schema, dict)
    assert schema["custom"].endswith(":service-entity-field-cftype")
    assert by_id[SEVERITY]["name"] == "Severity"
    assert by_id["summary"]["schema"] == {"type": "string", "system": "summary"}


async def test_priorities_come_most_urgent_first(http: httpx.AsyncClient) -> None:
    names = [priority["name"] for priority in await listed(http, "priority")]
    assert names == ["Highest", "High", "Medium", "Low", "Lowest"]
    page = (await http.get(f"{API}/priority/search", params={"startAt": 1, "maxResults": 2})).json()
    assert [priority["name"] for priority in page["values"]] == ["High", "Medium"]
    assert (page["total"], page["isLast"]) == (5, False)


async def test_statuses_have_categories_in_both_spellings(http: httpx.AsyncClient) -> None:
    one = {status["id"]: status for status in await listed(http, "status")}
    page = (await http.get(f"{API}/statuses/search", params={"maxResults": 200})).json()
    assert {status["id"] for status in page["values"]} == one.keys()
    assert {status["statusCategory"] for status in page["values"]} == {
        "TODO",
        "IN_PROGRESS",
        "DONE",
    }


async def test_a_project_tells_its_types_components_and_statuses(http: httpx.AsyncClient) -> None:
    project = (await http.get(f"{API}/project/ops")).json()
    assert project["issueTypes"][0]["name"] == INCIDENT
    components = await listed(http, "project/OPS/components")
    assert {"name": "Public API", "project": "OPS"}.items() <= components[2].items()
    types = await listed(http, "project/OPS/statuses")
    statuses = types[0]["statuses"]
    assert isinstance(statuses, list)
    assert {status["name"] for status in statuses} >= {"Open", "Completed"}
    assert (await http.get(f"{API}/project/NO")).status_code == 404


async def test_a_component_is_added_once(http: httpx.AsyncClient) -> None:
    body = {"name": "Kiosk", "project": "OPS"}
    made = await http.post(f"{API}/component", json=body)
    assert made.status_code == 201
    assert (await http.get(made.json()["self"])).json() == made.json()
    assert (await http.post(f"{API}/component", json=body)).status_code == 400
    assert (await http.post(f"{API}/component", json={"name": "x"})).status_code == 404
    assert (await http.get(f"{API}/component/1")).status_code == 404


async def test_what_an_issue_may_be_created_with(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.switches.off_screen = {"priority"}
    place = f"{API}/issue/createmeta/OPS/issuetypes"
    types = (await http.get(place)).json()["issueTypes"]
    fields = (await http.get(f"{place}/{types[0]['id']}", params={"maxResults": 200})).json()
    by_id = {field["fieldId"]: field for field in fields["fields"]}
    required = {name for name, field in by_id.items() if field["required"]}
    assert required == {"project", "issuetype", "summary"}
    assert by_id[SEVERITY]["allowedValues"][0]["value"] == "Sev-1"
    assert "priority" not in by_id
    assert (await http.get(f"{place}/1")).status_code == 404


async def test_permissions_are_asked_for_by_name(http: httpx.AsyncClient) -> None:
    asked = {"permissions": "BROWSE_PROJECTS"}
    answer = (await http.get(f"{API}/mypermissions", params=asked)).json()
    assert answer["permissions"]["BROWSE_PROJECTS"]["havePermission"]
    for wrong in ({}, {"permissions": "FLY"}):
        assert (await http.get(f"{API}/mypermissions", params=wrong)).status_code == 400


async def test_people_are_found_by_name_address_and_id(jira: Jira, http: httpx.AsyncClient) -> None:
    account = jira.records.people.person("ann.lee")
    for path in ("user/search?query=ANN.LEE@", "user/search?query=ann l", "users/search"):
        assert account in [person["accountId"] for person in await listed(http, path)], path
    one = (await http.get(f"{API}/user", params={"accountId": account})).json()
    assert (one["displayName"], one["emailAddress"]) == ("Ann Lee", "ann.lee@example.com")
    assert (await http.get(f"{API}/user", params={"accountId": "ann.lee"})).status_code == 404
    jira.records.people.deactivate("ann.lee")
    assignable = await listed(http, "user/assignable/search?project=OPS")
    assert account not in [person["accountId"] for person in assignable]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("user/search", 400),
        ("user/search?query=ann&accountId=1", 400),
        ("user/assignable/search", 400),
        ("user/assignable/search?project=NO", 404),
        ("user/assignable/search?issueKey=OPS-99", 404),
    ],
)
async def test_a_search_for_people_says_where_to_look(
    http: httpx.AsyncClient, path: str, status: int
) -> None:
    assert (await http.get(f"{API}/{path}")).status_code == status


@pytest.mark.parametrize("path", ["users/search?startAt=x", "priority/search?maxResults=-1"])
async def test_a_page_is_asked_for_by_number(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(f"{API}/{path}")).status_code == 400


async def test_a_site_lists_what_it_is_made_of(http: httpx.AsyncClient) -> None:
    assert [one["key"] for one in await listed(http, "statuscategory")] == [
        "new",
        "indeterminate",
        "done",
    ]
    assert (await listed(http, "resolution"))[0]["name"] == "Done"
    assert len(await listed(http, "issuetype")) == 4
    assert [one["key"] for one in await listed(http, "project")] == ["OPS", "DEV"]
    page = (await http.get(f"{API}/project/search")).json()
    assert page["total"] == 2
