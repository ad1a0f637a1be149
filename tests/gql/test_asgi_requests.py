"""The HTTP door: which requests can be read, and how they may be sent."""

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.gql.board import Board
from tests.gql.knocking import HELLO, NEWER, PLAIN, code, knock, post


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("APPLICATION/JSON", 200),
        ("application/json; charset=utf-8", 200),
        ('application/json ; charset="UTF-8"', 200),
        ("application/json; charset=latin-1", 415),
        ("application/json-patch+json", 415),
        ("text/plain", 415),
        ("text/plain; application/json", 415),
        ("application/graphql", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
    ],
)
async def test_a_body_must_be_json_in_utf_8(
    client: httpx.AsyncClient, content_type: str, status: int
) -> None:
    headers = {"content-type": content_type}
    response = await client.post("/graphql", content=json.dumps(HELLO), headers=headers)
    assert response.status_code == status


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 415), ("br", 415), ("identity", 200)])
async def test_a_body_is_not_unpacked(
    client: httpx.AsyncClient, encoding: str, status: int
) -> None:
    raw = json.dumps(HELLO).encode()
    content = gzip.compress(raw) if encoding == "gzip" else raw
    headers = {"content-type": PLAIN, "content-encoding": encoding}
    response = await client.post("/graphql", content=content, headers=headers)
    assert response.status_code == status


@pytest.mark.parametrize("accept", [PLAIN, NEWER])
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "1",
        '"{ hello }"',
        "true",
        "{}",
        '{"query": null}',
        '{"query": 1}',
        '{"query": true}',
        '{"query": ["{ hello }"]}',
        '{"query": {"a": 1}}',
        '{"qeury": "{ hello }"}',
        '{"query": "{ hello }", "operationName": 1}',
        '{"query": "{ hello }", "operationName": []}',
        '{"query": "{ hello }", "operationName": {}}',
        '{"query": "{ hello }", "operationName": false}',
        '{"query": "{ hello }", "variables": "x"}',
        '{"query": "{ hello }", "variables": 7}',
        '{"query": "{ hello }", "variables": []}',
        '{"query": "{ hello }", "variables": true}',
        '{"query": "{ hello }", "extensions": "x"}',
        '{"query": "{ hello }", "extensions": 7}',
        '{"query": "{ hello }", "extensions": []}',
        '{"query": "{ hello }", "extensions": true}',
        '{"query": "{ hello }", "variables": {"a": NaN}}',
        '{"query": "{ hello }", "variables": {"a": Infinity}}',
        '{"query": "{ hello }"} {}',
        '{"query": "\\ud800"}',
        b'{"query": "\xff"}',
        b"\xff\xfe{\x00}\x00",
        "[" * 30_000,
        '{"query": "{ hello }", "variables": ' + '{"a":' * 30_000 + "1" + "}" * 30_001,
    ],
)
async def test_a_body_of_the_wrong_form_is_400(
    client: httpx.AsyncClient, body: str | bytes, accept: str
) -> None:
    headers = {"content-type": PLAIN, "accept": accept}
    response = await client.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400
    assert response.headers["content-type"].startswith(accept)
    assert code(response) == "BAD_REQUEST"
    assert "data" not in response.json()


async def test_a_number_of_5000_digits_is_no_failure_of_ours(client: httpx.AsyncClient) -> None:
    body = '{"query": "query($n: Int!) { items(first: $n) { totalCount } }", "variables": {"n": '
    content = body + "9" * 5_000 + "}}"
    headers = {"content-type": PLAIN, "accept": NEWER}
    response = await client.post("/graphql", content=content, headers=headers)
    assert response.status_code == 400


@pytest.mark.parametrize("name", ["variables", "operationName", "extensions"])
async def test_null_is_as_good_as_nothing(client: httpx.AsyncClient, name: str) -> None:
    response = await post(client, {**HELLO, name: None})
    assert response.json()["data"] == {"hello": "hello world"}


@pytest.mark.parametrize("body", [[], [HELLO], [HELLO, HELLO]])
async def test_batches_are_refused(client: httpx.AsyncClient, body: list[Any]) -> None:
    response = await post(client, body)
    assert response.status_code == 400
    assert code(response) == "BATCHING_NOT_SUPPORTED"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
async def test_other_methods_are_405(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_get_answers_queries(client: httpx.AsyncClient) -> None:
    params = {
        "query": "query A($n: String!) { hello(name: $n) }",
        "variables": '{"n": "böb"}',
        "operationName": "A",
        "extensions": "",
    }
    response = await client.get("/graphql", params=params)
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "hello böb"}


@pytest.mark.parametrize(
    "url",
    [
        "/graphql",
        "/graphql?query=",
        "/graphql?query=%7Bhello%7D&variables=%5B%5D",
        "/graphql?query=%7Bhello%7D&variables=7",
        "/graphql?query=%7Bhello%7D&variables=x",
        "/graphql?query=%7Bhello%7D&extensions=true",
        "/graphql?query=%7Bhello%7D&query=%7Bme%7D",
        "/graphql?query=%FF",
    ],
)
async def test_a_get_of_the_wrong_form_is_400(client: httpx.AsyncClient, url: str) -> None:
    response = await client.get(url)
    assert response.status_code == 400


async def test_a_mutation_needs_post(client: httpx.AsyncClient, board: Board) -> None:
    query = 'mutation { addNote(text: "x") { note } }'
    response = await client.get("/graphql", params={"query": query})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert board.notes == []

    response = await post(client, {"query": query})
    assert response.json()["data"]["addNote"] == {"note": "x"}
    assert board.notes == ["x"]


async def test_a_subscription_needs_a_socket(client: httpx.AsyncClient) -> None:
    response = await post(client, {"query": "subscription { ticks(to: 1) { number } }"})
    assert response.status_code == 406


async def test_head_is_get_without_a_body(client: httpx.AsyncClient) -> None:
    got = await client.get("/graphql", params=HELLO)
    head = await client.head("/graphql", params=HELLO)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(got.content))


async def test_an_unchanged_answer_is_304(client: httpx.AsyncClient) -> None:
    first = await client.get("/graphql", params=HELLO)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for given in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
        again = await client.get("/graphql", params=HELLO, headers={"if-none-match": given})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    other = await client.get("/graphql", params=HELLO, headers={"if-none-match": '"other"'})
    assert other.status_code == 200


async def test_a_post_is_not_cached(client: httpx.AsyncClient) -> None:
    response = await post(client, HELLO)
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


async def test_a_body_over_the_limit_is_413_by_its_header(board: Board) -> None:
    async with knock(board, body_bytes=100) as client:
        response = await post(client, {**HELLO, "variables": {"a": "x" * 100}})
    assert response.status_code == 413
    assert response.headers["connection"] == "close"


async def test_a_body_over_the_limit_is_413_by_counting(board: Board) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 10
            yield b"x" * 10

    async with knock(board, body_bytes=100) as client:
        headers = {"content-type": PLAIN}
        response = await client.post("/graphql", content=endless(), headers=headers)
    assert response.status_code == 413
    assert sent <= 120
