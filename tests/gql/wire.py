"""A real server on a loopback port, and a client that speaks to it in messages."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import orjson
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gql.asgi import GraphApp
from gql.protocol import SUBPROTOCOL
from tests.gql.board import TOKEN, Board, door

Message = dict[str, Any]

INIT: Message = {"type": "connection_init", "payload": {"Authorization": f"Bearer {TOKEN}"}}


def serving(board: Board, **options: Any) -> AbstractAsyncContextManager["Wire"]:  # noqa: ANN401 — any option
    """Serve the small graph on a free port."""
    return served(door(board, **options))


@asynccontextmanager
async def served(app: GraphApp) -> AsyncIterator["Wire"]:
    """Serve a graph on a free port."""
    with socket.socket() as listening:
        # A client that does not read is felt soon.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            ws="websockets-sansio",
            ws_max_size=1 << 20,
            ws_per_message_deflate=False,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listening])
        try:
            yield Wire(app, listening.getsockname()[1])
        finally:
            await app.close_all()
            # Not server.shutdown: it waits 0.1 s whether anything is open or not.
            for listener in server.servers:
                listener.close()
            for connection in list(server.server_state.connections):
                connection.shutdown()
            await asyncio.gather(*server.server_state.tasks)


class Wire:
    """The way to a server."""

    def __init__(self, app: GraphApp, port: int) -> None:
        self.app = app
        self.port = port

    @asynccontextmanager
    async def open(self, **options: Any) -> AsyncIterator["Talk"]:  # noqa: ANN401 — any option
        """Open a socket, without saying anything yet."""
        named: dict[str, Any] = {"subprotocols": [SUBPROTOCOL], "compression": None, **options}
        async with connect(f"ws://127.0.0.1:{self.port}/graphql", **named) as connection:
            yield Talk(connection)

    async def loses_patience(self) -> None:
        """Wait until a client has kept a message waiting for too long."""
        while not any(socket._is_too_slow for socket in self.app.sockets._open):
            with suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await asyncio.Event().wait()

    @asynccontextmanager
    async def greeted(self) -> AsyncIterator["Talk"]:
        """Open a socket whose token was accepted."""
        async with self.open() as talk:
            await talk.say(INIT)
            assert await talk.hear() == {"type": "connection_ack"}
            yield talk


class Talk:
    """One socket, seen from the client."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, *messages: Message) -> None:
        for message in messages:
            await self.connection.send(orjson.dumps(message).decode())

    async def hear(self) -> Message:
        message: Message = orjson.loads(await self.connection.recv())
        return message

    async def subscribe(self, query: str, id: str = "1", **payload: Any) -> None:  # noqa: ANN401 — any JSON
        await self.say({"id": id, "type": "subscribe", "payload": {"query": query, **payload}})

    async def closing(self) -> tuple[int, str]:
        """Read on until the server closes; return the code and the reason."""
        with suppress(ConnectionClosed):
            async for _ in self.connection:
                pass
        frame = self.connection.protocol.close_rcvd
        assert frame is not None
        return frame.code, frame.reason

    def vanish(self) -> None:
        """Drop the connection without a word."""
        self.connection.transport.abort()
