"""SQLite as Tortoise speaks to it, with two changes that concurrency needs.

Transactions begin IMMEDIATE: a deferred one that turns from reading to writing
fails with "database is locked" at once, however long the busy timeout is.
Reads may go through a pool of read-only connections, so that they neither wait
for a transaction of this process nor see what it has not committed.
"""

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any

import aiosqlite
from tortoise.backends.base.client import ConnectionWrapper, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock at its start."""

    async def begin(self) -> None:
        """Wait for the write lock, at most ``busy_timeout``."""
        await self._connection.execute("BEGIN IMMEDIATE")


class _Opened(ConnectionWrapper[aiosqlite.Connection]):
    """Holds the writing connection for one statement, and its lock only once it is open.

    Tortoise keeps the lock when the file cannot be opened: the next statement
    would wait for ever instead of failing like the first.
    """

    async def __aenter__(self) -> aiosqlite.Connection:
        async with AsyncExitStack() as held:
            await held.enter_async_context(self._lock)
            await self.ensure_connection()
            held.pop_all()
        return self.connection


class ImmediateSqliteClient(SqliteClient):
    """The writing connection."""

    async def create_connection(self, with_db: bool) -> None:
        """Open the file; one that is no database leaves no connection behind."""
        try:
            await super().create_connection(with_db)
        except BaseException:
            await self.close()
            raise

    def acquire_connection(self) -> ConnectionWrapper[aiosqlite.Connection]:
        """Lend the connection, opened where it is not yet."""
        return _Opened(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return SqliteTransactionContext(ImmediateTransaction(self), self._lock)


class _Lent:
    """Lends a free connection of a pool for one statement."""

    def __init__(self, free: "asyncio.Queue[aiosqlite.Connection]") -> None:
        self._free = free
        self._connection: aiosqlite.Connection | None = None

    async def __aenter__(self) -> aiosqlite.Connection:
        self._connection = await self._free.get()
        return self._connection

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is not None:
            self._free.put_nowait(self._connection)


class ReadOnlySqliteClient(SqliteClient):
    """A few read-only connections; each sees the last commit."""

    SIZE = 3

    def __init__(self, file_path: str, *, is_pool: bool, **kwargs: Any) -> None:  # noqa: ANN401 — Tortoise's signature
        """Take the pragmas of the writing connection, and add query_only."""
        if not is_pool:
            raise ValueError("this client is a pool for reads only")
        super().__init__(file_path, **kwargs)
        self.pragmas["query_only"] = "ON"
        self._all: list[aiosqlite.Connection] = []
        self._free: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()

    async def create_connection(self, with_db: bool) -> None:
        """Open all connections; the writing one has made the file by then."""
        while len(self._all) < self.SIZE:
            self._connection = None
            await super().create_connection(with_db)
            opened: aiosqlite.Connection | None = self._connection
            if opened is None:
                raise ValueError(f"{self.filename} was not opened")
            self._all.append(opened)
            self._free.put_nowait(opened)

    async def close(self) -> None:
        """Close all connections."""
        for connection in self._all:
            await connection.close()
        self._all.clear()
        self._free = asyncio.Queue()
        self._connection = None

    def acquire_connection(self) -> Any:  # noqa: ANN401 — stands in for Tortoise's wrapper
        """Lend a free connection."""
        return _Lent(self._free)


def get_client_class(info: dict[str, Any]) -> type[SqliteClient]:
    """Return the client for a connection: the pool where its credentials say so."""
    return ReadOnlySqliteClient if "is_pool" in info["credentials"] else ImmediateSqliteClient
