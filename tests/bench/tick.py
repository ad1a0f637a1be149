"""A tick over many running clocks of which few are due: what it costs, and how that grows.

``python -m tests.bench.tick`` looks at 10,000, 100,000 and 1,000,000 clocks of which 1,000 are
due, on both databases: some four minutes.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any, Final

import typer
from tortoise.connection import get_connection

from domain.records import Priority, TicketStatus
from domain.sla.terms import SlaClockKind, SlaPhase, SlaState, SlaSubjectKind
from models import bulk
from models.coding import MILLISECOND, to_milliseconds
from models.dialect import is_sqlite
from operations.runtime import Runtime
from operations.sla.judge import judged
from operations.sla.look import Seen
from operations.sla.take_policy import take_policy
from operations.sla.tick import evaluate_due
from tests import postgres, valkey
from tests.bench.seed import Line, key
from tests.bench.site import DATABASES, Site, at_hand, site

_POLICY: Final = b"""version: 1
calendars: {always: {always: true}}
policies: [{name: all, when: {}, resolution: {target: 240m, calendar: always}}]
notify: {ALERT: [slack], BREACH: [slack]}
end: sla_config
"""
_ALERT: Final = timedelta(minutes=204)
_BREACH: Final = timedelta(minutes=240)
_STANDS: Final = {"status": TicketStatus.OPEN, "priority": Priority.P1, "tier": "GOLD"}
_BATCH: Final = 5_000
_SIZES: Final = (10_000, 100_000, 1_000_000)


async def grown(sites: Sequence[Site], *, clocks: int) -> dict[str, Any]:
    """Measure a tenth of the clocks and all of them; of both, as many are due: 1 % of all."""
    few, many = [
        await measure(site, clocks=size, due=clocks // 100)
        for site, size in zip(sites, (clocks // 10, clocks), strict=True)
    ]
    return {"few": few, "many": many, "growth": many["seconds"] / few["seconds"]}


async def measure(site: Site, *, clocks: int, due: int) -> dict[str, float]:
    """Let so many of the clocks reach their alert, then their breach; return seconds a tick.

    processor: how much of it was spent in this process.
    idle_ms: a round in which nothing is due.
    """
    async with at_hand(site) as hand:
        began = now = hand.now()
        runtime = replace(hand, now=lambda: now)
        await _fill(runtime, clocks, due)
        ticks = []
        for span in (timedelta(0), _BREACH - _ALERT):
            now = began + span
            ticks.append(await _tick(runtime, due))
        now += timedelta(minutes=2)
        idle_seconds, _ = await _tick(runtime, 0)
    return {
        "clocks": clocks,
        "due": due,
        "seconds": mean(wall for wall, _ in ticks),
        "processor": mean(processor for _, processor in ticks),
        "idle_ms": 1000 * idle_seconds,
    }


async def _tick(runtime: Runtime, due: int) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    done = await evaluate_due(runtime)
    took = time.perf_counter() - wall, time.process_time() - processor
    if done is None or (done.looked_at, done.raised) != (due, due):
        raise ValueError(f"{due} clocks are due, and this was seen: {done}")
    return took


async def _fill(runtime: Runtime, clocks: int, due: int) -> None:
    """Put tickets there whose clocks have been looked at before; the first ones are due now."""
    seen = Seen(name="bench", digest=sha256(_POLICY).hexdigest(), content=_POLICY)
    await take_policy(runtime, seen, judged(seen), by="a bench")
    connection = get_connection("default")
    (file,) = await bulk.rows(connection, "SELECT version FROM sla_file", ())
    version = file["version"]
    now = runtime.now()
    made = (_made(number, now, is_due=number < due) for number in range(clocks))
    while batch := list(islice(made, _BATCH)):
        await _insert(batch, version)
    await bulk.rows(connection, "UPDATE schedule SET walk_version = $1 RETURNING name", (version,))
    if not is_sqlite(connection):
        # What autovacuum does for a server.
        for table in ("ticket", "ticket_step", "sla_subject", "sla_clock", "alert"):
            await connection.execute_query(f"VACUUM ANALYZE {table}")


def _made(number: int, now: datetime, *, is_due: bool) -> tuple[str, int]:
    """Return a ticket's id, and when it was made: so long ago that it alerts now, or half of it."""
    span = _ALERT if is_due else _ALERT / 2
    return key(4, number), to_milliseconds(now - span)


async def _insert(batch: Sequence[tuple[str, int]], version: str) -> None:
    tables = {
        "ticket": [_ticket(one, made) for one, made in batch],
        "ticket_step": [
            {"ticket_id": one, "at": made, "content": "", "by": "ada", **_STANDS}
            for one, made in batch
        ],
        "sla_subject": [_subject(one, made) for one, made in batch],
        "sla_clock": [_clock(one, made) | {"policy": version} for one, made in batch],
    }
    for table, lines in tables.items():
        await bulk.insert(get_connection("default"), table, lines)


def _ticket(one: str, made: int) -> Line:
    return {
        "id": one,
        "source_id": one,
        "sent_as": one,
        "title": "Mail is down",
        "extra": "{}",
        "created_at": made,
        "updated_at": made,
        "version": 1,
        **_STANDS,
    }


def _subject(one: str, made: int) -> Line:
    return {
        "id": one,
        "kind": SlaSubjectKind.TICKET,
        "look_at": made + _ALERT // MILLISECOND,
        "state": SlaState.OK,
    }


def _clock(one: str, made: int) -> Line:
    return {
        "subject_id": one,
        "kind": SlaClockKind.RESOLUTION,
        "phase": SlaPhase.RUNNING,
        "cycle": 1,
        "target_ms": _BREACH // MILLISECOND,
        "elapsed_ms": 0,
        "started_at": made,
        "alert_at": made + _ALERT // MILLISECOND,
        "breach_at": made + _BREACH // MILLISECOND,
        "calendar": "always",
        "rule": "all",
        "priority": Priority.P1,
    }


def main(*, clocks: list[int] | None = None, due: int = 1_000) -> None:
    """Measure each size, and print the figures."""
    with (
        tempfile.TemporaryDirectory(prefix="wp-bench-") as made,
        postgres.running() as server,
        valkey.running() as redis_url,
    ):
        for name in DATABASES:
            for count in clocks or _SIZES:
                folder = Path(made) / name / str(count)
                folder.mkdir(parents=True)

                async def one(name: str = name, count: int = count, folder: Path = folder) -> Any:  # noqa: ANN401 — figures
                    where = await site(name, folder, server, redis_url)
                    return await measure(where, clocks=count, due=due)

                typer.echo(f"{name}: {asyncio.run(one())}")


if __name__ == "__main__":
    typer.run(main)
