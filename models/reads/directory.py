"""People and groups, as vendors name them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import rows

KEY: Final = (Column(name="name", type=str), ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry of a vendor's directory."""

    id: str
    external_id: str
    name: str
    email: str | None


async def directory_page(
    scope: Scope, integration_id: str, tables: Collection[str], keyset: Keyset
) -> list[Listed]:
    """Return a page of an integration's directory by name, in the direction of reading.

    tables: the vendor's words for the kinds of entries that are wanted.
    Cost: one statement; it walks the index of names until the page is full.
    """
    conditions = _of_tables(scope, integration_id, tables)
    keyset.restrict(conditions, KEY, "d")
    found = await rows(
        f"""
        SELECT d.id, d.external_id, d.name, d.email FROM directory d WHERE {conditions.where}
        ORDER BY {keyset.order_by(KEY)} LIMIT {conditions.put(keyset.limit)}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return [Listed(**row) for row in found]


async def directory_count(scope: Scope, integration_id: str, tables: Collection[str]) -> int:
    """Count the entries. Cost: reads all of the integration's."""
    conditions = _of_tables(scope, integration_id, tables)
    found = await rows(
        f"SELECT count(*) AS n FROM directory d WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return int(found[0]["n"])


def _of_tables(scope: Scope, integration_id: str, tables: Collection[str]) -> Conditions:
    conditions = Conditions()
    conditions.add(f"d.integration_id = {conditions.put(integration_id)}")
    # An expression is no index's column: the index of names is walked.
    conditions.add(f"""(d."table" || '') IN ({conditions.put_all(sorted(tables))})""")
    conditions.see(scope, "d.integration_id")
    return conditions
