"""Processes that may not start say why in one line; a token opens the door."""

import asyncio
import sys
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.contract import Access, Mappings, Vendor, renew_alone
from adapters.servicenow.manifest import SERVICENOW
from im import boot
from im.address import listener
from im.policy import need_policy
from im.processes.token import token
from im.refusal import EXIT_CONFIGURATION
from im.settings import child_environment, read
from operations.access.authenticate import authenticate
from operations.runtime import Account
from operations.sla.look import PACKAGED
from operations.sla.policy_in_force import policy_in_force
from operations.sla.policy_text import read_policy
from tests.im.processes.parents import ROOT
from tests.operations.sla.written import WHOLE, put


async def refused(*words: str, **settings: str) -> str:
    """Run a verb that must refuse, and return the one line that it says."""
    env = child_environment({"REDIS_URL": ""} | settings)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "im", *words, cwd=ROOT, env=env, stderr=asyncio.subprocess.PIPE
    )
    _, told = await process.communicate()
    assert process.returncode == EXIT_CONFIGURATION
    lines = told.decode().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


async def test_a_database_that_is_away_is_refused_in_one_line(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    assert "is missing or cannot be written" in await refused("token", "x", DATA_DIR=missing)
    away = {"DB_TYPE": "postgres", "DB_HOST": "127.0.0.1", "DB_PORT": "1"}
    assert "cannot be opened" in await refused("migrate", DATA_DIR=str(tmp_path), **away)
    assert "cannot be made" in await refused("migrate", DATA_DIR="/dev/null/x")


async def test_a_database_that_is_not_migrated_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "run `im migrate`" in await refused("token", "x", DATA_DIR=str(tmp_path))


async def test_serving_without_redis_is_refused_in_one_line(migrated_folder: Path) -> None:
    for verb in ("serve", "work"):
        line = await refused(verb, DATA_DIR=str(migrated_folder), PORT=str(_free_port()))
        assert "REDIS_URL is empty" in line


async def test_serving_without_service_levels_is_refused_in_one_line(
    migrated_folder: Path, tmp_path: Path
) -> None:
    torn = tmp_path / "torn.yaml"
    put(torn, WHOLE[:900])
    # nothing listens there, and nothing is asked of it before the refusal
    folder = str(migrated_folder)
    env = {"DATA_DIR": folder, "REDIS_URL": "redis://127.0.0.1:1", "SLA_CONFIG": str(torn)}
    for verb in ("serve", "work"):
        line = await refused(verb, PORT=str(_free_port()), **env)
        assert f"{torn}: line " in line
        assert "no service levels are in force" in line


async def test_the_packaged_service_levels_hold_where_there_are_no_others(
    migrated_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(migrated_folder)
    settings = read({"DATA_DIR": str(migrated_folder)})
    async with boot.started(settings):
        runtime = boot.runtime_of(settings, None, allows_local=False)
        await need_policy(runtime)
        found = await policy_in_force(runtime)
    assert found.file.path == PACKAGED
    assert found.policy == read_policy(WHOLE)


async def test_a_token_is_printed_once_and_opens_the_door(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read({"DATA_DIR": str(tmp_path)})
    await boot.migrate(settings)
    await token(settings, name="ops")
    printed = capsys.readouterr().out.strip()
    assert printed.encode() not in settings.db_path.read_bytes()
    async with boot.started(settings):
        runtime = boot.runtime_of(settings, None, allows_local=False)
        assert (await authenticate(runtime, printed)).name == "ops"


async def test_processes_open_a_vendor_at_one_shared_pace(tmp_path: Path, valkey_url: str) -> None:
    settings = read({"DATA_DIR": str(tmp_path), "REDIS_URL": valkey_url})
    opened: list[Access] = []

    def connect(access: Access) -> Vendor:
        opened.append(access)
        return SERVICENOW.connect(access)

    account = Account(
        integration_id=str(tmp_path),
        manifest=replace(SERVICENOW, connect=connect),
        base_url="https://acme.example.com",
        credentials={"user": "u", "password": "p"},
        renew=renew_alone,
        mappings=Mappings(SERVICENOW.mappings),
        requests_per_minute=600,
        slows_down=True,
    )
    first, second = (boot.runtime_of(settings, None, allows_local=False) for _ in range(2))
    async with aclosing(first.budget), aclosing(second.budget):
        await first.connect(account).close()
        async with opened[0].pace():
            pass
        await opened[0].throttled(timedelta(minutes=5))
        left = await second.budget.left(account.integration_id, per_minute=600)
    assert left is not None
    assert left.remaining == 0
    assert left.slowed_until is not None
    assert opened[0].mappings is account.mappings
    assert opened[0].renew is account.renew


def _free_port() -> int:
    listening = listener("127.0.0.1", 0)
    with listening:
        return int(listening.getsockname()[1])
