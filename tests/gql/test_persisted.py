"""Automatic persisted queries, as Apollo's clients ask them."""

from hashlib import sha256
from typing import Any

import httpx
import pytest

from gql.asked import asked
from gql.persisted import KEPT, LONGEST, PersistedQueries
from tests.gql.knocking import NEWER, PLAIN, code, post

QUERY = "{ hello }"


def named(text: str = QUERY, **changes: object) -> dict[str, Any]:
    digest = sha256(text.encode()).hexdigest()
    return {"persistedQuery": {"version": 1, "sha256Hash": digest, **changes}}


async def test_an_unknown_hash_asks_for_the_query_and_then_serves(
    client: httpx.AsyncClient,
) -> None:
    for accept in (PLAIN, NEWER):
        unknown = await post(client, {"extensions": named("{ me }")}, accept=accept)
        assert unknown.status_code == 200
        assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        assert code(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    first = await post(client, {"query": QUERY, "extensions": named()})
    again = await post(client, {"extensions": named()})
    assert first.json()["data"] == again.json()["data"] == {"hello": "hello world"}


async def test_a_known_hash_is_served_to_a_get(client: httpx.AsyncClient) -> None:
    await post(client, {"query": QUERY, "extensions": named()})
    digest = sha256(QUERY.encode()).hexdigest()
    extensions = f'{{"persistedQuery":{{"version":1,"sha256Hash":"{digest}"}}}}'
    response = await client.get("/graphql", params={"extensions": extensions})
    assert response.json()["data"] == {"hello": "hello world"}
    assert "etag" in response.headers


@pytest.mark.parametrize(
    "extensions",
    [
        {"persistedQuery": 1},
        {"persistedQuery": "x"},
        {"persistedQuery": []},
        {"persistedQuery": {}},
        named(version=2),
        named(version="1"),
        named(version=None),
        named(sha256Hash=None),
        named(sha256Hash=1),
        named(sha256Hash="x"),
        named("{ me }"),
    ],
)
async def test_a_wrong_hash_is_400(client: httpx.AsyncClient, extensions: dict[str, Any]) -> None:
    response = await post(client, {"query": QUERY, "extensions": extensions})
    assert response.status_code == 400


async def test_a_null_hash_is_none(client: httpx.AsyncClient) -> None:
    extensions = {"persistedQuery": None}
    assert (await post(client, {"query": QUERY, "extensions": extensions})).status_code == 200
    assert (await post(client, {"extensions": extensions})).status_code == 400


async def test_an_invalid_document_is_not_kept(client: httpx.AsyncClient) -> None:
    wrong = "{ nope }"
    await post(client, {"query": wrong, "extensions": named(wrong)})
    again = await post(client, {"extensions": named(wrong)})
    assert code(again) == "PERSISTED_QUERY_NOT_FOUND"


def test_the_memory_is_bounded_in_number_and_size() -> None:
    persisted = PersistedQueries()
    for number in range(KEPT + 10):
        text = f"{{ a{number} }}"
        persisted.keep(asked({"query": text, "extensions": named(text)}))
    long = "#" * (LONGEST + 1)
    persisted.keep(asked({"query": long, "extensions": named(long)}))
    assert len(persisted._texts) == KEPT
