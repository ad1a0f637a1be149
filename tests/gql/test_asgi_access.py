"""The HTTP door: who may ask, from where, and how much."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from tests.gql.board import TOKEN, Board
from tests.gql.knocking import HELLO, code, knock, post


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN} {TOKEN}",
        "Bearer " + "x" * 100_000,
    ],
)
async def test_a_token_is_needed(client: httpx.AsyncClient, authorization: str | None) -> None:
    client.headers.pop("authorization")
    headers = {} if authorization is None else {"authorization": authorization}
    response = await client.post("/graphql", json=HELLO, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert code(response) == "UNAUTHENTICATED"


async def test_two_tokens_are_none(client: httpx.AsyncClient) -> None:
    pairs = [("authorization", f"Bearer {TOKEN}"), ("authorization", f"Bearer {TOKEN}")]
    client.headers.pop("authorization")
    response = await client.post("/graphql", json=HELLO, headers=httpx.Headers(pairs))
    assert response.status_code == 401


async def test_a_token_in_the_url_is_none(client: httpx.AsyncClient) -> None:
    client.headers.pop("authorization")
    response = await client.get("/graphql", params={**HELLO, "access_token": TOKEN})
    assert response.status_code == 401


async def test_the_schema_may_be_shown_without_a_token(board: Board) -> None:
    async with knock(board, anonymous_introspection=True) as client:
        client.headers.pop("authorization")
        shown = await post(client, {"query": "{ __schema { queryType { name } } }"})
        assert shown.json()["data"] == {"__schema": {"queryType": {"name": "Query"}}}
        for query in ("{ hello }", "{ __typename hello }", "{ ... { hello } }"):
            assert (await post(client, {"query": query})).status_code == 401
        wrong = await post(client, {"query": "{ __typename }"}, authorization="Bearer wrong")
        assert wrong.status_code == 401


async def test_an_unreachable_token_store_is_503(board: Board) -> None:
    board.is_away = True
    async with knock(board) as client:
        response = await post(client, HELLO)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert code(response) == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://watchpane.test"}, 200),
        ({"origin": "https://watchpane.test"}, 200),
        ({"origin": "https://evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://watchpane.test.evil.test"}, 403),
        ({"origin": "http://watchpane.test:81"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://friend.test", "sec-fetch-site": "cross-site"}, 200),
    ],
)
async def test_pages_of_other_sites_may_not_ask(
    board: Board, headers: dict[str, str], status: int
) -> None:
    async with knock(board, allowed_origins=frozenset({"https://friend.test"})) as client:
        response = await client.post("/graphql", json=HELLO, headers=headers)
    assert response.status_code == status
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("graphql-require-preflight", 401),
        ("x-requested-with", 401),
        ("apollo-require-preflight", 401),
        ("x-other", 403),
    ],
)
async def test_a_cookie_alone_opens_nothing(
    client: httpx.AsyncClient, header: str, status: int
) -> None:
    client.headers.pop("authorization")
    headers = {"cookie": "session=1", header: "1"}
    response = await client.post("/graphql", json=HELLO, headers=headers)
    assert response.status_code == status


async def test_a_sane_correlation_id_is_kept(client: httpx.AsyncClient) -> None:
    response = await post(client, HELLO, x_correlation_id="Abc-1.2_3")
    assert response.headers["x-correlation-id"] == "Abc-1.2_3"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a;b", "é"])
async def test_another_correlation_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    headers = [(b"x-correlation-id", given.encode())]
    response = await client.post("/graphql", json=HELLO, headers=headers)
    assert response.headers["x-correlation-id"] == "id-1"


async def test_the_allowance_is_spent_and_fills_again(board: Board) -> None:
    async with knock(board, cost_per_minute=60) as client:
        page = {"query": "{ items(first: 49) { edges { node { name } } } }"}
        assert (await post(client, page)).status_code == 200
        for _ in range(10):
            assert (await post(client, HELLO)).status_code == 200
        spent = await post(client, HELLO)
        assert spent.status_code == 429
        assert spent.headers["retry-after"] == "1"
        assert code(spent) == "RATE_LIMITED"
        board.seconds += 1
        assert (await post(client, HELLO)).status_code == 200
        assert (await post(client, HELLO)).status_code == 429


async def test_a_browser_gets_the_page_without_a_token(board: Board) -> None:
    async with knock(board, graphiql=PlainTextResponse("<html>")) as client:
        client.headers.pop("authorization")
        browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        assert (await client.get("/graphql", headers=browser)).text == "<html>"
        with_query = await client.get("/graphql", params=HELLO, headers=browser)
        assert with_query.status_code == 401
        assert (await client.post("/graphql", headers=browser)).status_code == 401
        assert (await client.get("/graphql")).status_code == 401
