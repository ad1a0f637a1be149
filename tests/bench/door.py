"""How fast deliveries get in at the webhooks' door: ``python -m tests.bench.door``.

Signed ones, each stored and committed before its answer. Many integrations share
the load: one alone is let in 50 times a second.
"""

import asyncio
import hashlib
import hmac
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import orjson

from domain.access.roles import Actor, Role
from domain.records import Direction
from operations.integrations.create import CreateIntegration, create_integration
from operations.integrations.credentials import SetCredentials, set_credentials
from tests import postgres, valkey
from tests.bench.load import CONNECTIONS, percentile
from tests.bench.site import DATABASES, Server, Site, at_hand, serving, site

INTEGRATIONS: Final = 100
_SECRET: Final = "of a benchmark"  # noqa: S105 — as it says
_ADA: Final = Actor(
    id="ada",
    name="ada",
    roles=frozenset({Role.PLATFORM_ADMINISTRATOR}),
    scopes=frozenset({"*"}),
)


async def _integrate(where: Site) -> None:
    """Set up what deliveries are for."""
    async with at_hand(where) as runtime:
        for number in range(INTEGRATIONS):
            ask = CreateIntegration(
                key=f"snow-{number}",
                name=None,
                provider_key="servicenow",
                base_url="http://127.0.0.1:9",
                direction=Direction.INBOUND,
            )
            made = await create_integration(runtime, _ADA, ask)
            secret = SetCredentials(integration_id=made, values={"webhook_secret": _SECRET})
            await set_credentials(runtime, _ADA, secret)


def _requests() -> Iterator[bytes]:
    """Return deliveries without an end, each of its own name, as long as a real one."""
    record = {f"field_{number}": "x" * 20 for number in range(60)}
    for number, integration in enumerate(cycle(range(INTEGRATIONS))):
        told = {"event": "incident.updated", "sys_id": f"{number:032x}", "record": record}
        body = orjson.dumps(told)
        proof = hmac.new(_SECRET.encode(), body, hashlib.sha256).hexdigest()
        head = (
            f"POST /webhooks/servicenow/snow-{integration} HTTP/1.1\r\nHost: localhost\r\n"
            f"X-Watchpane-Signature: sha256={proof}\r\nX-Watchpane-Delivery: {number}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


async def measure(where: Site, deliveries: int) -> dict[str, Any]:
    """Return how long one waits alone, and among eight who send without a pause."""
    await _integrate(where)
    requests = _requests()
    with serving(where, "im", "serve") as server:
        await _times(server, requests, count=INTEGRATIONS, connections=1)
        alone = await _times(server, requests, count=deliveries // 10, connections=1)
        before, began = server.process.cpu_seconds, time.perf_counter()
        crowded = await _times(server, requests, count=deliveries, connections=CONNECTIONS)
        took, used = time.perf_counter() - began, server.process.cpu_seconds - before
    (stored,) = await where.tables.rows("SELECT count(*) AS n FROM inbound")
    if stored["n"] != INTEGRATIONS + deliveries // 10 + deliveries:
        raise ValueError(f"{stored['n']} deliveries were stored")
    return {
        "deliveries": deliveries,
        "p50": percentile(alone, 50),
        "p95": percentile(alone, 95),
        "crowded_p50": percentile(crowded, 50),
        "crowded_p95": percentile(crowded, 95),
        "accepted_per_second": deliveries / took,
        "cpu_ms": used / deliveries * 1000,
    }


async def _times(
    server: Server, requests: Iterator[bytes], *, count: int, connections: int
) -> list[float]:
    """Send a number of deliveries; return how many milliseconds each took to be accepted."""
    left = iter(range(count))
    times: list[float] = []

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for _ in left:
            began = time.perf_counter()
            writer.write(next(requests))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
            if b" 202 " not in head.split(b"\r\n", 1)[0]:
                raise ValueError(f"{head.decode()}{body.decode()}")
            times.append((time.perf_counter() - began) * 1000)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(work() for _ in range(connections)))
    return times


def main() -> None:
    """Measure on both databases, and print the figures."""
    with (
        tempfile.TemporaryDirectory(prefix="wp-bench-") as made,
        postgres.running() as server,
        valkey.running() as redis_url,
    ):
        for name in DATABASES:
            folder = Path(made) / name
            folder.mkdir()

            async def one(name: str = name, folder: Path = folder) -> dict[str, Any]:
                return await measure(await site(name, folder, server, redis_url), 4_000)

            figures = asyncio.run(one())
            print(name, ", ".join(f"{what} {value:,.1f}" for what, value in figures.items()))  # noqa: T201 — a program's answer


if __name__ == "__main__":
    main()
