"""``im run``: everything up, told to a person and to a file, and gone at the end."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from im.processes.waiting import until
from im.settings import KEYS, child_environment
from tests.im.processes.parents import ROOT, gone

_START_SECONDS = 60


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Place:
    """A data folder and a port, and what is started there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.ready = folder / "ready.json"
        self.started: list[Process] = []

    async def start(self, *options: str, around: str = "", **settings: str) -> Process:
        env = child_environment({"DATA_DIR": str(self.folder), "PORT": str(self.port)})
        env |= {"DEMO_ROWS": "50", "LOG_LEVEL": "error"} | settings
        words = (sys.executable, *(("-c", around) if around else ("-m", "im")), "run", *options)
        run = await asyncio.create_subprocess_exec(
            *words, cwd=ROOT, env=env, stdout=PIPE, stderr=PIPE
        )
        self.started.append(run)
        return run

    async def is_ready(self) -> dict[str, Any]:
        async def written() -> bool:
            return self.ready.exists()

        await until(written, seconds=_START_SECONDS)
        facts: dict[str, Any] = json.loads(self.ready.read_bytes())
        return facts


@pytest_asyncio.fixture
async def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    """A place whose database is migrated, or none with ``@IN_AN_EMPTY_FOLDER``."""
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)
    is_empty = getattr(request, "param", False)
    place = Place(tmp_path / "new" if is_empty else request.getfixturevalue("migrated_folder"))
    yield place
    for run in place.started:
        if run.returncode is None:
            run.kill()
            await run.communicate()


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


IN_AN_EMPTY_FOLDER = pytest.mark.parametrize("place", [True], indirect=True, ids=["empty"])
_INTEGRATIONS = "{ integrations { edges { node { key direction provider { key } } } } }"


async def _ask(facts: dict[str, Any], query: str) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False) as client:
        asked = await client.post(
            f"{facts['url']}/graphql",
            json={"query": query},
            headers={"authorization": f"Bearer {facts['token']}"},
        )
    data: dict[str, Any] = asked.json()["data"]
    return data


@IN_AN_EMPTY_FOLDER
@pytest.mark.usefixtures("linux")
async def test_a_demo_starts_stops_in_time_and_goes_on_with_the_same_data(place: Place) -> None:
    run = await place.start("--demo")
    first = await place.is_ready()
    assert place.ready.stat().st_mode & 0o777 == 0o600
    assert first["url"] == f"http://127.0.0.1:{place.port}"
    assert {vendor: set(facts) for vendor, facts in first["simulators"].items()} == {
        "servicenow": {"url", "user", "password"},
        "jira": {"url", "email", "token"},
        "pagerduty": {"url", "token", "from"},
        "slack": {"url"},
    }
    edges = (await _ask(first, _INTEGRATIONS))["integrations"]["edges"]
    assert [
        (n["key"], n["provider"]["key"], n["direction"]) for n in (e["node"] for e in edges)
    ] == [
        ("demo-jira", "jira", "BIDIRECTIONAL"),
        ("demo-pd", "pagerduty", "BIDIRECTIONAL"),
        ("demo-snow", "servicenow", "BIDIRECTIONAL"),
    ]

    # when it is told to stop, all children are gone within 5 s, and so is the file
    children = _children(run.pid)
    run.send_signal(signal.SIGTERM)
    async with asyncio.timeout(5):
        told, _ = await run.communicate()
    assert run.returncode == 0
    assert first["token"] in told.decode()
    for child in children:
        await gone(child, seconds=0.1)
    assert not place.ready.exists()

    # then a second start has the same token and simulators
    again = await place.start("--demo")
    assert await place.is_ready() == first
    again.send_signal(signal.SIGTERM)
    await again.communicate()

    # and so has one that knows of ServiceNow alone, as those before it did
    kept = place.folder / "demo.json"
    facts = json.loads(kept.read_bytes())
    kept.write_text(json.dumps({name: facts[name] for name in ("token", "servicenow")}))
    await place.start("--demo")
    third = await place.is_ready()
    assert third["token"] == first["token"]
    assert third["simulators"]["servicenow"] == first["simulators"]["servicenow"]
    assert len((await _ask(third, _INTEGRATIONS))["integrations"]["edges"]) == 3


@pytest.mark.usefixtures("linux")
async def test_a_killed_supervisor_leaves_no_child_and_a_killed_child_comes_back(
    place: Place,
) -> None:
    run = await place.start()
    await place.is_ready()
    children = _children(run.pid)
    assert len(children) == 3
    os.kill(children[-1], signal.SIGKILL)

    async def is_back() -> bool:
        now = _children(run.pid)
        return len(now) == 3 and now != children

    await until(is_back, seconds=5)
    left = _children(run.pid)
    run.kill()
    await run.communicate()
    for child in left:
        await gone(child)


@pytest.mark.usefixtures("linux")
async def test_with_its_parent_killed_it_stops_too_and_leaves_no_child(place: Place) -> None:
    # given a program, as make is one, that runs the supervisor and is killed
    program = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'im', *sys.argv[1:]])"
    run = await place.start("--with-parent", around=program)
    await place.is_ready()
    (supervisor,) = _children(run.pid)
    left = _children(supervisor)
    run.kill()
    await run.communicate()

    # then the supervisor and all that it started go
    for process in (supervisor, *left):
        await gone(process, seconds=10)
    assert not place.ready.exists()


async def test_a_second_supervisor_on_one_folder_is_refused_in_one_line(place: Place) -> None:
    await place.start()
    await place.is_ready()
    second = await place.start()
    _, told = await second.communicate()
    assert second.returncode == 1
    assert told.decode().count("\n") == 1
    assert b"already running" in told


async def test_a_port_in_use_is_refused_in_one_line(place: Place) -> None:
    with socket.create_server(("127.0.0.1", place.port)):
        run = await place.start()
        _, told = await run.communicate()
    assert run.returncode == 1
    assert told.decode().count("\n") == 1
    assert f"{place.port} cannot be used" in told.decode()


async def test_a_wrong_setting_is_refused_in_one_line(place: Place) -> None:
    run = await place.start(DB_TYPE="oracle")
    _, told = await run.communicate()
    assert run.returncode == 1
    assert told == b"watchpane: DB_TYPE must be one of sqlite, postgres\n"
