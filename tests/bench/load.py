"""A load generator: requests on a few open connections, as fast as they are answered."""

import asyncio
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Final

import orjson

from tests.bench.site import Server

CONNECTIONS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A query with the variables that its requests take turns with."""

    name: str
    query: str
    variables: Sequence[Mapping[str, Any]]

    def requests(self, tokens: Sequence[str]) -> Iterator[bytes]:
        """Return requests without an end, each of another caller (a caller has an allowance)."""
        bodies = [
            orjson.dumps({"query": self.query, "variables": variables})
            for variables in self.variables
        ]
        for body, token in zip(cycle(bodies), cycle(tokens), strict=False):
            head = (
                "POST /graphql HTTP/1.1\r\nHost: localhost\r\n"
                "Content-Type: application/json\r\nAccept: application/json\r\n"
                f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            yield head.encode() + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round has measured; times are milliseconds.

    p50, p95: what a caller waits who is alone. crowded_p50, crowded_p95: what
    each of eight waits who ask without a pause, as ``per_second`` and ``cpu`` say.
    """

    p50: float
    p95: float
    crowded_p50: float
    crowded_p95: float
    per_second: float
    cpu: float


async def load(server: Server, operation: Operation, tokens: Sequence[str], *, count: int) -> Round:
    """Send requests over one connection, then over several, and measure each."""
    requests = operation.requests(tokens)
    alone = await _times(server, requests, count=max(30, count // 10), connections=1)
    before, began = server.process.cpu_seconds, time.perf_counter()
    crowded = await _times(server, requests, count=count, connections=CONNECTIONS)
    took, used = time.perf_counter() - began, server.process.cpu_seconds - before
    return Round(
        p50=percentile(alone, 50),
        p95=percentile(alone, 95),
        crowded_p50=percentile(crowded, 50),
        crowded_p95=percentile(crowded, 95),
        per_second=count / took,
        cpu=used / count * 1000,
    )


async def _times(
    server: Server, requests: Iterator[bytes], *, count: int, connections: int
) -> list[float]:
    """Send a number of requests, and return how long each took."""
    left = iter(range(count))
    times: list[float] = []

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for _ in left:
            began = time.perf_counter()
            await _answer(reader, writer, next(requests))
            times.append((time.perf_counter() - began) * 1000)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(work() for _ in range(connections)))
    return times


async def answers(server: Server, operation: Operation, tokens: Sequence[str]) -> list[Any]:
    """Return the data for each set of variables, asked one after the other."""
    requests = operation.requests(tokens)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    found = [
        orjson.loads(await _answer(reader, writer, next(requests)))["data"]
        for _ in operation.variables
    ]
    writer.close()
    await writer.wait_closed()
    return found


def percentile(values: Sequence[float], share: int) -> float:
    """Return the least value that this share, in percent, does not exceed."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> bytes:
    """Return a body; raise ValueError for anything but an answer without errors."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    body = await reader.readexactly(length)
    if b" 200 " not in head.split(b"\r\n", 1)[0] or b'"errors":' in body:
        raise ValueError(f"{head.decode()}{body[:500].decode()}")
    return body
