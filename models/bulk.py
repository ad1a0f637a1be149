"""Raw statements and many rows at once.

Two to three times as fast as Tortoise's ``bulk_create``
(``docs/explanation/performance.md``), and the same on both databases.
"""

from collections.abc import Sequence
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from models.dialect import for_sqlite, is_sqlite


async def rows(
    connection: BaseDBAsyncClient, sql: str, values: Sequence[object]
) -> list[dict[str, Any]]:
    """Return the rows of a statement; its parameters are ``$1`` … on both databases."""
    text = for_sqlite(sql) if is_sqlite(connection) else sql
    return await connection.execute_query_dict(text, list(values))


async def insert(
    connection: BaseDBAsyncClient, table: str, lines: Sequence[dict[str, object]]
) -> None:
    """Insert rows of equal columns."""
    await _many(connection, _insert_into(table, lines), lines)


async def upsert(  # noqa: PLR0913 — the parts of one statement
    connection: BaseDBAsyncClient,
    table: str,
    lines: Sequence[dict[str, object]],
    *,
    key: Sequence[str],
    guard: str,
    overwrite: bool,
) -> None:
    """Insert rows, or overwrite those of the same key (where ``guard`` holds).

    Without ``overwrite`` a row of a known key is left as it is. Two rows of one
    call may share a key: the later wins. The column ``id`` of a known row stays.
    """
    if not lines:
        return
    columns = [name for name in lines[0] if name not in key and name != "id"]
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in columns)
    target = ", ".join(f'"{name}"' for name in key)
    action = f"UPDATE SET {sets} {f'WHERE {guard}' if guard else ''}" if overwrite else "NOTHING"
    sql = f"{_insert_into(table, lines)} ON CONFLICT ({target}) DO {action}"
    await _many(connection, sql, lines)


def _insert_into(table: str, lines: Sequence[dict[str, object]]) -> str:
    names = list(lines[0])
    columns = ", ".join(f'"{name}"' for name in names)
    places = ", ".join(f"${place}" for place in range(1, len(names) + 1))
    return f'INSERT INTO "{table}" ({columns}) VALUES ({places})'  # noqa: S608 — names are ours


async def _many(
    connection: BaseDBAsyncClient, sql: str, lines: Sequence[dict[str, object]]
) -> None:
    text = for_sqlite(sql) if is_sqlite(connection) else sql
    await connection.execute_many(text, [list(line.values()) for line in lines])
