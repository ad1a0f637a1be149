"""What is measured stands here: a fresh database of each kind, and processes on it."""

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tortoise.backends.base.executor import EXECUTOR_CACHE

from im import boot, telemetry
from im.address import listener
from im.processes.child import leash
from im.settings import KEYS, Settings, child_environment, read
from models.database import opened
from operations.runtime import Runtime
from tests.journeys.tables import PostgresTables, SqliteTables, Tables
from tests.postgres import Postgres

DATABASES: Final = ("sqlite", "postgres")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_KIB: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A migrated, empty database, and the settings that lead there."""

    name: str
    environment: Mapping[str, str]
    tables: Tables

    @property
    def settings(self) -> Settings:
        """The same for this process."""
        return read(self.environment)


async def site(name: str, folder: Path, postgres: Postgres, redis_url: str) -> Site:
    """Make a database of a kind, ``sqlite`` or ``postgres``; the folder is empty."""
    environment = {
        "DB_TYPE": name,
        "DATA_DIR": str(folder),
        "REDIS_URL": redis_url,
        "LOG_LEVEL": "error",
        "ALLOW_LOCAL_VENDORS": "yes",
    }
    tables: Tables = SqliteTables(folder / "watchpane.db")
    if name == "postgres":
        database = postgres.create()
        environment |= {"DB_HOST": str(postgres.folder), "DB_NAME": database}
        environment |= {"DB_USER": "postgres"}
        tables = PostgresTables(postgres.url(database))
    made = Site(name=name, environment=environment, tables=tables)
    EXECUTOR_CACHE.clear()
    await boot.migrate(made.settings)
    return made


@asynccontextmanager
async def at_hand(where: Site) -> AsyncIterator[Runtime]:
    """Open the database in this process, for operations."""
    settings = where.settings
    # Tortoise keeps its INSERTs by connection and table, whichever engine they were made for.
    EXECUTOR_CACHE.clear()
    telemetry.start(level=settings.log_level, form=settings.log_format)
    async with opened(boot.database_at(settings)):
        yield boot.runtime_of(settings, None, allows_local=True)


@dataclass(frozen=True, slots=True)
class Running:
    """A process of ours, by its id."""

    pid: int

    @property
    def cpu_seconds(self) -> float:
        """Processor time that it has used, in steps of a hundredth of a second."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def peak_bytes(self) -> int:
        """The most memory that it has held."""
        return self._memory("VmHWM")

    @property
    def own_bytes(self) -> int:
        """The memory that it holds now and no other process could share."""
        return self._memory("RssAnon")

    def _memory(self, name: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * _KIB
        raise ValueError(f"no {name}: not Linux")


@contextmanager
def running(where: Site, *words: str, sockets: tuple[int, ...] = ()) -> Iterator[Running]:
    """Run a module of ours until the block ends; it dies with this process."""
    held = leash()
    process = subprocess.Popen(  # noqa: S603 — our own modules
        [*held.prefix, sys.executable, "-m", *words],
        stdin=subprocess.DEVNULL,
        env=child_environment({**dict.fromkeys(KEYS, ""), **where.environment}),
        pass_fds=(*held.inherited, *sockets),
        start_new_session=True,
    )
    held.started()
    try:
        yield Running(process.pid)
    finally:
        process.kill()
        process.wait()
        held.close()


@dataclass(frozen=True, slots=True)
class Server:
    """A serving process, and its port on this machine."""

    process: Running
    port: int


@contextmanager
def serving(where: Site, *words: str) -> Iterator[Server]:
    """Run a module that takes a listening socket as ``--fd``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with listener("127.0.0.1", port) as listening:
        number = listening.fileno()
        with running(where, *words, "--fd", str(number), sockets=(number,)) as process:
            yield Server(process, port)
