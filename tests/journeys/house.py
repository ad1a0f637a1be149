"""A whole installation: started by its command on a free port, gone with its test."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from im.processes.waiting import until
from im.settings import KEYS, child_environment
from tests.im.processes.parents import ROOT, lives
from tests.journeys.graph import Graph
from tests.journeys.tables import Tables
from tests.journeys.vendor import Vendor

START_SECONDS: Final = 60.0
# Inherited by all that a house starts, and by nothing else.
_MARK: Final = b"WATCHPANE_HOUSE"


async def holds(condition: Callable[[], Awaitable[bool]], *, seconds: float = 30.0) -> None:
    """Wait until a condition holds, looking 50 times a second; raises TimeoutError."""
    await until(condition, seconds=seconds, every_seconds=0.02)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What a started house says of itself."""

    url: str
    token: str
    graph: Graph
    vendor: Vendor


@dataclass(slots=True, kw_only=True)
class House:
    """A data folder and a port, a database, and the processes that were started there."""

    folder: Path
    tables: Tables
    settings: Mapping[str, str]
    port: int = field(default_factory=free_port)
    started: list[Process] = field(default_factory=list)

    async def run(self, *options: str, cwd: Path | None = None, **settings: str) -> Process:
        """Run ``im run``; its own words can be read from its pipes."""
        env = child_environment(dict.fromkeys(KEYS, ""))
        env |= {"DATA_DIR": str(self.folder), "PORT": str(self.port)}
        env |= {
            _MARK.decode(): str(self.folder),
            "PYTHONPATH": str(ROOT),
            "LOG_LEVEL": "error",
            "DEMO_SPEED": "0",
            **self.settings,
            **settings,
        }
        words = (sys.executable, "-m", "im", "run", *options)
        process = await asyncio.create_subprocess_exec(
            *words, cwd=cwd, env=env, stdout=PIPE, stderr=PIPE
        )
        self.started.append(process)
        return process

    async def demo(self, **settings: str) -> Ready:
        """Start with a simulated vendor that writes only when told to; wait until ready."""
        run = await self.run("--demo", cwd=None, **settings)
        return await self.ready(run)

    async def ready(self, run: Process) -> Ready:
        """Wait until the house has said that it is ready; a refusal fails with its words."""
        path = self.folder / "ready.json"

        async def told() -> bool:
            assert run.returncode is None, await run.communicate()
            return path.exists()

        await until(told, seconds=START_SECONDS)
        facts = json.loads(path.read_bytes())
        return Ready(
            url=facts["url"],
            token=facts["token"],
            graph=Graph(url=facts["url"], token=facts["token"]),
            vendor=Vendor(**facts["simulators"]["servicenow"]),
        )

    async def vendor(self) -> Vendor:
        """Return the simulated vendor as soon as it answers, before the house is ready."""
        path = self.folder / "demo.json"

        async def answers() -> bool:
            if not path.exists():
                return False
            with suppress(httpx.TransportError):
                await self._vendor(path).tell("served")
                return True
            return False

        await holds(answers, seconds=START_SECONDS)
        return self._vendor(path)

    @staticmethod
    def _vendor(path: Path) -> Vendor:
        facts = json.loads(path.read_bytes())["servicenow"]
        url = f"http://127.0.0.1:{facts['port']}"
        return Vendor(url=url, user="admin", password=facts["password"])

    def processes(self, *words: str) -> list[int]:
        """Return the processes of this house whose command line has all the words."""
        folder = str(self.folder).encode()
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (place / "cmdline").read_bytes()
                environment = (place / "environ").read_bytes().split(b"\0")
                # Valkey writes its title, with its socket's path, over its environment.
                is_ours = folder in command or b"=".join((_MARK, folder)) in environment
                if is_ours and all(re.search(rf"\b{word}\b".encode(), command) for word in words):
                    found.append(int(place.name))
        return [pid for pid in found if lives(pid)]

    async def empty(self, *, seconds: float) -> None:
        """Wait until no process of this house is left; raises TimeoutError."""

        async def none() -> bool:
            return not self.processes()

        await until(none, seconds=seconds)

    async def end(self) -> None:
        """Kill what is left, whatever became of it."""
        for process in self.started:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
