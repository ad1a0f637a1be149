"""Measures the figures of the budget table: ``make bench``, or ``make bench ARGS=--quick``.

A quick one takes a minute and a half: it has a tenth of the rows, and SQLite alone.
``make bench ARGS=--growth`` mirrors the vendors at growing sizes instead.
"""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from tests import postgres, valkey
from tests.bench import door, fanout, growth, ingest, reads, sides, targets, tick, vendors
from tests.bench.site import DATABASES, Site, site
from tests.postgres import Postgres

ROOT: Final = Path(__file__).parents[2]
RESULT: Final = ROOT / ".bench" / "result.json"
BASELINE: Final = Path(__file__).with_name("baseline.json")
_MEASURED: Final = ("strawberry-graphql", "starlette", "uvicorn", "tortoise-orm", "asyncpg")


async def _measure(
    folder: Path, servers: tuple[Postgres, str], *, is_quick: bool
) -> dict[str, Any]:
    """Return all figures of one database, whose kind the folder is named after."""
    incidents, rounds, count = (10_000, 1, 50) if is_quick else (100_000, 3, 300)

    async def fresh(part: str) -> Site:
        place = folder / part
        place.mkdir(parents=True)
        return await site(folder.name, place, *servers)

    filled = await fresh("filled")
    tokens = await reads.prepare(filled, incidents)
    return {
        "reads": await reads.measure(filled, tokens, incidents, rounds=rounds, count=count),
        "fanout": await fanout.measure(
            await fresh("fanout"), subscribers=1_000, events=20 if is_quick else 100
        ),
        "door": await door.measure(await fresh("door"), 400 if is_quick else 4_000),
        "sides": await sides.measure(
            await fresh("sides"),
            records=1_000 if is_quick else 4_000,
            seconds=15 if is_quick else 60,
        ),
        "tick": await tick.grown(
            [await fresh(part) for part in ("few-clocks", "many-clocks")],
            clocks=10_000 if is_quick else 100_000,
        ),
        "ingest": await ingest.measure(await fresh("ingest"), 2_000 if is_quick else 20_000),
        "sync": {
            key: await growth.measure(
                folder / key, servers, key, folder.name, 1_000 if is_quick else 100_000
            )
            for key in vendors.KEYS
        },
    }


def _surroundings() -> dict[str, Any]:
    """Say what was measured, and what else the machine was doing."""
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 — wherever it is
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return {
        "commit": told.stdout.strip(),
        "versions": {name: version(name) for name in _MEASURED},
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
    }


def _show(result: Mapping[str, Any], baseline: Mapping[str, Mapping[str, float]]) -> None:
    before, after = result["before"], result["after"]
    typer.echo(f"commit {before['commit']}, {before['processors']} processors")
    typer.echo(f"load {before['load'][0]:.1f} before, {after['load'][0]:.1f} after")
    for name in (one for one in DATABASES if one in result):
        typer.echo(f"\n{name}: figure, target, and change against the baseline")
        for line in targets.lines(result[name], baseline.get(name, {})):
            typer.echo(line)
        for line in targets.facts(result[name]):
            typer.echo(line)
        typer.echo(growth.HEAD)
        for key in vendors.KEYS:
            for line in growth.lines(key, name, result[name]["sync"][key]):
                typer.echo(line)


def main(
    *,
    quick: Annotated[bool, typer.Option(help="10,000 incidents, one round, SQLite.")] = False,
    keep: Annotated[bool, typer.Option(help="Let these ratios be the baseline.")] = False,
    grow: Annotated[bool, typer.Option("--growth", help="Only mirror, size after size.")] = False,
) -> None:
    """Measure on each database, write the result, and print it against the targets."""
    if grow:
        growth.main()
        return
    if quick and keep:
        raise typer.BadParameter("a quick measurement is no baseline")
    result: dict[str, Any] = {"before": _surroundings()}
    with (
        tempfile.TemporaryDirectory(prefix="wp-bench-") as made,
        postgres.running() as server,
        valkey.running() as redis_url,
    ):
        for name in DATABASES[:1] if quick else DATABASES:
            work = _measure(Path(made) / name, (server, redis_url), is_quick=quick)
            result[name] = asyncio.run(work)
    result["after"] = _surroundings()
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    # The ratios of fewer rows are others.
    baseline = {} if quick else orjson.loads(BASELINE.read_bytes())
    _show(result, baseline)
    if keep:
        kept = {name: targets.ratios(result[name]) for name in DATABASES}
        BASELINE.write_bytes(
            orjson.dumps(kept, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )


if __name__ == "__main__":
    typer.run(main)
