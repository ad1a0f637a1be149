"""How mirroring grows with what a vendor has: rates and memory, size after size."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tests import postgres, valkey
from tests.bench import sync, vendors
from tests.bench.site import DATABASES, site
from tests.postgres import Postgres

SIZES: Final = (10_000, 100_000, 300_000)
HEAD: Final = (
    f"  {'vendor':<12}{'database':<10}{'phase':<13}{'records':>9}{'rows':>11}{'requests':>10}"
    f"{'seconds':>9}{'records/s':>11}{'rows/s':>9}{'ms cpu':>8}{'own MB':>8}{'peak MB':>9}"
)


async def measure(
    folder: Path, servers: tuple[Postgres, str], key: str, database: str, records: int
) -> dict[str, Any]:
    """Mirror a vendor of a size into a fresh database; the folder is not there yet."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    with vendors.running(key, records) as source:
        return await sync.measure(await site(database, folder, *servers), source, records)


def lines(key: str, database: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line of the table for each phase."""
    memory = found["worker_megabytes"]
    for phase in ("initial", "incremental"):
        one = found[phase]
        yield (
            f"  {key:<12}{database:<10}{phase:<13}{one['records']:>9,}{one['rows']:>11,}"
            f"{one['requests']:>10,}{one['seconds']:>9.1f}{one['records_per_second']:>11,.0f}"
            f"{one['rows_per_second']:>9,.0f}{one['cpu']:>8.2f}{memory['own']:>8.0f}"
            f"{memory['peak']:>9.0f}"
        )


def main(
    *,
    vendor: Annotated[list[str] | None, typer.Option(help="Of these only.")] = None,
    database: Annotated[list[str] | None, typer.Option(help="Into these only.")] = None,
    size: Annotated[list[int] | None, typer.Option(help="About so many records.")] = None,
) -> None:
    """Print what mirroring each vendor costs, at each size and into each database."""
    typer.echo(HEAD)
    with (
        tempfile.TemporaryDirectory(prefix="wp-growth-") as made,
        postgres.running() as server,
        valkey.running() as redis_url,
    ):
        chosen = product(vendor or vendors.KEYS, database or DATABASES, size or SIZES)
        for key, name, records in chosen:
            folder = Path(made) / key / name / str(records)
            work = measure(folder, (server, redis_url), key, name, records)
            for line in lines(key, name, asyncio.run(work)):
                typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
