"""All that differs between SQLite and PostgreSQL."""

import re
from functools import lru_cache

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import OperationalError

_NUMBERED = re.compile(r"\$(\d+)")
_FULL = ("database or disk is full", "No space left on device", "could not extend file")


def is_sqlite(connection: BaseDBAsyncClient) -> bool:
    """Say which of the two it is."""
    return connection.capabilities.dialect == "sqlite"


@lru_cache(maxsize=500)
def for_sqlite(sql: str) -> str:
    """Return the statement with SQLite's numbered parameters, ``?1`` for ``$1``."""
    return _NUMBERED.sub(r"?\1", sql)


def is_full(error: OperationalError) -> bool:
    """Say whether a statement failed for want of room."""
    return any(words in str(error) for words in _FULL)


def one_of(connection: BaseDBAsyncClient, column: str, place: str) -> str:
    """Return a condition: the column is one of a JSON list of texts given as ``place``."""
    if is_sqlite(connection):
        return f"{column} IN (SELECT value FROM json_each({place}))"  # noqa: S608 — names are ours
    return f"{column} IN (SELECT jsonb_array_elements_text({place}::jsonb))"


def for_update(connection: BaseDBAsyncClient) -> str:
    """Return the words that lock the rows read; SQLite's transaction has locked all.

    The lock is that of a change, which others may refer to meanwhile: a row that refers
    to it and is changed twice in a transaction is checked again, whatever has changed.
    """
    return "" if is_sqlite(connection) else "FOR NO KEY UPDATE"


def skip_locked(connection: BaseDBAsyncClient, alias: str) -> str:
    """Return the words that lock a table's rows and pass over those that others hold."""
    return "" if is_sqlite(connection) else f"FOR NO KEY UPDATE OF {alias} SKIP LOCKED"


def alone(connection: BaseDBAsyncClient) -> str:
    """Return a statement that waits until no other transaction does what ``$1`` names.

    It lets go at the end of the transaction; SQLite's transactions are alone anyhow.
    """
    if is_sqlite(connection):
        return "SELECT $1"
    return "SELECT pg_advisory_xact_lock(hashtext($1))"
