"""One socket's conversation in graphql-transport-ws.

It is three kinds of task in one group: the reader, the watch over the token,
and one for each operation. Whichever raises Closed ends all of them, and with
them their generators. There is no queue: an operation that waits for a slow
client to read does not ask its source for more.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson
import structlog
from graphql import OperationType
from starlette.types import Receive, Send

from domain.access.roles import Actor
from domain.errors import Unavailable
from gql.alarm import Alarm
from gql.asked import Asked
from gql.declined import Code, Declined, shown
from gql.engine import Engine
from gql.frames import Frame
from gql.options import Options
from gql.protocol import (
    Close,
    Closed,
    Message,
    asked_of,
    message_of,
    next_of,
    shortened,
    text_of,
    token_of,
)

log = structlog.get_logger()

# How long a shutdown waits for a client to take its close frame.
_FAREWELL: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What all conversations share.

    admit: counts one more socket of an actor; False when there are too many.
    """

    engine: Engine
    authenticate: Callable[[str | None], Awaitable[Actor | None]]
    new_id: Callable[[], str]
    options: Options
    admit: Callable[[Actor], bool]


class _Gone(Exception):  # noqa: N818 — an event, not a failure
    """The client has left."""


class Conversation:
    """One connection, from its acceptance to its close."""

    def __init__(self, means: Means, receive: Receive, send: Send) -> None:
        """Nothing is said yet; the socket must be accepted."""
        self.actor: Actor | None = None
        self.is_stopping = False
        self.woken = asyncio.Event()
        self.ended = asyncio.Event()
        self._means = means
        self._options = means.options
        self._receive = receive
        self._send = send
        # Messages that wait for the client to read.
        self._waiting = 0
        self._is_too_slow = False
        self._patience = Alarm(self._lose_patience)
        self._token: str | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        # The last cursor sent by each subscription, the least recent one first.
        self._cursors: dict[str, str] = {}

    async def serve(self) -> None:
        """Talk until the client leaves or one of us has a reason to close."""
        closed: Closed | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch())
                await self._greet()
                await self._read(group)
        except* _Gone:
            pass
        except* Closed as reasons:
            closed = next(one for one in reasons.exceptions if isinstance(one, Closed))
        except* Exception as failures:
            log.exception("socket_failed", exc_info=failures)
            closed = Closed(Close.INTERNAL, "Internal error.")
        finally:
            self._patience.stop()
        if closed is not None:
            await self.close(closed)

    async def close(self, closed: Closed) -> None:
        """Send the close frame.

        A client that was too slow gets it when it reads on within the time of
        one more message; all that ran for it has ended by then.
        """
        patience = _FAREWELL if self.is_stopping else self._options.send_time
        reason = shortened(closed.reason)
        event = {"type": "websocket.close", "code": int(closed.code), "reason": reason}
        with suppress(TimeoutError, OSError, RuntimeError):
            async with asyncio.timeout(patience.total_seconds()):
                await self._send(event)

    async def _greet(self) -> None:
        """Wait for the token and acknowledge it."""
        try:
            async with asyncio.timeout(self._options.init_time.total_seconds()):
                while (message := await self._next())["type"] != "connection_init":
                    if message["type"] == "subscribe":
                        raise Closed(Close.UNAUTHORISED, "Unauthorized")
                    await self._pong(message)
        except TimeoutError as error:
            raise Closed(Close.INIT_TIMEOUT, "Connection initialisation timeout") from error
        self._token = token_of(message)
        actor = await self._means.authenticate(self._token)
        if actor is None:
            raise Closed(Close.FORBIDDEN, "Forbidden")
        if not self._means.admit(actor):
            raise Closed(Close.TOO_MANY_SOCKETS, "Too many sockets with this token.")
        self.actor = actor
        await self._write(text_of({"type": "connection_ack"}))

    async def _read(self, group: asyncio.TaskGroup) -> None:
        while True:
            message = await self._next()
            match message["type"]:
                case "connection_init":
                    raise Closed(Close.TOO_MANY_INITS, "Too many initialisation requests")
                case "subscribe":
                    await self._subscribe(group, message)
                case "complete":
                    if task := self._operations.pop(message["id"], None):
                        task.cancel()
                case _:
                    await self._pong(message)

    async def _subscribe(self, group: asyncio.TaskGroup, message: Message) -> None:
        request = asked_of(message)
        name: str = message["id"]
        if name in self._operations:
            raise Closed(Close.ID_IN_USE, f"Subscriber for {name} already exists")
        if len(self._operations) >= self._options.operations_per_socket:
            many = shown("Too many operations on this socket.", Code.RATE_LIMITED)
            await self._write(text_of({"id": name, "type": "error", "payload": [many]}))
            return
        self._operations[name] = group.create_task(self._operate(name, request))

    async def _operate(self, id: str, request: Asked) -> None:
        """Run one operation and tell its end, unless the client ended it."""
        try:
            begin = next_of(id)
            async with aclosing(self._answers(request)) as answers:
                async for answer in answers:
                    await self._write(f"{begin}{answer.text}}}")
                    self._remember(id, answer.cursor)
            end: Message = {"id": id, "type": "complete"}
        except Declined as refusal:
            end = {"id": id, "type": "error", "payload": refusal.errors}
        finally:
            if self._operations.get(id) is asyncio.current_task():
                del self._operations[id]
                self._cursors.pop(id, None)
        await self._write(text_of(end))

    async def _answers(self, request: Asked) -> AsyncGenerator[Frame, None]:
        engine = self._means.engine
        correlation_id = self._means.new_id()
        plan = engine.plan(request, correlation_id=correlation_id)
        if plan.kind is not OperationType.SUBSCRIPTION:
            answer = await engine.answer(plan, actor=self._who(), correlation_id=correlation_id)
            yield Frame(text=text_of(answer))
            return
        events = engine.events(plan, actor=self._who, correlation_id=correlation_id)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _watch(self) -> None:
        """Look at the token from time to time, and wait for the shutdown."""
        period = self._options.recheck_period.total_seconds()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(period):
                    await self.woken.wait()
            self.woken.clear()
            if self.is_stopping:
                raise Closed(Close.SHUTDOWN, self._resume_from())
            if self._is_too_slow:
                raise Closed(Close.TOO_SLOW, self._resume_from())
            if self.actor is None:
                continue
            try:
                actor = await self._means.authenticate(self._token)
            except Unavailable:
                # Nobody can tell now; the next look will.
                continue
            if actor is None or actor.id != self.actor.id:
                raise Closed(Close.FORBIDDEN, "Forbidden")
            self.actor = actor

    async def _next(self) -> Message:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise _Gone
        return message_of(event)

    async def _pong(self, message: Message) -> None:
        if message["type"] == "ping":
            answer: Message = {"type": "pong"}
            if (payload := message.get("payload")) is not None:
                answer["payload"] = payload
            await self._write(text_of(answer))

    async def _write(self, text: str) -> None:
        """Send one message; wait for a slow client, but not for ever."""
        if not self._waiting:
            self._give_it_time()
        self._waiting += 1
        try:
            await self._send({"type": "websocket.send", "text": text})
        except (OSError, RuntimeError) as error:
            raise _Gone from error
        finally:
            self._waiting -= 1
            if self._waiting:
                self._give_it_time()

    def _give_it_time(self) -> None:
        now = asyncio.get_running_loop().time()
        self._patience.set(now + self._options.send_time.total_seconds())

    def _lose_patience(self) -> None:
        if self._waiting:
            self._is_too_slow = True
            self.woken.set()

    def _remember(self, id: str, cursor: str | None) -> None:
        """Keep the cursor of an event that was sent; an answer without one changes nothing."""
        if cursor is not None:
            self._cursors.pop(id, None)
            self._cursors[id] = cursor

    def _resume_from(self) -> str:
        """Return a position from which no subscription of this socket misses an event."""
        return orjson.dumps({"after": next(iter(self._cursors.values()), None)}).decode()

    def _who(self) -> Actor:
        if self.actor is None:
            raise ValueError("an operation runs only after the token was accepted")
        return self.actor
