"""The HTTP door: media types, statuses, errors and the log."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from structlog.typing import EventDict

from domain.access.roles import Actor
from tests.gql.board import Board
from tests.gql.knocking import HELLO, NEWER, PLAIN, code, knock, post


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, PLAIN),
        ("*/*", PLAIN),
        ("application/*", PLAIN),
        (PLAIN, PLAIN),
        (NEWER, NEWER),
        ("Application/GraphQL-Response+JSON", NEWER),
        (f"{NEWER}; charset=utf-8", NEWER),
        (f"{NEWER}, {PLAIN};q=0.9", NEWER),
        (f"{NEWER};q=0.5, {PLAIN}", PLAIN),
        (f"{PLAIN}, {NEWER}", PLAIN),
        (f"{NEWER}, {PLAIN}", NEWER),
        (f"{PLAIN};q=0, {NEWER}", NEWER),
        (f"{PLAIN};q=0, */*", NEWER),
        (f"{NEWER};q=0, */*", PLAIN),
        (f"text/html, {PLAIN};q=0.1", PLAIN),
        ("application/*;q=0.2, text/html", PLAIN),
        (f"text/event-stream, {PLAIN}", PLAIN),
        ("text/html", None),
        ("text/event-stream", None),
        ("multipart/mixed", None),
        (f"{PLAIN};q=0", None),
        ("*/*;q=0", None),
        (f"{PLAIN};q=0, {NEWER};q=0, */*", None),
        (f"{PLAIN};q=nonsense", None),
    ],
)
async def test_the_accepted_type_answers(
    client: httpx.AsyncClient, accept: str | None, answered: str | None
) -> None:
    client.headers.pop("accept")
    headers = {} if accept is None else {"accept": accept}
    response = await client.post("/graphql", json=HELLO, headers=headers)
    if answered is None:
        assert response.status_code == 406
        assert code(response) == "BAD_REQUEST"
    else:
        assert response.status_code == 200
        assert response.headers["content-type"] == f"{answered}; charset=utf-8"
        assert response.json()["data"] == {"hello": "hello world"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ a(b: \u0007) }"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ item }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ hello(name: 1) }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { hello } query A { hello }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "fragment F on Query { hello }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "type A { b: Int }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($n: String!) { hello(name: $n) }"}, "BAD_INPUT"),
        (
            {
                "query": "query($n: Int!) { items(first: $n) { totalCount } }",
                "variables": {"n": "x"},
            },
            "BAD_INPUT",
        ),
        (
            {
                "query": "query($n: Int!) { items(first: $n) { totalCount } }",
                "variables": {"n": 2**31},
            },
            "BAD_INPUT",
        ),
        ({"query": "query A { hello } query B { hello }"}, "BAD_INPUT"),
        ({"query": "query A { hello }", "operationName": "B"}, "BAD_INPUT"),
        ({"query": "{ hello }", "operationName": ""}, "BAD_INPUT"),
    ],
)
async def test_an_error_of_graphql_is_400_in_the_newer_type_only(
    client: httpx.AsyncClient, body: dict[str, Any], expected: str
) -> None:
    for accept, status in ((NEWER, 400), (PLAIN, 200)):
        response = await post(client, body, accept=accept)
        assert response.status_code == status
        assert code(response) == expected
        assert "data" not in response.json()


async def test_at_most_ten_errors_are_reported(client: httpx.AsyncClient) -> None:
    response = await post(client, {"query": "{" + " ".join(f"a{n}" for n in range(40)) + "}"})
    assert len(response.json()["errors"]) == 10


async def test_suggestions_do_not_tell_the_schema(client: httpx.AsyncClient) -> None:
    response = await post(client, {"query": "{ helo }"})
    assert "hello" not in response.text


@pytest.mark.parametrize(("name", "expected"), [("A", {"hello": "hello a"}), ("B", {"me": "ada"})])
async def test_the_named_operation_runs(
    client: httpx.AsyncClient, name: str, expected: dict[str, str]
) -> None:
    query = 'query A { hello(name: "a") } query B { me }'
    response = await post(client, {"query": query, "operationName": name})
    assert response.json()["data"] == expected


async def test_a_resolvers_error_is_200_with_data_and_a_path(client: httpx.AsyncClient) -> None:
    query = '{ hello refused(why: "forbidden") }'
    for accept in (PLAIN, NEWER):
        response = await post(client, {"query": query}, accept=accept)
        assert response.status_code == 200
        assert response.json()["data"] == {"hello": "hello world", "refused": None}
        assert response.json()["errors"][0]["path"] == ["refused"]


@pytest.mark.parametrize(
    "body", [HELLO, {"query": "{"}, {"query": 1}], ids=["answer", "error", "refusal"]
)
async def test_every_answer_says_what_it_depends_on(
    client: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    response = await post(client, body)
    assert response.headers["vary"] == "Accept, Authorization"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"] == response.headers["x-correlation-id"]


async def test_our_failure_is_hidden_and_logged_once(
    client: httpx.AsyncClient, logged: list[EventDict]
) -> None:
    response = await post(client, {"query": "{ hello broken }"})
    assert response.status_code == 200
    assert "swordfish" not in response.text
    error = response.json()["errors"][0]
    assert error["message"] == "Internal error."
    assert error["extensions"] == {"code": "INTERNAL", "correlationId": "id-1"}
    failures = [entry for entry in logged if entry["event"] == "graphql_failed"]
    assert [entry["correlation_id"] for entry in failures] == ["id-1"]


async def test_a_failure_of_the_door_itself_is_500(logged: list[EventDict]) -> None:
    class Broken(Board):
        async def authenticate(self, token: str | None) -> Actor | None:
            raise RuntimeError("the password is swordfish")

    async with knock(Broken()) as client:
        response = await post(client, HELLO)
    assert response.status_code == 500
    assert "swordfish" not in response.text
    assert code(response) == "INTERNAL"
    assert [entry["event"] for entry in logged] == ["graphql_failed"]


async def test_one_line_is_logged_for_an_operation(
    client: httpx.AsyncClient, logged: list[EventDict]
) -> None:
    await post(client, {"query": "query Hi { hello }"})
    assert logged == [
        {
            "event": "graphql_answered",
            "log_level": "info",
            "operation": "Hi",
            "kind": "query",
            "latency_ms": 0.0,
            "correlation_id": "id-1",
            "outcome": "ANSWERED",
            "cost": 1,
        }
    ]


async def test_a_callers_mistake_is_not_logged_as_a_failure(
    client: httpx.AsyncClient, logged: list[EventDict]
) -> None:
    for query in ("{", "{ nope }", '{ refused(why: "invalid") }'):
        await post(client, {"query": query})
    assert {entry["event"] for entry in logged} == {"graphql_answered"}


async def test_an_operation_that_takes_too_long_is_stopped(board: Board) -> None:
    async with knock(board, query_time=timedelta(milliseconds=20)) as client:
        response = await post(client, {"query": "{ hello never }"})
    assert response.status_code == 200
    assert response.json()["data"] is None
    assert code(response) == "TIMEOUT"
