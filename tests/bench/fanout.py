"""One change told to many subscribers: when does the last of them know?"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from domain.events.entry import IncidentEventKind, NewEntry, Topic
from gql.protocol import SUBPROTOCOL
from models.transaction import Transaction, commit
from tests.bench.load import percentile
from tests.bench.seed import key
from tests.bench.site import Server, Site, at_hand, serving
from workers.wake import CHANNEL

SUBSCRIBERS: Final = 200
_WATCH: Final = """
subscription {
  incidentChanges {
    ... on StreamItem { cursor }
    ... on IncidentEvent { kind incident { number title status } }
  }
}
"""


async def measure(
    site: Site, tokens: Sequence[str], *, events: int, incidents: int
) -> dict[str, Any]:
    """Commit one event after the other; return after how long the last subscriber had each."""
    delays: list[float] = []
    with serving(site, "im", "serve") as server:
        async with AsyncExitStack() as stack:
            runtime = await stack.enter_async_context(at_hand(site))
            redis = await stack.enter_async_context(Redis.from_url(site.environment["REDIS_URL"]))
            clients = [
                await stack.enter_async_context(_connection(server)) for _ in range(SUBSCRIBERS)
            ]
            for place, client in enumerate(clients):
                await _subscribe(client, tokens[place % len(tokens)])
            before = server.process.cpu_seconds
            for number in range(events):
                entry = NewEntry(
                    topic=Topic.INCIDENT,
                    kind=IncidentEventKind.UPDATED,
                    occurred_at=runtime.now(),
                    record_id=key(3, number % incidents),
                )
                delays.append(await _tell(redis, clients, entry))
            used = server.process.cpu_seconds - before
            peak = server.process.peak_bytes
    return {
        "subscribers": SUBSCRIBERS,
        "events": events,
        "last_after_p50": percentile(delays, 50),
        "last_after_p95": percentile(delays, 95),
        "cpu_per_delivery": used / (events * SUBSCRIBERS) * 1000,
        "peak_megabytes": peak / 1e6,
    }


def _connection(server: Server) -> connect:
    return connect(
        f"ws://127.0.0.1:{server.port}/graphql",
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        compression=None,
        proxy=None,
        open_timeout=60,
    )


async def _subscribe(client: ClientConnection, token: str) -> None:
    """Subscribe; the answer to a ping says that it was taken."""
    bearer = {"Authorization": f"Bearer {token}"}
    for message in (
        {"type": "connection_init", "payload": bearer},
        {"id": "1", "type": "subscribe", "payload": {"query": _WATCH}},
        {"type": "ping"},
    ):
        await client.send(orjson.dumps(message).decode())
    for wanted in ("connection_ack", "pong"):
        said = orjson.loads(await client.recv())["type"]
        if said != wanted:
            raise ValueError(f"expected {wanted}, heard {said}")


async def _tell(redis: Redis, clients: Sequence[ClientConnection], entry: NewEntry) -> float:
    """Commit an event and say so; return the milliseconds until all have heard of it."""

    async def write(tx: Transaction) -> None:
        tx.tell(entry)

    await commit(write)
    began = time.perf_counter()
    await redis.publish(CHANNEL, "events")
    async with asyncio.timeout(30):
        await asyncio.gather(*(client.recv() for client in clients))
    return (time.perf_counter() - began) * 1000
