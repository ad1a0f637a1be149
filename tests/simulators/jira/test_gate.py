from datetime import timedelta

import httpx
import pytest

from simulators.jira.instance import Jira
from simulators.jira.login import Account
from simulators.limit import Limit
from simulators.misfortune import Fault, Kind
from tests.simulators.conftest import Clock
from tests.simulators.jira.conftest import ADMIN, API, INCIDENT

CLIENT = {"client_id": "client", "client_secret": "client-secret"}


async def test_a_wrong_token_is_answered_with_a_page(jira: Jira, http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{API}/myself", auth=(ADMIN[0], "wrong"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/html; charset=utf-8")
    assert (await http.get(f"{API}/serverInfo", auth=("", ""))).status_code == 200
    jira.login.revoke()
    assert (await http.get(f"{API}/myself")).status_code == 401
    jira.login.restore()
    assert (await http.get(f"{API}/myself")).json()["emailAddress"] == ADMIN[0]


async def test_a_stranger_may_be_let_in_to_see_nothing(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    jira.switches.anonymous_reads = True
    wrong = (ADMIN[0], "wrong")
    assert (await http.get(f"{API}/project", auth=wrong)).json() == []
    asked = {"jql": "project = OPS"}
    nothing = await http.get(f"{API}/search/jql", auth=wrong, params=asked)
    assert nothing.json() == {"issues": [], "isLast": True}
    assert (await http.get(f"{API}/issue/OPS-1", auth=wrong)).status_code == 404
    assert (await http.get(f"{API}/myself", auth=wrong)).status_code == 401
    assert (await http.post(f"{API}/issue", auth=wrong, json={})).status_code == 401


async def granted(http: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await http.post("/oauth/token", json=CLIENT | form, auth=("", ""))


async def test_a_refresh_token_is_good_for_one_use(jira: Jira, http: httpx.AsyncClient) -> None:
    code = jira.login.authorise()
    first = await granted(http, grant_type="authorization_code", code=code)
    assert first.status_code == 200
    assert (await granted(http, grant_type="authorization_code", code=code)).status_code == 403
    refresh = first.json()["refresh_token"]
    second = await granted(http, grant_type="refresh_token", refresh_token=refresh)
    assert second.json()["refresh_token"] != refresh
    again = await granted(http, grant_type="refresh_token", refresh_token=refresh)
    assert (again.status_code, again.json()["error"]) == (403, "invalid_grant")


async def test_an_access_token_lives_an_hour_at_the_apps_address(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    form = {"grant_type": "authorization_code", "code": jira.login.authorise()}
    token = (await granted(http, **form)).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app=jira.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://api", headers=bearer
    ) as app:
        (site,) = (await app.get("/oauth/token/accessible-resources")).json()
        base = f"/ex/jira/{site['id']}"
        me = (await app.get(f"{base}{API}/myself")).json()
        assert me["self"].startswith(f"https://api{base}/rest/api/3/user")
        clock.move(minutes=59, seconds=59)
        assert (await app.get(f"{base}{API}/myself")).status_code == 200
        clock.move(seconds=1)
        assert (await app.get(f"{base}{API}/myself")).status_code == 401


async def test_a_limit_says_what_is_left_and_when_to_come_back(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    jira.switches.limit = Limit(requests=2, per=timedelta(minutes=1), rule="jira-burst-based")
    first = await http.get(f"{API}/field")
    assert first.headers["X-RateLimit-Remaining"] == "1"
    assert (await http.get(f"{API}/field")).headers["X-RateLimit-NearLimit"] == "true"
    clock.move(seconds=20)
    refused = await http.get(f"{API}/field")
    assert refused.status_code == 429
    told = {name: refused.headers[name] for name in ("Retry-After", "RateLimit-Reason")}
    assert told == {"Retry-After": "40", "RateLimit-Reason": "jira-burst-based"}
    assert refused.headers["X-RateLimit-Reset"] == "2026-03-02T10:01Z"
    clock.move(seconds=40)
    assert (await http.get(f"{API}/field")).status_code == 200


async def test_one_issue_may_be_written_too_often(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.fill([(INCIDENT, {"summary": "One"}), (INCIDENT, {"summary": "Two"})])
    rule = "jira-per-issue-on-write"
    jira.switches.writes_per_issue = Limit(requests=1, per=timedelta(seconds=2), rule=rule)
    body = {"fields": {"labels": ["a"]}}
    assert (await http.put(f"{API}/issue/OPS-1", json=body)).status_code == 204
    refused = await http.put(f"{API}/issue/OPS-1", json=body)
    assert (refused.status_code, refused.headers["RateLimit-Reason"]) == (429, rule)
    assert (await http.put(f"{API}/issue/OPS-2", json=body)).status_code == 204
    assert (await http.get(f"{API}/issue/OPS-1")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "7"},
        {"X-RateLimit-Reset": "2026-03-02T10:05Z"},
        {"Beta-Retry-After": "3"},
    ],
)
async def test_a_refusal_comes_with_any_header(
    jira: Jira, http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    jira.misfortunes.push(Fault(kind=Kind.THROTTLED, headers=headers))
    refused = await http.get(f"{API}/field")
    assert refused.status_code == 429
    names = ("Retry-After", "X-RateLimit-Reset", "Beta-Retry-After")
    assert {name: refused.headers[name] for name in names if name in refused.headers} == headers


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.EXTRA_FIELD, {"summary": "One", "priority": None, "labels": "surprise"}),
        (Kind.MISSING_FIELD, {"summary": "One", "priority": None}),
        (Kind.NULL_FIELD, {"summary": "One", "priority": None, "labels": None}),
    ],
)
async def test_the_schema_drifts(
    jira: Jira, http: httpx.AsyncClient, kind: Kind, expected: dict[str, object]
) -> None:
    jira.create(INCIDENT, {"summary": "One", "priority": None, "labels": ["a"]})
    fields = {"fields": "summary,priority,labels"}
    for place, params in (
        ("issue/OPS-1", fields),
        ("search/jql", fields | {"jql": "project = OPS"}),
    ):
        jira.misfortunes.push(Fault(kind=kind, detail="labels"))
        answer = (await http.get(f"{API}/{place}", params=params)).json()
        issue = answer["issues"][0] if "issues" in answer else answer
        assert issue["fields"] == expected


