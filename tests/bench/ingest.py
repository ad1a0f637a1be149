"""Writing many rows: ours beside Tortoise's ``bulk_create``, in turns."""

import time
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from statistics import median
from typing import Any, Final

from tortoise.transactions import in_transaction

from models import bulk
from models.tables.incident import IncidentRow
from tests.bench.seed import Line, incident_lines
from tests.bench.site import Site, at_hand

_BATCH: Final = 2_000
_ROUNDS: Final = 3
Write = Callable[[Sequence[Line]], Awaitable[None]]


async def _ours(lines: Sequence[Line]) -> None:
    async with in_transaction("default") as connection:
        await bulk.upsert(connection, "incident", lines, key=("id",), guard="", overwrite=True)


async def _stock(lines: Sequence[Line]) -> None:
    async with in_transaction("default"):
        await IncidentRow.bulk_create(
            [IncidentRow(**line) for line in lines],
            on_conflict=["id"],
            update_fields=[name for name in lines[0] if name != "id"],
        )


_WRITERS: Final[dict[str, Write]] = {"ours": _ours, "stock": _stock}


def _batches(lines: Sequence[Line]) -> list[Sequence[Line]]:
    return [lines[start : start + _BATCH] for start in range(0, len(lines), _BATCH)]


async def measure(site: Site, rows: int) -> dict[str, Any]:
    """Return rows a second: into an empty table, then over the same rows."""
    found: dict[str, dict[str, list[float]]] = {
        name: {"first": [], "again": []} for name in _WRITERS
    }
    async with at_hand(site) as runtime:
        lines = incident_lines(rows, now=runtime.now(), chance=Random(1))  # noqa: S311 — the same work each time
        for turn in range(_ROUNDS):
            order = list(_WRITERS) if turn % 2 else list(reversed(_WRITERS))
            for name in order:
                await IncidentRow.all().delete()
                for which in ("first", "again"):
                    began = time.perf_counter()
                    for batch in _batches(lines):
                        await _WRITERS[name](batch)
                    found[name][which].append(rows / (time.perf_counter() - began))
        await IncidentRow.all().delete()
    middle = {
        name: {which: median(of) for which, of in each.items()} for name, each in found.items()
    }
    ratios = {which: middle["ours"][which] / middle["stock"][which] for which in ("first", "again")}
    return {"rows": rows, "rows_per_second": middle, "ratios": ratios}
