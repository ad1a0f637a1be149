"""Tokens of vendors that give them, and what is sent where they do not."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from adapters.contract import Access, AskTokens, renew_alone
from adapters.exchange import Failed
from adapters.oauth import OAuth, TokenEndpoint
from domain.sync.retry import Fault
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from tests.adapters.conftest import Clock

APP = {"client_id": "client", "client_secret": "client-secret"}
PASSWORD = {"grant_type": "password", "username": "ada", "password": "open sesame"}
ROTATING = TokenEndpoint(url="/oauth/token", takes_json=True)
ASKED = "POST /oauth/token"
Held = Mapping[str, str]


@pytest.fixture
def jira(clock: Clock) -> Jira:
    """Its refresh tokens are good for one use, its access tokens for an hour."""
    return Jira(now=clock, account=Account(token="secret"))  # noqa: S106 — of a simulator


@pytest.fixture
def access(jira: Jira, clock: Clock) -> Access:
    given = jira.login.grant(
        APP | {"grant_type": "authorization_code", "code": jira.login.authorise()}
    )
    assert given is not None
    return opened(jira.app, clock, APP | {"refresh_token": str(given["refresh_token"])})


def opened(app: ASGIApp, clock: Clock, credentials: Held) -> Access:
    return Access(
        base_url="https://acme.example.com",
        credentials=credentials,
        now=clock,
        deadline=timedelta(seconds=10),
        transport=httpx.ASGITransport(app=app),
    )


def telling(body: Mapping[str, Any], *, status: int = 200) -> Starlette:
    """A vendor whose token endpoint always answers so, with the form that it was sent."""

    async def answer(request: Request) -> JSONResponse:
        form = parse_qsl((await request.body()).decode())
        told = {**body, **({"error_description": str(form)} if "error" in body else {})}
        date = {"Date": "Mon, 02 Mar 2026 10:00:00 GMT"}
        return JSONResponse(told, status_code=status, headers=date)

    return Starlette(routes=[Route("/oauth/token", answer, methods=["POST"])])


async def sent(oauth: OAuth, refused: Held | None = None) -> Held:
    headers = await oauth.headers(refused)
    assert not isinstance(headers, Failed), headers
    return headers


async def failure(oauth: OAuth) -> Failed:
    headers = await oauth.headers()
    assert isinstance(headers, Failed)
    return headers


async def test_a_token_is_used_for_80_percent_of_its_life(access: Access, clock: Clock) -> None:
    oauth = OAuth(access, ROTATING)
    first = await sent(oauth)
    clock.move(seconds=3_600 * 0.8 - 1)
    assert await sent(oauth) == first

    clock.move(seconds=1)
    assert await sent(oauth) != first


async def test_all_who_were_refused_take_one_new_token(access: Access, jira: Jira) -> None:
    oauth = OAuth(access, ROTATING)
    first = await sent(oauth)
    jira.login.expire()

    others = await asyncio.gather(*(sent(oauth, first) for _ in range(3)))

    assert first not in others
    assert others[0] == others[1] == others[2]
    assert jira.served[ASKED] == 2


async def test_what_others_have_stored_is_used_without_asking(access: Access, jira: Jira) -> None:
    async def theirs(seen: Held, _: AskTokens) -> Held:
        return {**seen, "access_token": "theirs", "renew_at": "2026-03-02T11:00:00+00:00"}

    oauth = OAuth(replace(access, renew=theirs), ROTATING)

    assert await sent(oauth) == {"Authorization": "Bearer theirs"}
    assert jira.served[ASKED] == 0


async def test_what_others_have_stored_long_ago_is_renewed_too(access: Access) -> None:
    old = {**access.credentials, "access_token": "old", "renew_at": "2026-03-02T10:00:00+00:00"}

    async def theirs_first(seen: Held, ask: AskTokens) -> Held | Failed:
        return await renew_alone(seen, ask) if seen == old else old

    oauth = OAuth(replace(access, renew=theirs_first), ROTATING)

    assert await sent(oauth) != {"Authorization": "Bearer old"}


async def test_credentials_that_a_person_sets_meanwhile_let_it_be_tried_again(
    access: Access,
) -> None:
    async def another_way(_seen: Held, _ask: AskTokens) -> Held:
        return {"email": "ada@example.com", "api_token": "new"}

    outcome = await failure(OAuth(replace(access, renew=another_way), ROTATING))

    assert outcome.fault is Fault.TIMED_OUT
    assert "other credentials were set" in outcome.detail


async def test_the_pace_is_kept_before_others_have_to_wait(access: Access) -> None:
    order: list[str] = []

    @asynccontextmanager
    async def pace() -> AsyncIterator[None]:
        order.append("pace")
        yield
        order.append("answer")

    async def renew(seen: Held, ask: AskTokens) -> Held | Failed:
        order.append("renewal")
        return await renew_alone(seen, ask)

    await sent(OAuth(replace(access, pace=pace, renew=renew), ROTATING))

    assert order == ["pace", "renewal", "answer"]


async def test_a_second_grant_waits_for_a_turn_of_its_own(clock: Clock) -> None:
    order: list[str] = []

    @asynccontextmanager
    async def pace() -> AsyncIterator[None]:
        order.append("turn")
        yield
        order.append("end")

    denies = telling({"error": "invalid_grant"}, status=401)
    access = opened(denies, clock, APP | {"refresh_token": "old"})
    endpoint = TokenEndpoint(url="/oauth/token", grant=PASSWORD)
    await failure(OAuth(replace(access, pace=pace), endpoint))

    assert order == ["turn", "turn", "end", "end"]


async def test_a_used_refresh_token_is_unauthorised_and_says_what_to_do(access: Access) -> None:
    await sent(OAuth(access, ROTATING))

    outcome = await failure(OAuth(access, ROTATING))

    assert outcome.fault is Fault.UNAUTHORISED
    assert outcome.detail.startswith("authorise the app at the vendor again")
    assert access.credentials["refresh_token"] not in outcome.detail


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"access_token": "t"},
        {"access_token": "", "expires_in": 60},
        {"access_token": "tökèn", "expires_in": 60},
        {"access_token": "a\nb", "expires_in": 60},
        {"access_token": 7, "expires_in": 60},
        {"access_token": "t", "expires_in": "soon"},
    ],
)
async def test_an_answer_without_a_token_is_a_bad_one(clock: Clock, body: dict[str, Any]) -> None:
    access = opened(telling(body), clock, APP)

    outcome = await failure(OAuth(access, TokenEndpoint(url="/oauth/token", grant=PASSWORD)))

    assert (outcome.fault, outcome.detail) == (
        Fault.BAD_ANSWER,
        "the token endpoint answers without a token",
    )


@pytest.mark.parametrize("life", [-1, 0, 0.5, 10**400])
async def test_a_life_of_any_length_is_one(clock: Clock, life: float) -> None:
    access = opened(telling({"access_token": "t", "expires_in": life}), clock, APP)
    oauth = OAuth(access, TokenEndpoint(url="/oauth/token", grant=PASSWORD))
    assert await sent(oauth) == {"Authorization": "Bearer t"}


@pytest.mark.parametrize("status", [200, 400, 401, 500])
async def test_a_vendor_that_repeats_the_form_spreads_no_secret(clock: Clock, status: int) -> None:
    held = APP | {"refresh_token": "the-refresh-token"} | {"password": PASSWORD["password"]}
    access = opened(telling({"error": "invalid_grant"}, status=status), clock, held)

    outcome = await failure(OAuth(access, TokenEndpoint(url="/oauth/token", grant=PASSWORD)))

    assert "invalid_grant" in outcome.detail
    assert "***" in outcome.detail
    assert not [value for value in held.values() if value != "client" and value in outcome.detail]