async def test_a_race_and_a_lost_answer(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    jira.misfortunes.push(Fault(kind=Kind.ERROR, status=409), Fault(kind=Kind.LOST, method="PUT"))
    body = {"fields": {"summary": "Two"}}
    raced = await http.put(f"{API}/issue/OPS-1", json=body)
    assert (raced.status_code, jira.issue("OPS-1")["fields"]["summary"]) == (409, "One")
    lost = await http.put(f"{API}/issue/OPS-1", json=body)
    assert (lost.status_code, jira.issue("OPS-1")["fields"]["summary"]) == (504, "Two")


async def test_requests_are_counted_by_the_shape_of_their_path(
    jira: Jira, http: httpx.AsyncClient
) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    for key in ("OPS-1", "10001", "OPS-9"):
        await http.get(f"{API}/issue/{key}")
    assert jira.served == {"GET /rest/api/3/issue/{key}": 3}
    assert (await http.get("/rest/api/4/field")).status_code == 404


async def test_people_may_hide_their_addresses(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.switches.hides_emails = True
    people = (await http.get(f"{API}/users/search")).json()
    assert [person.get("emailAddress") for person in people] == [None]


async def test_every_answer_is_dated_by_the_sites_clock(
    jira: Jira, http: httpx.AsyncClient
) -> None:
    jira.switches.skew = timedelta(minutes=-1)
    answer = await http.get(f"{API}/field")
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 09:59:00 GMT"


def test_secrets_are_not_shown() -> None:
    assert ADMIN[1] not in repr(Account(token=ADMIN[1]))
