"""One alert told to many subscribers: when does the last of them know?

``python -m tests.bench.fanout`` measures crowds of 1,000 and 3,000 on both databases, a
hundred of whom never read, beside Strawberry's own handler.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import typer
import uvloop
from redis.asyncio import Redis

from domain.access.roles import Role
from models.tables.ticket import TicketRow
from operations.access.issue_token import IssueToken, issue_token
from tests import given, postgres, valkey
from tests.bench.crowd import Crowd
from tests.bench.load import percentile
from tests.bench.site import DATABASES, Server, Site, at_hand, serving, site
from workers.wake import CHANNEL

SUBSCRIBERS: Final = 1_000
SILENT: Final = 100
# Sockets that one token may hold.
_EACH: Final = 20
_SELECTED: Final = "id level clock percent raisedAt escalationLevel"
_OURS: Final = f"""
subscription {{
  alerts {{ ... on StreamItem {{ cursor }} ... on AlertEvent {{ alert {{ {_SELECTED} }} }} }}
}}
"""
_STOCK: Final = f"subscription {{ alerts {{ cursor alert {{ {_SELECTED} }} }} }}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """Who is measured: its module, what is asked of it, and how it hears of a commit."""

    module: Sequence[str]
    query: str
    nudge: Callable[[Server, Redis], Awaitable[object]]


async def _published(_: Server, redis: Redis) -> None:
    await redis.publish(CHANNEL, "events")


async def _posted(server: Server, _: Redis) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        await client.post(f"http://127.0.0.1:{server.port}/tell")


SIDES: Final = {
    "ours": _Side(module=("im", "serve"), query=_OURS, nudge=_published),
    "stock": _Side(module=("tests.bench.stock",), query=_STOCK, nudge=_posted),
}


async def measure(where: Site, *, subscribers: int, events: int) -> dict[str, Any]:
    """Commit one alert after the other; return after how long the last who reads had each."""
    found: dict[str, Any] = {"subscribers": subscribers, "silent": SILENT}
    async with at_hand(where) as runtime, Redis.from_url(where.environment["REDIS_URL"]) as redis:
        tokens = [
            await issue_token(
                runtime, IssueToken(name=f"listener {number}", roles=(Role.VIEWER,), scopes=("*",))
            )
            for number in range(-(-subscribers // _EACH))
        ]
        ticket = await given.ticket(created_at=runtime.now(), updated_at=runtime.now())
        for name, side in SIDES.items():
            crowd = Crowd()
            with serving(where, *side.module) as server:
                callers = [tokens[number % len(tokens)] for number in range(subscribers)]
                await crowd.join(server.port, side.query, callers, silent=SILENT)
                idle, before = server.process.own_bytes, server.process.cpu_seconds
                delays = [await _tell(server, redis, crowd, side, ticket) for _ in range(events)]
                found[name] = {
                    "last_p50": percentile(delays, 50),
                    "last_p99": percentile(delays, 99),
                    "cpu_per_delivery": (server.process.cpu_seconds - before)
                    / (events * subscribers)
                    * 1000,
                    "idle_megabytes": idle / 1e6,
                    "megabytes": server.process.own_bytes / 1e6,
                    "peak_megabytes": server.process.peak_bytes / 1e6,
                }
            crowd.leave()
    found["times"] = found["stock"]["last_p50"] / found["ours"]["last_p50"]
    return found


async def _tell(
    server: Server, redis: Redis, crowd: Crowd, side: _Side, ticket: TicketRow
) -> float:
    """Commit an alert and say so; return the milliseconds until all have heard of it."""
    (raised,) = given.raised(await given.alerts(ticket))
    crowd.expect()
    began = time.perf_counter()
    await given.told(raised)
    await side.nudge(server, redis)
    return (await crowd.last() - began) * 1000


def main(*, subscribers: list[int] | None = None, events: int = 100) -> None:
    """Measure, and print the figures."""
    with (
        tempfile.TemporaryDirectory(prefix="wp-bench-") as made,
        postgres.running() as server,
        valkey.running() as redis_url,
    ):
        for name in DATABASES:
            for count in subscribers or (SUBSCRIBERS, 3 * SUBSCRIBERS):
                folder = Path(made) / name / str(count)
                folder.mkdir(parents=True)

                async def one(name: str = name, count: int = count, folder: Path = folder) -> Any:  # noqa: ANN401 — figures
                    where = await site(name, folder, server, redis_url)
                    return await measure(where, subscribers=count, events=events)

                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    typer.echo(f"{name}: {runner.run(one())}")


if __name__ == "__main__":
    typer.run(main)
