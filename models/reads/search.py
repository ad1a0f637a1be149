"""Keeps a list to the records that a search finds."""

from typing import Final

from tortoise.connection import get_connection

from domain.records import RecordKind
from models import search
from models.coding import dumps
from models.reads.conditions import Conditions
from models.reads.mirrored import TABLES
from models.reads.statement import one_of, rows

# Fewer are named one by one and sorted; more are met soon by a walk in the list's order.
MANY: Final = 2_000


async def keep_found(
    conditions: Conditions, kind: RecordKind, text: str | None, *, many: int = MANY
) -> None:
    """Keep to the records that have all words of a text; the last may be a beginning.

    A blank text asks nothing, one without a letter or digit finds nothing.
    Cost: a statement that reads at most ``many`` ids.
    """
    if text is None or not text.strip():
        return
    connection, table = get_connection("reads"), TABLES[kind]
    query = search.query_of(connection, text)
    if query is None:
        conditions.add("FALSE")
        return
    found = await rows(f"{search.found(connection, table, '$1')} LIMIT {many}", query)
    if len(found) < many:
        conditions.add(one_of("r.id", conditions.put(dumps([row["id"] for row in found]))))
    else:
        conditions.add(search.is_found(connection, table, conditions.put(query)))
