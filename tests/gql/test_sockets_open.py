"""The WebSocket door: what happens to sockets that stay open, and how they end."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from tests.gql.board import ADA, TOKEN, Board
from tests.gql.wire import INIT, serving

WAITING = "subscription { ticks(to: 1, ends: false) { number cursor } }"


async def test_a_silent_client_is_4408(board: Board) -> None:
    async with serving(board, init_time=timedelta(milliseconds=30)) as wire, wire.open() as talk:
        await talk.say({"type": "ping"})
        assert (await talk.closing())[0] == 4408


async def test_a_greeted_client_may_stay_silent(board: Board) -> None:
    time = timedelta(milliseconds=30)
    async with serving(board, init_time=time) as wire, wire.greeted() as talk:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await talk.hear()
        await talk.subscribe("{ hello }")
        assert (await talk.hear())["type"] == "next"


async def test_an_id_in_use_is_4409(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        await talk.subscribe(WAITING)
        await talk.hear()
        await talk.subscribe("{ hello }")
        assert (await talk.closing())[0] == 4409


async def test_an_id_is_free_again_after_the_end(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        for _ in range(3):
            await talk.subscribe("{ hello }", id="x" * 256)
            assert (await talk.hear())["type"] == "next"
            assert (await talk.hear())["type"] == "complete"


async def test_completing_frees_the_id_and_closes_the_generator(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        await talk.subscribe(WAITING)
        await talk.hear()
        await talk.say({"id": "1", "type": "complete"}, {"id": "other", "type": "complete"})
        await board.closed.wait()
        await talk.subscribe("{ hello }")
        assert (await talk.hear())["payload"]["data"] == {"hello": "hello world"}
        assert board.open_streams == 0


async def test_operations_of_one_socket_do_not_wait_for_each_other(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        await talk.subscribe("{ never }", id="slow")
        await talk.subscribe("{ hello }", id="fast")
        assert (await talk.hear())["id"] == "fast"


async def test_a_socket_has_at_most_so_many_operations(board: Board) -> None:
    async with serving(board, operations_per_socket=2) as wire, wire.greeted() as talk:
        for name in ("1", "2"):
            await talk.subscribe(WAITING, id=name)
            await talk.hear()
        await talk.subscribe(WAITING, id="3")
        answer = await talk.hear()
        assert (answer["id"], answer["type"]) == ("3", "error")
        assert answer["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_a_caller_has_at_most_so_many_sockets(board: Board) -> None:
    async with serving(board, sockets_per_caller=2) as wire, wire.greeted():
        async with wire.greeted(), wire.open() as third:
            await third.say(INIT)
            assert (await third.closing())[0] == 1013
        # The server has noticed the end of the second once it says so.
        async with wire.open() as talk:
            await talk.say({"type": "ping"})
            await talk.hear()
            await talk.say(INIT)
            assert await talk.hear() == {"type": "connection_ack"}


async def test_a_process_has_at_most_so_many_sockets(board: Board) -> None:
    async with serving(board, sockets=1) as wire, wire.greeted(), wire.open() as second:
        assert (await second.closing())[0] == 1013


async def test_every_event_has_a_context_of_its_own(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        await talk.subscribe("subscription { ticks(to: 3) { loads more: loads } }")
        for _ in range(3):
            ticks = (await talk.hear())["payload"]["data"]["ticks"]
            assert ticks == {"loads": 1, "more": 2}


async def test_a_revoked_token_is_4403_at_the_next_look(board: Board) -> None:
    period = timedelta(milliseconds=20)
    async with serving(board, recheck_period=period) as wire, wire.greeted() as talk:
        await talk.subscribe(WAITING)
        await talk.hear()
        del board.tokens[TOKEN]
        assert (await talk.closing())[0] == 4403
    assert board.open_streams == 0


async def test_a_revoked_token_is_4403_at_once_when_told(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        del board.tokens[TOKEN]
        wire.app.recheck()
        assert (await talk.closing())[0] == 4403


async def test_a_good_token_keeps_the_socket_open(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        board.tokens[TOKEN] = ADA
        wire.app.recheck()
        await talk.subscribe("{ hello }")
        assert (await talk.hear())["type"] == "next"


async def test_a_token_store_that_is_away_closes_no_socket(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        board.is_away = True
        wire.app.recheck()
        await board.asked_while_away.wait()
        board.is_away = False
        await talk.subscribe("{ hello }")
        assert (await talk.hear())["type"] == "next"


async def test_the_shutdown_says_where_to_resume(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        await talk.subscribe("subscription { ticks(to: 3, ends: false) { cursor } }")
        for _ in range(3):
            await talk.hear()
        closing = asyncio.create_task(wire.app.close_all())
        assert await talk.closing() == (1012, '{"after":"e.3"}')
        await closing
        assert board.open_streams == 0


async def test_the_shutdown_names_the_position_that_misses_nothing(board: Board) -> None:
    async with serving(board) as wire, wire.greeted() as talk:
        await talk.subscribe("subscription { ticks(to: 1, ends: false) { cursor } }", id="behind")
        await talk.hear()
        await talk.subscribe("subscription { ticks(to: 2, ends: false) { cursor } }", id="ahead")
        await talk.hear()
        await talk.hear()
        closing = asyncio.create_task(wire.app.close_all())
        assert await talk.closing() == (1012, '{"after":"e.1"}')
        await closing


async def test_a_client_that_does_not_read_halts_its_source_and_is_4410(board: Board) -> None:
    time = timedelta(seconds=1)
    async with serving(board, send_time=time) as wire, wire.open(max_queue=1) as talk:
        await talk.say(INIT)
        await talk.hear()
        talk.connection.transport.pause_reading()
        await talk.subscribe(
            "subscription { ticks(to: 100000, padding: 100000) { cursor padding } }"
        )
        await board.closed.wait()
        assert board.produced < 1_000
        talk.connection.transport.resume_reading()
        code, reason = await talk.closing()
        assert code == 4410
        after = orjson.loads(reason)["after"]
        assert after == f"e.{board.produced - 1}"


async def test_clients_that_vanish_leave_no_generator(board: Board) -> None:
    async with serving(board, sockets_per_caller=100) as wire:
        for _ in range(100):
            board.closed.clear()
            async with wire.greeted() as talk:
                await talk.subscribe(WAITING)
                await talk.hear()
                assert board.open_streams == 1
                talk.vanish()
            await board.closed.wait()
        assert board.open_streams == 0
