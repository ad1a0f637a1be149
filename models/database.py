"""Where the database is, and how it is opened.

Two connections by name: ``default`` writes, ``reads`` reads what is committed.
"""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError

from domain.errors import Unavailable

TABLES = (
    "models.tables.integration",
    "models.tables.incident",
    "models.tables.edit",
    "models.tables.asset",
    "models.tables.change",
    "models.tables.event",
    "models.tables.ticket",
    "models.tables.relation",
    "models.tables.note",
    "models.tables.directory",
    "models.tables.ownership",
    "models.tables.outbox",
    "models.tables.inbound",
    "models.tables.conflict",
    "models.tables.reconcile",
    "models.tables.counter",
    "models.tables.sync_run",
    "models.tables.sla_policy",
    "models.tables.sla_clock",
    "models.tables.alert",
    "models.tables.event_log",
    "models.tables.token",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteAt:
    """A SQLite file."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresAt:
    """A PostgreSQL database; ``host`` may be a directory that holds its socket."""

    host: str
    port: int
    name: str
    user: str
    password: str | None = field(repr=False, default=None)
    pool_size: int = 8


DatabaseAt = SqliteAt | PostgresAt


def _connections(at: DatabaseAt) -> dict[str, Any]:
    match at:
        case SqliteAt(path=path):
            pragmas = {
                "file_path": str(path),
                "journal_mode": "WAL",
                # FULL: a commit that a subscriber has seen survives a power cut.
                "synchronous": "FULL",
                "busy_timeout": 5000,
                "foreign_keys": "ON",
                "journal_size_limit": 67108864,
                # 16 MiB a connection. No mmap: the mapped file would count as the
                # process's memory once a connection, and grow with the database.
                "cache_size": -16384,
            }
            engine = "models.immediate_sqlite"
            return {
                "default": {"engine": engine, "credentials": dict(pragmas)},
                "reads": {"engine": engine, "credentials": {**pragmas, "is_pool": True}},
            }
        case PostgresAt():
            credentials = {
                "host": at.host,
                "port": at.port,
                "database": at.name,
                "user": at.user,
                "password": at.password,
                "minsize": 1,
                "maxsize": at.pool_size,
            }
            engine = "tortoise.backends.asyncpg"
            return {
                name: {"engine": engine, "credentials": dict(credentials)}
                for name in ("default", "reads")
            }


def configuration(at: DatabaseAt) -> dict[str, Any]:
    """Return Tortoise's configuration for a database."""
    return {
        "connections": _connections(at),
        "apps": {
            "models": {
                "models": list(TABLES),
                "default_connection": "default",
                "migrations": "models.migrations",
            }
        },
        "use_tz": True,
    }


# For the ``tortoise`` command, which writes migrations; no such file is opened.
TORTOISE = configuration(SqliteAt(path=Path("unused.db")))


@asynccontextmanager
async def opened(at: DatabaseAt) -> AsyncIterator[None]:
    """Open the database for this process, and close it at the end.

    An SQLite connection that is not closed keeps the process from ending.
    Raises Unavailable when it cannot be opened.
    """
    if isinstance(at, SqliteAt) and not os.access(at.path.parent, os.W_OK | os.X_OK):
        raise Unavailable(f"the folder of {at.path} is missing or cannot be written")
    # Tortoise keeps its INSERTs by connection and table, whichever engine they were made for.
    EXECUTOR_CACHE.clear()
    await Tortoise.init(config=configuration(at), _enable_global_fallback=True)
    try:
        await _connect()
        yield
    finally:
        await Tortoise.close_connections()


async def _connect() -> None:
    try:
        for name in ("default", "reads"):
            await get_connection(name).create_connection(with_db=True)
    except (OSError, sqlite3.Error, asyncpg.PostgresError, DBConnectionError) as error:
        raise Unavailable(f"the database cannot be opened: {error}") from error
