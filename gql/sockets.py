"""The graph's door over WebSocket: who may enter, and who is inside."""

from collections import Counter
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from domain.access.roles import Actor
from gql.conversation import Conversation, Means
from gql.engine import Engine
from gql.options import Options
from gql.origin import is_own
from gql.protocol import SUBPROTOCOL, Close, Closed


class Sockets:
    """All open sockets of this process."""

    def __init__(
        self,
        engine: Engine,
        *,
        authenticate: Callable[[str | None], Awaitable[Actor | None]],
        new_id: Callable[[], str],
        options: Options,
    ) -> None:
        """None is open yet."""
        self._options = options
        self._means = Means(
            engine=engine,
            authenticate=authenticate,
            new_id=new_id,
            options=options,
            admit=self._admit,
        )
        self._open: set[Conversation] = set()
        self._by_actor: Counter[str] = Counter()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket to its end."""
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        is_foreign = origin is not None and not is_own(origin, headers.get("host", ""))
        await receive()
        if is_foreign and origin not in self._options.allowed_origins:
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign origin"})
            return
        speaks = SUBPROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if speaks else None})
        socket = Conversation(self._means, receive, send)
        if not speaks:
            await socket.close(Closed(Close.SUBPROTOCOL, f"This door speaks {SUBPROTOCOL}."))
            return
        if len(self._open) >= self._options.sockets:
            await socket.close(Closed(Close.TOO_MANY_SOCKETS, "Too many sockets are open."))
            return
        self._open.add(socket)
        try:
            await socket.serve()
        finally:
            self._open.discard(socket)
            self._count(socket.actor, -1)
            socket.ended.set()

    def recheck(self) -> None:
        """Look at the tokens of all sockets now."""
        for socket in self._open:
            socket.woken.set()

    async def close_all(self) -> None:
        """Close all sockets with 1012 and the position to resume from."""
        closing = list(self._open)
        for socket in closing:
            socket.is_stopping = True
            socket.woken.set()
        for socket in closing:
            await socket.ended.wait()

    def _admit(self, actor: Actor) -> bool:
        if self._by_actor[actor.id] >= self._options.sockets_per_caller:
            return False
        self._count(actor, +1)
        return True

    def _count(self, actor: Actor | None, step: int) -> None:
        if actor is not None:
            self._by_actor[actor.id] += step
            if not self._by_actor[actor.id]:
                del self._by_actor[actor.id]
