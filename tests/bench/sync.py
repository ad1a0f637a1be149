"""Mirroring a simulated vendor: a worker in a process of its own, watched from outside."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import orjson

from im.processes.child import leash
from im.processes.demo import prepare
from im.processes.waiting import until
from tests.bench.site import Site, running
from tests.journeys.vendor import Vendor

# Rows of the log: some 5,000 incidents.
QUICK_ROWS: Final = 31_000
# Of the whole log: together 99,672 incidents.
COPIES: Final = 4
_LONGEST_SECONDS: Final = 1_800
# Of the versions, in order of time; what is left is there to be changed.
_HISTORY: Final = "0.98"


@contextmanager
def vendor(*, rows: int, copies: int) -> Iterator[Vendor]:
    """Run a simulated ServiceNow that writes only when told to."""
    held = leash()
    options = {
        "--rows": str(rows),
        "--copies": str(copies),
        "--history": _HISTORY,
        "--speed": "0",
    }
    words = [word for option in options.items() for word in option]
    process = subprocess.Popen(  # noqa: S603 — our own module
        [*held.prefix, sys.executable, "-m", "simulators", "servicenow", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        pass_fds=held.inherited,
        start_new_session=True,
    )
    held.started()
    try:
        assert process.stdout is not None
        facts = orjson.loads(process.stdout.readline())
        yield Vendor(url=facts["url"], user=facts["user"], password=facts["password"])
    finally:
        process.kill()
        process.communicate()
        held.close()


async def measure(site: Site, source: Vendor) -> dict[str, Any]:
    """Mirror all, then what 1 % of the incidents have become; return rates and memory."""
    facts = {"url": source.url, "user": source.user, "password": source.password}
    await prepare(site.settings, {"servicenow": facts}, token=None)
    with running(site, "im", "work") as worker:
        own: list[int] = []
        first = await _run(site, "BACKFILL", lambda: own.append(worker.own_bytes))
        edits = await _count(site, "edit")
        steps = first["read"] // 100
        await source.step(steps)
        changed = await _run(site, "INCREMENTAL", lambda: own.append(worker.own_bytes))
        peak = worker.peak_bytes
    seconds = first["seconds"]
    return {
        "initial": {
            "incidents": first["read"],
            "history_rows": edits,
            "seconds": seconds,
            "incidents_per_second": first["read"] / seconds,
            "rows_per_second": (first["read"] + edits) / seconds,
        },
        "incremental": {
            "changes": steps,
            "incidents": changed["written"],
            "unchanged": changed["unchanged"],
            "history_rows": await _count(site, "edit") - edits,
            "seconds": changed["seconds"],
        },
        "worker_megabytes": {"own": max(own) / 1e6, "peak": peak / 1e6},
    }


async def _run(site: Site, phase: str, look: Callable[[], None]) -> dict[str, Any]:
    """Wait for a run of a phase that has written something, and return its figures.

    look: is called twice a second meanwhile.
    """
    found: list[dict[str, Any]] = []

    async def is_over() -> bool:
        look()
        rows = await site.tables.rows(
            "SELECT phase, read, written, unchanged, finished_at - started_at AS took, error"
            " FROM sync_run WHERE finished_at IS NOT NULL AND (written > 0 OR error IS NOT NULL)"
        )
        found.extend(dict(row) for row in rows if row["phase"] == phase)
        return bool(found)

    await until(is_over, seconds=_LONGEST_SECONDS, every_seconds=0.5)
    if found[0]["error"] is not None:
        raise ValueError(found[0]["error"])
    return {**found[0], "seconds": found[0]["took"] / 1000}


async def _count(site: Site, table: str) -> int:
    (row,) = await site.tables.rows(f"SELECT count(*) AS n FROM {table}")  # noqa: S608 — a table of ours
    return int(row["n"])
