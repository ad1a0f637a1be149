"""SQLite in the event loop's own thread: a statement has ended when it is awaited.

aiosqlite gives each connection a thread. Where steps come one after the other, as
in a simulated schedule, handing each statement over costs more than the statement.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosqlite.core import Connection


@contextmanager
def sqlite_at_once() -> Iterator[None]:
    """Let all connections that are opened within work in this thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "_connect", _connect)
        patch.setattr(Connection, "_execute", _execute)
        yield


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
