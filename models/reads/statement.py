"""How reads are made: raw statements over the committed state."""

from typing import Any

from tortoise.connection import get_connection

from models import bulk, dialect


async def rows(sql: str, *values: object) -> list[dict[str, Any]]:
    """Return the rows of a statement with ``$1`` … in it, as of the last commit."""
    return await bulk.rows(get_connection("reads"), sql, values)


def one_of(column: str, place: str) -> str:
    """Return a condition: the column is one of a JSON list of texts given as ``place``."""
    return dialect.one_of(get_connection("reads"), column, place)
