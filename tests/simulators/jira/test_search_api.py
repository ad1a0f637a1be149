from typing import Any

import httpx
import pytest

from simulators.jira.instance import Jira
from tests.simulators.conftest import Clock
from tests.simulators.jira.conftest import API, INCIDENT, found

EVERY = "project = OPS ORDER BY updated ASC, key ASC"


async def page(http: httpx.AsyncClient, **asked: object) -> dict[str, Any]:
    answer = await http.post(f"{API}/search/jql", json={"jql": EVERY, **asked})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_only_ids_come_where_no_field_is_asked_for(
    jira: Jira, http: httpx.AsyncClient
) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    assert await page(http) == {"issues": [{"id": "10001"}], "isLast": True}
    (issue,) = (await page(http, fields=["summary", "labels"]))["issues"]
    assert issue["fields"] == {"summary": "One", "labels": []}
    (issue,) = (await page(http, fields=["*all", "-summary"], expand="changelog"))["issues"]
    assert "summary" not in issue["fields"]
    assert issue["changelog"]["total"] == 0


async def test_pages_go_on_behind_the_last_issue_though_others_move(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    for number in range(5):
        jira.create(INCIDENT, {"summary": f"Number {number}"})
        clock.move(seconds=1)
    first = await page(http, maxResults=2, fields=["key"])
    assert [issue["key"] for issue in first["issues"]] == ["OPS-1", "OPS-2"]
    jira.edit("OPS-1", {"summary": "Moved to the end"})
    rest = await page(http, maxResults=5, fields=["key"], nextPageToken=first["nextPageToken"])
    assert [issue["key"] for issue in rest["issues"]] == ["OPS-3", "OPS-4", "OPS-5", "OPS-1"]
    assert (rest["isLast"], "nextPageToken" in rest) == (True, False)


async def test_a_token_serves_its_own_query_for_seven_days(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    jira.fill([(INCIDENT, {"summary": "One"}), (INCIDENT, {"summary": "Two"})])
    token = (await page(http, maxResults=1))["nextPageToken"]
    other = {"jql": "project = OPS", "nextPageToken": token}
    assert (await http.post(f"{API}/search/jql", json=other)).status_code == 400
    clock.move(days=7, seconds=1)
    late = {"jql": EVERY, "nextPageToken": token}
    assert (await http.post(f"{API}/search/jql", json=late)).status_code == 400
    broken = {"jql": EVERY, "nextPageToken": "!"}
    assert (await http.post(f"{API}/search/jql", json=broken)).status_code == 400


async def test_a_page_of_fields_holds_at_most_100(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.fill((INCIDENT, {"summary": f"Number {number}"}) for number in range(101))
    assert len((await page(http, maxResults=5_000, fields=["summary"]))["issues"]) == 100
    assert len((await page(http, maxResults=5_000))["issues"]) == 101


async def test_short_and_empty_pages_go_on_to_the_same_end(
    jira: Jira, http: httpx.AsyncClient
) -> None:
    jira.fill((INCIDENT, {"summary": f"Number {number}"}) for number in range(40))
    jira.switches.chances.seed(7)
    jira.switches.short_pages = 0.8
    ids, sizes, token = [], [], None
    while True:
        asked = {"maxResults": 10} | ({"nextPageToken": token} if token else {})
        answer = await page(http, **asked)
        ids += [issue["id"] for issue in answer["issues"]]
        sizes.append(len(answer["issues"]))
        if answer["isLast"]:
            break
        token = answer["nextPageToken"]
    assert ids == [str(10_001 + number) for number in range(40)]
    assert 0 in sizes
    assert len(set(sizes)) > 2


async def test_search_lags_behind_writes_and_a_direct_read_does_not(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    jira.create(INCIDENT, {"summary": "Old"})
    jira.switches.lag_seconds = 60
    jira.create(INCIDENT, {"summary": "Unseen"})
    clock.move(milliseconds=1)
    jira.edit("OPS-1", {"summary": "New"})
    (issue,) = (await page(http, fields=["summary"]))["issues"]
    assert issue["fields"]["summary"] == "Old"
    assert await found(http, 'summary ~ "New"') == []
    direct = (await http.get(f"{API}/issue/OPS-1")).json()
    assert direct["fields"]["summary"] == "New"
    clock.move(seconds=60)
    assert await found(http, EVERY) == ["OPS-2", "OPS-1"]
    assert await found(http, 'summary ~ "New"') == ["OPS-1"]


async def test_a_deleted_issue_is_found_until_search_knows(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    jira.create(INCIDENT, {"summary": "Short-lived"})
    jira.switches.lag_seconds = 60
    jira.delete("OPS-1")
    assert await found(http, EVERY) == ["OPS-1"]
    assert (await http.get(f"{API}/issue/OPS-1")).status_code == 404
    clock.move(seconds=60)
    assert await found(http, EVERY) == []


@pytest.mark.parametrize("wrong", [{"maxResults": "many"}, {"reconcileIssues": ["OPS-1"]}])
async def test_a_number_is_a_number(http: httpx.AsyncClient, wrong: dict[str, object]) -> None:
    answer = await http.post(f"{API}/search/jql", json={"jql": EVERY, **wrong})
    assert answer.status_code == 400


async def test_reconciled_issues_are_found_at_once(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.switches.lag_seconds = 60
    created = jira.create(INCIDENT, {"summary": "New"})
    assert (await page(http))["issues"] == []
    forced = await page(http, reconcileIssues=[int(created["id"])])
    assert [issue["id"] for issue in forced["issues"]] == [created["id"]]
    too_many = {"jql": EVERY, "reconcileIssues": list(range(51))}
    assert (await http.post(f"{API}/search/jql", json=too_many)).status_code == 400


async def test_issues_are_counted_without_being_read(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.fill((INCIDENT, {"summary": f"Number {number}"}) for number in range(3))
    answer = await http.post(f"{API}/search/approximate-count", json={"jql": EVERY})
    assert answer.json() == {"count": 3}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_old_search_is_gone(http: httpx.AsyncClient, method: str) -> None:
    assert (await http.request(method, f"{API}/search")).status_code == 410


async def test_many_issues_are_fetched_and_missing_ones_named(
    jira: Jira, http: httpx.AsyncClient
) -> None:
    jira.fill([(INCIDENT, {"summary": "One"}), (INCIDENT, {"summary": "Two"})])
    asked = {"issueIdsOrKeys": ["OPS-2", "OPS-9", "10001"], "fields": ["summary"]}
    answer = (await http.post(f"{API}/issue/bulkfetch", json=asked)).json()
    assert [issue["fields"]["summary"] for issue in answer["issues"]] == ["Two", "One"]
    assert [error["id"] for error in answer["issueErrors"]] == ["OPS-9"]
    none: dict[str, list[str]] = {"issueIdsOrKeys": []}
    assert (await http.post(f"{API}/issue/bulkfetch", json=none)).status_code == 400


async def test_histories_are_paged_oldest_first(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "0"})
    for number in range(1, 4):
        jira.edit("OPS-1", {"summary": str(number)}, by="ann.lee")
    first = (await http.get(f"{API}/issue/OPS-1/changelog", params={"maxResults": 2})).json()
    assert [one["items"][0]["toString"] for one in first["values"]] == ["1", "2"]
    assert (first["total"], first["isLast"]) == (3, False)
    last = (await http.get(first["nextPage"])).json()
    assert [one["items"][0]["fromString"] for one in last["values"]] == ["2"]
    assert last["isLast"]
    ids = [int(one["id"]) for one in (*first["values"], *last["values"])]
    assert ids == sorted(ids)


async def test_histories_of_many_issues_are_paged(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.fill([(INCIDENT, {"summary": "One"}), (INCIDENT, {"summary": "Two"})])
    for key in ("OPS-1", "OPS-2"):
        jira.edit(key, {"summary": "Changed"})
        jira.edit(key, {"labels": ["a"]})
    asked: dict[str, object] = {"issueIdsOrKeys": ["OPS-2", "OPS-1"], "maxResults": 3}
    first = (await http.post(f"{API}/changelog/bulkfetch", json=asked)).json()
    sizes = {log["issueId"]: len(log["changeHistories"]) for log in first["issueChangeLogs"]}
    assert sizes == {"10001": 2, "10002": 1}
    asked["nextPageToken"] = first["nextPageToken"]
    rest = (await http.post(f"{API}/changelog/bulkfetch", json=asked)).json()
    (log,) = rest["issueChangeLogs"]
    assert (log["issueId"], log["changeHistories"][0]["items"][0]["field"]) == ("10002", "labels")
    assert "nextPageToken" not in rest
    labels = {"issueIdsOrKeys": ["OPS-1"], "fieldIds": ["labels"]}
    (log,) = (await http.post(f"{API}/changelog/bulkfetch", json=labels)).json()["issueChangeLogs"]
    assert len(log["changeHistories"]) == 1


@pytest.mark.parametrize(
    "jql",
    [
        "project = OPS ORDER BY priority DESC, key ASC",
        "project = OPS ORDER BY status ASC, updated DESC",
        "project = OPS ORDER BY key DESC",
        "project = OPS",
    ],
)
async def test_pages_of_any_order_make_up_the_whole(
    jira: Jira, http: httpx.AsyncClient, clock: Clock, jql: str
) -> None:
    for number in range(9):
        jira.create(INCIDENT, {"summary": "One", "priority": {"id": str(number % 3 + 1)}})
        clock.move(seconds=number % 2)
    jira.transition("OPS-4", "Work in progress")
    whole = await found(http, jql)
    assert len(whole) == 9
    walked: list[str] = []
    answer = await page(http, jql=jql, maxResults=2, fields=["key"])
    while not answer["isLast"]:
        walked += [issue["key"] for issue in answer["issues"]]
        token = answer["nextPageToken"]
        answer = await page(http, jql=jql, maxResults=2, fields=["key"], nextPageToken=token)
    assert [*walked, *(issue["key"] for issue in answer["issues"])] == whole


async def test_the_world_moves_while_a_page_is_read(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    jira.hooks.before_request = lambda _: jira.hooks.served.update(["before"])
    jira.hooks.after_page = lambda count: jira.delete(f"OPS-{count}")
    assert len((await page(http))["issues"]) == 1
    jira.hooks.after_page = None
    assert (await page(http))["issues"] == []
    assert jira.served["before"] == 2
