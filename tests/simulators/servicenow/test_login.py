import httpx
import pytest

from simulators.servicenow.instance import ServiceNow
from tests.simulators.conftest import ADMIN, Clock

TABLE = "/api/now/table/incident"
CLIENT = {"client_id": "client", "client_secret": "client-secret"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Basic YWRtaW46d3Jvbmc="}, 401),
        ({"Authorization": "Basic ???"}, 401),
        ({"Authorization": "Bearer made-up"}, 401),
        ({"x-sn-apikey": "other"}, 401),
        ({"x-sn-apikey": "key"}, 200),
    ],
)
async def test_only_who_is_known_gets_in(
    servicenow: ServiceNow, headers: dict[str, str], status: int
) -> None:
    transport = httpx.ASGITransport(app=servicenow.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sn") as stranger:
        answer = await stranger.get(TABLE, headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.json() == {
            "error": {
                "message": "User Not Authenticated",
                "detail": "Required to provide Auth information",
            },
            "status": "failure",
        }


async def test_an_access_token_lives_half_an_hour_and_is_refreshed(
    servicenow: ServiceNow, clock: Clock
) -> None:
    transport = httpx.ASGITransport(app=servicenow.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sn") as http:
        form = CLIENT | {"grant_type": "password", "username": ADMIN[0], "password": ADMIN[1]}
        given = (await http.post("/oauth_token.do", data=form)).json()
        assert (given["token_type"], given["expires_in"]) == ("Bearer", 1_799)
        headers = {"Authorization": f"Bearer {given['access_token']}"}
        clock.move(seconds=1_798)
        assert (await http.get(TABLE, headers=headers)).status_code == 200
        clock.move(seconds=1)
        assert (await http.get(TABLE, headers=headers)).status_code == 401

        again = CLIENT | {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
        fresh = (await http.post("/oauth_token.do", data=again)).json()
        assert fresh["refresh_token"] == given["refresh_token"]
        headers = {"Authorization": f"Bearer {fresh['access_token']}"}
        assert (await http.get(TABLE, headers=headers)).status_code == 200


async def test_a_client_may_ask_for_itself(http: httpx.AsyncClient) -> None:
    form = CLIENT | {"grant_type": "client_credentials"}
    answer = await http.post("/oauth_token.do", data=form)
    assert answer.status_code == 200
    denied = await http.post("/oauth_token.do", data=form | {"client_secret": "wrong"})
    assert denied.status_code == 401
    assert denied.json() == {"error": "server_error", "error_description": "access_denied"}


async def test_revoked_credentials_open_nothing_but_the_control_door(
    http: httpx.AsyncClient,
) -> None:
    assert (await http.post("/_control/revoke")).status_code == 200
    assert (await http.get(TABLE)).status_code == 401
    assert (await http.post("/_control/restore")).status_code == 200
    assert (await http.get(TABLE)).status_code == 200


async def test_a_client_may_prove_itself_in_the_header(servicenow: ServiceNow) -> None:
    transport = httpx.ASGITransport(app=servicenow.app)
    form = {"grant_type": "client_credentials"}
    async with httpx.AsyncClient(transport=transport, base_url="http://sn") as http:
        granted = await http.post("/oauth_token.do", data=form, auth=("client", "client-secret"))
        denied = await http.post("/oauth_token.do", data=form, auth=("client", "wrong"))
    assert (granted.status_code, denied.status_code) == (200, 401)
    assert granted.json()["access_token"]
