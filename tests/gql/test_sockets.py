"""The WebSocket door, by the rules of graphql-transport-ws: one conversation."""

from collections.abc import AsyncIterator

import pytest
from structlog.typing import EventDict
from websockets.exceptions import InvalidStatus

from tests.gql.board import TOKEN, Board
from tests.gql.wire import INIT, Message, Wire, serving

TICK = "subscription { ticks(to: 2) { number cursor } }"
WAITING = "subscription { ticks(to: 1, ends: false) { number cursor } }"


@pytest.fixture
async def wire(board: Board) -> AsyncIterator[Wire]:
    async with serving(board) as wire:
        yield wire


def subscribe(**payload: object) -> Message:
    return {"id": "1", "type": "subscribe", "payload": payload}


@pytest.mark.parametrize("subprotocols", [None, ["graphql-ws"], ["soap"]])
async def test_another_subprotocol_is_4406(wire: Wire, subprotocols: list[str] | None) -> None:
    async with wire.open(subprotocols=subprotocols) as talk:
        assert talk.connection.subprotocol is None
        assert (await talk.closing())[0] == 4406


async def test_ours_is_chosen_among_several(wire: Wire) -> None:
    async with wire.open(subprotocols=["graphql-ws", "graphql-transport-ws"]) as talk:
        assert talk.connection.subprotocol == "graphql-transport-ws"


@pytest.mark.parametrize(
    ("origin", "enters"),
    [(None, True), ("own", True), ("https://evil.test", False), ("null", False)],
)
async def test_a_foreign_page_gets_403(wire: Wire, origin: str | None, enters: bool) -> None:
    given = f"http://127.0.0.1:{wire.port}" if origin == "own" else origin
    if enters:
        async with wire.open(origin=given) as talk:
            await talk.say(INIT)
            assert await talk.hear() == {"type": "connection_ack"}
    else:
        with pytest.raises(InvalidStatus) as refused:
            async with wire.open(origin=given):
                pass
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
async def test_the_token_is_found_in_any_case(wire: Wire, name: str) -> None:
    async with wire.open() as talk:
        await talk.say({"type": "connection_init", "payload": {name: f"bearer {TOKEN}"}})
        assert await talk.hear() == {"type": "connection_ack"}


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": [TOKEN]},
        {"token": TOKEN},
    ],
)
async def test_a_wrong_token_is_4403(wire: Wire, payload: Message | None) -> None:
    async with wire.open() as talk:
        await talk.say({"type": "connection_init", "payload": payload})
        assert (await talk.closing())[0] == 4403


async def test_a_missing_payload_is_a_missing_token(wire: Wire) -> None:
    async with wire.open() as talk:
        await talk.say({"type": "connection_init"})
        assert (await talk.closing())[0] == 4403


async def test_subscribing_before_the_greeting_is_4401(wire: Wire) -> None:
    async with wire.open() as talk:
        await talk.subscribe("{ hello }")
        assert (await talk.closing())[0] == 4401


async def test_a_second_greeting_is_4429(wire: Wire) -> None:
    async with wire.greeted() as talk:
        await talk.say(INIT)
        assert (await talk.closing())[0] == 4429


async def test_two_greetings_at_once_are_4429(wire: Wire) -> None:
    async with wire.open() as talk:
        await talk.say(INIT, INIT)
        assert (await talk.closing())[0] == 4429


WRONG: list[str | bytes] = [
    "",
    "x",
    "{",
    "null",
    "1",
    '"ping"',
    "true",
    "[]",
    "[{}]",
    "{}",
    '{"type": null}',
    '{"type": 1}',
    '{"type": ["ping"]}',
    '{"type": "start"}',
    '{"type": "PING"}',
    '{"type": "connection_ack"}',
    '{"type": "next", "id": "1", "payload": {}}',
    '{"type": "error", "id": "1", "payload": []}',
    '{"type": "ping", "payload": NaN}',
    '{"type": "ping", "payload": "x"}',
    '{"type": "ping", "payload": []}',
    '{"type": "pong", "payload": 1}',
    '{"type": "connection_init", "payload": "x"}',
    '{"type": "connection_init", "payload": []}',
    "[" * 30_000,
    b'{"type": "ping"}',
    b"\x00",
]


@pytest.mark.parametrize("message", WRONG, ids=lambda message: str(message)[:60])
async def test_what_is_no_message_is_4400_before_the_greeting(
    wire: Wire, message: str | bytes
) -> None:
    async with wire.open() as talk:
        await talk.connection.send(message)
        assert (await talk.closing())[0] == 4400


@pytest.mark.parametrize("message", WRONG, ids=lambda message: str(message)[:60])
async def test_what_is_no_message_is_4400_after_it(wire: Wire, message: str | bytes) -> None:
    if b"connection_init" in (message if isinstance(message, bytes) else message.encode()):
        message = '{"type": "pong", "payload": []}'
    async with wire.greeted() as talk:
        await talk.connection.send(message)
        assert (await talk.closing())[0] == 4400


