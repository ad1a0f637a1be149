"""Mirroring a simulated vendor: a worker in a process of its own, watched from outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from adapters.registry import manifest
from im import boot
from im.processes.demo import OPERATOR, prepare
from im.processes.waiting import until
from models.coding import to_milliseconds
from operations.sync.start import StartSync, start_sync
from tests.bench.site import Site, at_hand, running
from tests.bench.vendors import Source

Run = Mapping[str, Any]
_LONGEST_SECONDS: Final = 1_800
# What is written beside the records.
_BESIDE: Final = ("edit", "note", "relation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What mirroring one phase has cost.

    rows: records, and what stands beside them. seconds: from the first run's start to the
    last one's end. cpu: milliseconds of the worker's processor a record.
    """

    records: int
    rows: int
    requests: int
    seconds: float
    records_per_second: float
    rows_per_second: float
    cpu: float


async def measure(site: Site, source: Source, records: int) -> dict[str, Any]:
    """Mirror all, then what 1 % of the records have become; return rates and memory.

    records: about how many the vendor has.
    """
    await source.complete(records)
    await prepare(site.settings, {source.key: source.facts}, token=None)
    with running(site, "im", "work") as worker:
        own: list[int] = []

        async def mirrored(phase: str, changes: int) -> Figures:
            """Let records change, wait until all has been read since, and say what it has cost."""
            asked, used = await source.requests(), worker.cpu_seconds
            before, since = await _beside(site), to_milliseconds(boot.now())
            until_read = 0
            if changes:
                await source.change(changes)
                until_read = to_milliseconds(boot.now())
                await _pull(site, source)
            await ended(site, phase, until_read, lambda: own.append(worker.own_bytes))
            runs = await _runs(site, phase, since if changes else 0)
            return _figures(
                runs,
                beside=await _beside(site) - before,
                requests=await source.requests() - asked,
                cpu_seconds=worker.cpu_seconds - used,
            )

        initial = await mirrored("BACKFILL", 0)
        incremental = await mirrored("INCREMENTAL", max(1, records // 100))
        memory = {"own": max(own) / 1e6, "peak": worker.peak_bytes / 1e6}
    return {
        "initial": asdict(initial),
        "incremental": asdict(incremental),
        "worker_megabytes": memory,
    }


def _figures(runs: Sequence[Run], *, beside: int, requests: int, cpu_seconds: float) -> Figures:
    """Sum up runs; while they overlap, their time counts once."""
    records = sum(run["written"] for run in runs)
    seconds = _covered(runs) / 1000
    return Figures(
        records=records,
        rows=records + beside,
        requests=requests,
        seconds=seconds,
        records_per_second=records / seconds,
        rows_per_second=(records + beside) / seconds,
        cpu=cpu_seconds / records * 1000,
    )


def _covered(runs: Sequence[Run]) -> int:
    """Return how many milliseconds any of the runs has taken."""
    covered = reached = 0
    for run in sorted(runs, key=lambda run: run["started_at"]):
        covered += max(0, run["finished_at"] - max(reached, run["started_at"]))
        reached = max(reached, run["finished_at"])
    return covered


async def _pull(site: Site, source: Source) -> None:
    """Ask for all kinds now: the next poll is seconds away."""
    ask = StartSync(integration_id=None, kinds=manifest(source.key).kinds)
    async with at_hand(site) as runtime:
        await start_sync(runtime, OPERATOR, ask)


async def ended(
    site: Site, phase: str, since: int = 0, look: Callable[[], None] = lambda: None
) -> None:
    """Wait until each kind has been read in a run of a phase that began since then.

    look: is called twice a second meanwhile.
    """
    (kinds,) = await site.tables.rows("SELECT count(*) AS n FROM watermark")

    async def is_over() -> bool:
        look()
        read = {run["kind"] for run in await _runs(site, phase, since)}
        return len(read) == int(kinds["n"])

    await until(is_over, seconds=_LONGEST_SECONDS, every_seconds=0.5)


async def _runs(site: Site, phase: str, since: int) -> list[Run]:
    """Return the ended runs of a phase that began since then. Raises ValueError for a failure."""
    ended = await site.tables.rows(
        "SELECT kind, phase, written, started_at, finished_at, error"
        " FROM sync_run WHERE finished_at IS NOT NULL"
    )
    failed = [run["error"] for run in ended if run["error"] is not None]
    if failed:
        raise ValueError(failed[0])
    return [run for run in ended if run["phase"] == phase and run["started_at"] >= since]


async def _beside(site: Site) -> int:
    """Return how many rows stand beside the records."""
    found = 0
    for table in _BESIDE:
        (row,) = await site.tables.rows(f"SELECT count(*) AS n FROM {table}")  # noqa: S608 — a table of ours
        found += int(row["n"])
    return found
