"""A subscriber to what happens to incidents, whose connection may be cut at any time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from domain.events import cursor
from gql.protocol import SUBPROTOCOL
from tests.journeys.graph import key_of
from tests.journeys.house import Ready, holds
from tests.journeys.tables import Tables

_WATCH: Final = """
subscription($after: Cursor) {
  incidentChanges(after: $after) {
    __typename ... on StreamItem { cursor }
    ... on IncidentEvent { kind incident { id } edits { id } }
  }
}
"""
Fact = tuple[int, str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One event, and where a listener goes on after it."""

    cursor: str
    fact: Fact


class Listener:
    """Hears events; when its connection is cut, it goes on after what it has heard."""

    def __init__(self, ready: Ready) -> None:
        """Hear nothing yet."""
        self._url = ready.url.replace("http", "ws", 1) + "/graphql"
        self._token = ready.token
        self.heard: list[Heard] = []
        self.connections = 0
        self.connection: ClientConnection | None = None
        self.is_listening = asyncio.Event()

    @property
    def facts(self) -> list[Fact]:
        """Return what was heard, in the order of its arrival."""
        return [heard.fact for heard in self.heard]

    def cut(self) -> None:
        """Drop the connection without a word."""
        assert self.connection is not None
        self.is_listening.clear()
        self.connection.transport.abort()

    async def listen(self) -> None:
        """Listen until cancelled."""
        while True:
            with suppress(ConnectionClosed, OSError):
                async with connect(
                    self._url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, proxy=None
                ) as connection:
                    self.connection = connection
                    self.connections += 1
                    await self._follow(connection)

    async def _follow(self, connection: ClientConnection) -> None:
        bearer = {"Authorization": f"Bearer {self._token}"}
        await _say(connection, type="connection_init", payload=bearer)
        assert orjson.loads(await connection.recv())["type"] == "connection_ack"
        after = self.heard[-1].cursor if self.heard else None
        payload = {"query": _WATCH, "variables": {"after": after}}
        await _say(connection, id="1", type="subscribe", payload=payload)
        # The server takes messages in their order: after this answer it is subscribed.
        await _say(connection, type="ping")
        async for frame in connection:
            message = orjson.loads(frame)
            if message["type"] == "pong":
                self.is_listening.set()
            elif message["type"] != "ping":
                assert message["type"] == "next", message
                self._hear(message["payload"])

    def _hear(self, payload: dict[str, Any]) -> None:
        assert "errors" not in payload, payload
        event = payload["data"]["incidentChanges"]
        if event["__typename"] == "HeartbeatEvent":
            return
        fact = (
            cursor.read(event["cursor"]).number,
            event["kind"],
            key_of(event["incident"]["id"]),
            tuple(key_of(edit["id"]) for edit in event["edits"]),
        )
        self.heard.append(Heard(cursor=event["cursor"], fact=fact))

    def server(self, servers: Sequence[int]) -> int | None:
        """Return which of the processes holds the other end of the connection."""
        assert self.connection is not None
        ours = f":{self.connection.local_address[1]:04X}"
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, _, remote, _, _, _, _, _, _, inode, *_ = line.split()
            if remote.endswith(ours):
                held = f"socket:[{inode}]"
                return next((pid for pid in servers if held in _open_files(pid)), None)
        return None


@asynccontextmanager
async def listening(*listeners: Listener) -> AsyncIterator[None]:
    """Let them listen while the block runs."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(listener.listen()) for listener in listeners]
        for listener in listeners:
            await listener.is_listening.wait()
        yield
        for task in running:
            task.cancel()


async def written(tables: Tables, *, after: int = 0) -> list[Fact]:
    """Return what the event log holds about incidents after a number."""
    rows = await tables.rows(
        "SELECT number, kind, record_id, edit_ids FROM event_log"  # noqa: S608 — a number
        f" WHERE topic = 'INCIDENT' AND number > {after} ORDER BY number"
    )
    return [
        (row["number"], row["kind"], row["record_id"], tuple(orjson.loads(row["edit_ids"])))
        for row in rows
    ]


async def newest(tables: Tables) -> int:
    """Return the log's last number."""
    (row,) = await tables.rows("SELECT newest FROM event_head")
    return int(row["newest"])


async def heard_all(listener: Listener, tables: Tables, *, after: int = 0) -> None:
    """Wait until a listener has heard what was written by now; raises TimeoutError."""
    facts = await written(tables, after=after)

    async def arrived() -> bool:
        return len(listener.heard) >= len(facts)

    await holds(arrived)


async def _say(connection: ClientConnection, **message: object) -> None:
    await connection.send(orjson.dumps(message).decode())


def _open_files(pid: int) -> set[str]:
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found.add(str(entry.readlink()))
    return found
