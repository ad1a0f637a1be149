"""Subscribers by the thousand in one process: each is a protocol, not a library's client."""

import asyncio
import struct
import time
from collections.abc import Callable
from functools import partial
from typing import Final, cast

import orjson

from gql.protocol import SUBPROTOCOL

_TEXT: Final = 0x1
_PING: Final = 0x9
_PONG: Final = 0xA
_SHORT: Final = 126
_LONG: Final = 127
_HANDSHAKE: Final = (
    "GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: d2F0Y2hwYW5lLWJlbmNoMQ==\r\n"
    f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
).encode()


class Listener(asyncio.Protocol):
    """One subscriber; ``hears`` is called at each event."""

    def __init__(self, token: str, query: str, hears: Callable[[], None]) -> None:
        """Subscribe to one thing."""
        self.is_subscribed = asyncio.Event()
        self._token = token
        self._query = query
        self._hears = hears
        self._transport: asyncio.Transport | None = None
        self._is_open = False
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a socket."""
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(_HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        """Read what has come in whole."""
        data = self._left + data
        if not self._is_open:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._left = head
                return
            self._open(head)
        while (size := _length(data)) is not None and len(data) >= size[0] + size[1]:
            begin, length = size
            self._take(data[0] & 0xF, data[begin : begin + length])
            data = data[begin + length :]
        self._left = data

    def stop_reading(self) -> None:
        """Read no more."""
        if self._transport is not None:
            self._transport.pause_reading()

    def close(self) -> None:
        """Leave without a word."""
        if self._transport is not None:
            self._transport.abort()

    def _open(self, head: bytes) -> None:
        if b" 101 " not in head:
            raise ValueError(head.decode())
        self._is_open = True
        self._say(type="connection_init", payload={"Authorization": f"Bearer {self._token}"})

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _PING:
            self._write(_PONG, payload)
        elif opcode != _TEXT:
            raise ValueError(f"closed: {payload.decode(errors='replace')}")
        elif b'"level":' in payload or b'"level": ' in payload:
            self._hears()
        else:
            self._answer(orjson.loads(payload)["type"])

    def _answer(self, said: str) -> None:
        if said == "connection_ack":
            self._say(id="1", type="subscribe", payload={"query": self._query})
        elif said == "next":
            # The first is a heartbeat: it has begun.
            self.is_subscribed.set()
        else:
            raise ValueError(f"heard {said}")

    def _say(self, **message: object) -> None:
        self._write(_TEXT, orjson.dumps(message))

    def _write(self, opcode: int, payload: bytes) -> None:
        """Write a frame; a client's is masked, here with zeros."""
        size = len(payload)
        head = (
            struct.pack("!BB", 0x80 | opcode, 0x80 | size)
            if size < _SHORT
            else struct.pack("!BBH", 0x80 | opcode, 0x80 | _SHORT, size)
        )
        if self._transport is not None:
            self._transport.write(head + bytes(4) + payload)


class Crowd:
    """Listeners, of whom some do not read."""

    def __init__(self) -> None:
        """Nobody is there yet."""
        self._listeners: list[Listener] = []
        self._reading = 0
        self._heard = 0
        self._all = asyncio.Event()
        self._last_at = 0.0

    async def join(self, port: int, query: str, tokens: list[str], *, silent: int) -> None:
        """Let one subscribe for each token; ``silent`` of them then stop to read."""
        loop = asyncio.get_running_loop()
        for token in tokens:
            make = partial(Listener, token, query, self._hears)
            _, listener = await loop.create_connection(make, "127.0.0.1", port)
            self._listeners.append(listener)
        async with asyncio.timeout(60):
            for listener in self._listeners:
                await listener.is_subscribed.wait()
        # Spread among the others.
        for listener in self._listeners[:: max(1, len(tokens) // max(1, silent))][:silent]:
            listener.stop_reading()
        self._reading = len(tokens) - silent

    def expect(self) -> None:
        """Wait anew for all who read."""
        self._heard = 0
        self._all.clear()

    async def last(self) -> float:
        """Return when the last of those who read had the event; raises TimeoutError."""
        async with asyncio.timeout(30):
            await self._all.wait()
        return self._last_at

    def leave(self) -> None:
        """Let all go."""
        for listener in self._listeners:
            listener.close()

    def _hears(self) -> None:
        self._heard += 1
        if self._heard == self._reading:
            self._last_at = time.perf_counter()
            self._all.set()


def _length(data: bytes) -> tuple[int, int] | None:
    """Return where the payload of a server's frame begins, and how long it is."""
    if len(data) < 2:
        return None
    size = data[1] & 0x7F
    if size < _SHORT:
        return 2, size
    begin, form = (4, "!H") if size == _SHORT else (10, "!Q")
    return (begin, int(struct.unpack_from(form, data, 2)[0])) if len(data) >= begin else None