@pytest.mark.parametrize(
    "message",
    [
        {"type": "subscribe"},
        {"type": "subscribe", "payload": {"query": "{ hello }"}},
        {"type": "subscribe", "id": None, "payload": {"query": "{ hello }"}},
        {"type": "subscribe", "id": 1, "payload": {"query": "{ hello }"}},
        {"type": "subscribe", "id": ["1"], "payload": {"query": "{ hello }"}},
        {"type": "subscribe", "id": {}, "payload": {"query": "{ hello }"}},
        {"type": "subscribe", "id": "", "payload": {"query": "{ hello }"}},
        {"type": "subscribe", "id": "x" * 257, "payload": {"query": "{ hello }"}},
        {"type": "subscribe", "id": "1"},
        {"type": "subscribe", "id": "1", "payload": None},
        {"type": "subscribe", "id": "1", "payload": []},
        {"type": "subscribe", "id": "1", "payload": "{ hello }"},
        subscribe(),
        subscribe(query=None),
        subscribe(query=1),
        subscribe(query=["{ hello }"]),
        subscribe(query="{ hello }", variables="x"),
        subscribe(query="{ hello }", variables=[]),
        subscribe(query="{ hello }", variables=1),
        subscribe(query="{ hello }", operationName=1),
        subscribe(query="{ hello }", operationName={}),
        subscribe(query="{ hello }", extensions="x"),
        subscribe(query="{ hello }", extensions=[]),
        {"type": "complete"},
        {"type": "complete", "id": 1},
        {"type": "complete", "id": ""},
    ],
)
async def test_a_field_of_the_wrong_kind_is_4400(wire: Wire, message: Message) -> None:
    async with wire.greeted() as talk:
        await talk.say(message)
        assert (await talk.closing())[0] == 4400


async def test_a_message_over_the_limit_is_1009(wire: Wire) -> None:
    async with wire.greeted() as talk:
        await talk.subscribe("{ hello }" + " " * (1 << 20))
        assert (await talk.closing())[0] == 1009


@pytest.mark.parametrize("payload", [None, {}, {"a": [1, {"b": None}]}])
async def test_a_ping_is_answered_with_its_payload(wire: Wire, payload: Message | None) -> None:
    message: Message = {"type": "ping"} if payload is None else {"type": "ping", "payload": payload}
    expected: Message = {**message, "type": "pong"}
    async with wire.open() as talk:
        await talk.say(message)
        assert await talk.hear() == expected
        await talk.say(INIT)
        assert await talk.hear() == {"type": "connection_ack"}
        await talk.say({"type": "pong"}, {"type": "pong", "payload": {}}, message)
        assert await talk.hear() == expected


async def test_a_subscription_sends_its_events_and_its_end(wire: Wire) -> None:
    async with wire.greeted() as talk:
        await talk.subscribe(TICK)
        for number in (1, 2):
            tick = {"number": number, "cursor": f"e.{number}"}
            assert await talk.hear() == {
                "id": "1",
                "type": "next",
                "payload": {"data": {"ticks": tick}},
            }
        assert await talk.hear() == {"id": "1", "type": "complete"}


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("{ hello }", {"hello": "hello world"}),
        ('mutation { addNote(text: "x") { note } }', {"addNote": {"note": "x"}}),
    ],
)
async def test_queries_and_mutations_run_over_a_socket_too(
    wire: Wire, query: str, data: Message
) -> None:
    async with wire.greeted() as talk:
        await talk.subscribe(query)
        answer = await talk.hear()
        assert answer["type"] == "next"
        assert answer["payload"]["data"] == data
        assert answer["payload"]["extensions"]["cost"]["limit"] == 5_000
        assert await talk.hear() == {"id": "1", "type": "complete"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "subscription { nope }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { hello }", "operationName": "B"}, "BAD_INPUT"),
        ({"query": "query A { hello } query B { hello }"}, "BAD_INPUT"),
        ({"query": "subscription($n: Int!) { ticks(to: $n) { number } }"}, "BAD_INPUT"),
        ({"query": "subscription { unknown { number } }"}, "CURSOR_UNKNOWN"),
        (
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
            "PERSISTED_QUERY_NOT_FOUND",
        ),
        ({"query": "{ a" + "{ a" * 70 + "}" * 71}, "QUERY_TOO_LARGE"),
    ],
)
async def test_a_refused_operation_leaves_the_socket_open(
    wire: Wire, payload: Message, code: str
) -> None:
    async with wire.greeted() as talk:
        await talk.say({"id": "1", "type": "subscribe", "payload": payload})
        answer = await talk.hear()
        assert answer["type"] == "error"
        assert answer["payload"][0]["extensions"]["code"] == code
        await talk.subscribe("{ hello }")
        assert (await talk.hear())["type"] == "next"


async def test_a_failing_stream_ends_with_a_masked_error(
    wire: Wire, logged: list[EventDict]
) -> None:
    async with wire.greeted() as talk:
        await talk.subscribe("subscription { fragile { number } }")
        assert (await talk.hear())["type"] == "next"
        answer = await talk.hear()
        assert answer["type"] == "error"
        assert answer["payload"][0]["message"] == "Internal error."
        assert "swordfish" not in str(answer)
    assert [one["event"] for one in logged].count("graphql_failed") == 1
