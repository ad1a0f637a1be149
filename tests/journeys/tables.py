"""The house's database, read from outside."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import asyncpg

Rows = list[Mapping[str, Any]]


class Tables(Protocol):
    """Runs a statement on a connection of its own."""

    async def rows(self, statement: str) -> Rows:
        """Return its rows by column."""

    async def run(self, statement: str) -> None:
        """Run and commit it."""


class SqliteTables:
    """Those of a file."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet."""
        self._path = path

    async def rows(self, statement: str) -> Rows:
        """Return its rows; none before the file is there."""
        if not self._path.exists():
            return []
        with closing(sqlite3.connect(self._path, timeout=5)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement)]

    async def run(self, statement: str) -> None:
        """Run and commit it."""
        with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
            connection.execute(statement)


class PostgresTables:
    """Those of a server's database."""

    def __init__(self, url: str) -> None:
        """Open nothing yet."""
        self._url = url

    async def rows(self, statement: str) -> Rows:
        """Return its rows."""
        connection = await asyncpg.connect(self._url)
        try:
            return [dict(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def run(self, statement: str) -> None:
        """Run and commit it."""
        await self.rows(statement)
