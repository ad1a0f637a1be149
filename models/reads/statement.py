"""How reads are made: raw statements over the committed state."""

from typing import Any, Final, Protocol

from tortoise.connection import get_connection

from models import bulk, dialect


async def rows(sql: str, *values: object) -> list[dict[str, Any]]:
    """Return the rows of a statement with ``$1`` … in it, as of the last commit."""
    return await bulk.rows(get_connection("reads"), sql, values)


def one_of(column: str, place: str) -> str:
    """Return a condition: the column is one of a JSON list of texts given as ``place``."""
    return dialect.one_of(get_connection("reads"), column, place)


class Reading(Protocol):
    """Where a statement is read: in an open transaction, or over the committed state."""

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return the rows of a statement with ``$1`` … in it."""
        ...

    def one_of(self, column: str, place: str) -> str:
        """Return a condition: the column is one of a JSON list of texts given as ``place``."""
        ...


class _Committed:
    """Reads over the committed state, as a transaction reads over its own."""

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        return await rows(sql, *values)

    def one_of(self, column: str, place: str) -> str:
        return one_of(column, place)


COMMITTED: Final[Reading] = _Committed()
