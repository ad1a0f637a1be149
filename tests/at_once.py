"""SQLite without waiting: in the event loop's own thread, and for no disk.

aiosqlite gives each connection a thread. Where steps come one after the other, as
in a simulated schedule, handing each statement over costs more than the statement.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosqlite.core import Connection
from tortoise.connection import get_connection

from models.database import DatabaseAt, SqliteAt


@contextmanager
def sqlite_at_once() -> Iterator[None]:
    """Let all connections that are opened within work in this thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "_connect", _connect)
        patch.setattr(Connection, "_execute", _execute)
        yield


async def unsynced(at: DatabaseAt) -> None:
    """Let SQLite, opened, not wait for the disk: it is processes that die, not the machine."""
    if isinstance(at, SqliteAt):
        await get_connection("default").execute_script("PRAGMA synchronous = OFF")


async def _connect(self: Connection) -> Connection:
    if self._connection is None:
        try:
            self._connection = self._connector()
        except BaseException:
            self.stop()
            raise
    return self


async def _execute(_: Connection, work: Callable[..., Any], *args: Any, **named: Any) -> Any:  # noqa: ANN401 — as the original
    return work(*args, **named)
