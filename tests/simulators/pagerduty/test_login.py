from datetime import timedelta

import httpx
import pytest

from simulators.limit import Limit
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import OWNER, Account
from tests.simulators.conftest import Clock

CLIENT = {"client_id": "client", "client_secret": "client-secret"}


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        ("Token token=wrong", 401),
        ("Bearer made-up", 401),
        ("Basic dXNlcjpwYXNz", 401),
        ("Token token=user", 200),
        ("Token token=reader", 200),
    ],
)
async def test_only_who_is_known_gets_in(
    http: httpx.AsyncClient, authorization: str, status: int
) -> None:
    answer = await http.get("/incidents", headers={"Authorization": authorization})
    assert answer.status_code == status
    if status == 401:
        assert answer.content == b""


async def test_an_empty_key_opens_nothing_where_some_are_not_given_out(clock: Clock) -> None:
    account = PagerDuty(now=clock, account=Account(token="key"))  # noqa: S106 — of a test
    transport = httpx.ASGITransport(app=account.app)
    nobody = {"Authorization": "Token token="}
    async with httpx.AsyncClient(transport=transport, base_url="http://pd", headers=nobody) as http:
        assert (await http.get("/incidents")).status_code == 401


async def test_a_read_only_key_writes_nothing(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    url = f"/incidents/{pagerduty.trigger('Down')['id']}"
    http.headers["Authorization"] = "Token token=reader"
    answer = await http.put(url, json={"incident": {"status": "resolved"}})
    assert answer.status_code == 403
    assert (await http.get(url)).json()["incident"]["status"] == "triggered"


async def test_a_key_of_a_user_needs_no_from(pagerduty: PagerDuty, http: httpx.AsyncClient) -> None:
    url = f"/incidents/{pagerduty.trigger('Down')['id']}"
    del http.headers["From"]
    assert (await http.get("/users/me")).status_code == 400
    http.headers["Authorization"] = "Token token=user"
    assert (await http.get("/users/me")).json()["user"]["email"] == OWNER
    answer = await http.put(url, json={"incident": {"status": "resolved"}})
    assert answer.status_code == 200


async def test_a_refresh_token_is_used_once(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock
) -> None:
    form = CLIENT | {"grant_type": "authorization_code", "code": pagerduty.login.code(OWNER)}
    given = (await http.post("/oauth/token", data=form)).json()
    assert (given["token_type"], given["expires_in"]) == ("bearer", 864_000)
    http.headers["Authorization"] = f"Bearer {given['access_token']}"
    assert (await http.get("/users/me")).json()["user"]["email"] == OWNER
    clock.move(days=10)
    assert (await http.get("/users/me")).status_code == 401
    again = CLIENT | {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    fresh = (await http.post("/oauth/token", data=again)).json()
    assert fresh["refresh_token"] != given["refresh_token"]
    http.headers["Authorization"] = f"Bearer {fresh['access_token']}"
    assert (await http.get("/users/me")).status_code == 200
    assert (await http.post("/oauth/token", data=again)).json() == {"error": "invalid_grant"}
    denied = await http.post("/oauth/token", data=again | {"client_secret": "wrong"})
    assert (denied.status_code, denied.json()) == (401, {"error": "invalid_client"})


async def test_a_client_does_what_its_scopes_name(http: httpx.AsyncClient) -> None:
    form = CLIENT | {"grant_type": "client_credentials", "scope": "incidents.read made.up"}
    given = (await http.post("/oauth/token", data=form)).json()
    assert given["scope"] == "incidents.read"
    assert "refresh_token" not in given
    http.headers["Authorization"] = f"Bearer {given['access_token']}"
    assert (await http.get("/incidents")).status_code == 200
    assert (await http.get("/services")).status_code == 403
    assert (await http.post("/incidents", json={})).status_code == 403


async def test_960_requests_a_minute_are_answered(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock
) -> None:
    pagerduty.switches.rate_limit = Limit(requests=2, per=timedelta(minutes=1))
    clock.move(seconds=20)
    answers = [await http.get("/abilities") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json() == {"error": {"message": "Rate Limit Exceeded", "code": 2020}}
    told = [answers[n].headers[f"ratelimit-{name}"] for n, name in enumerate(("limit", "reset"))]
    assert (told, answers[2].headers["ratelimit-remaining"]) == (["2", "40"], "0")
    clock.move(seconds=40)
    assert (await http.get("/abilities")).status_code == 200


async def test_a_limit_may_refuse_without_a_word(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    silent = Limit(requests=0, per=timedelta(minutes=1), is_told=False)
    pagerduty.switches.rate_limit = silent
    answer = await http.get("/abilities")
    assert answer.status_code == 429
    assert not [name for name in answer.headers if name.startswith("ratelimit")]
