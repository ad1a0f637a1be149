"""What the kinds of mirrored records have in common when they are read."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from domain.records import RecordKind
from models.coding import dumps
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

R = TypeVar("R")

# Where the records of a kind are; their links and services are in tables named after it.
TABLES: Final[Mapping[RecordKind, str]] = MappingProxyType(
    {
        RecordKind.INCIDENT: "incident",
        RecordKind.CHANGE: "change",
        RecordKind.EVENT: "event",
        RecordKind.TICKET: "ticket",
        RecordKind.SERVICE: "asset",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored(Generic[R]):
    """How the records of one kind are read.

    columns: what is selected of the table, whose alias is ``r``.
    record_of: makes a record of such a row.
    """

    kind: RecordKind
    columns: str
    record_of: Callable[[Mapping[str, Any]], R]

    @property
    def table(self) -> str:
        """The records' table."""
        return TABLES[self.kind]

    def visible(self, scope: Scope) -> Conditions:
        """Return the condition of being in scope, to which others may be added."""
        conditions = Conditions()
        conditions.see_records(scope, self.table, "r.id")
        return conditions

    async def selected(self, conditions: Conditions, tail: str = "") -> list[R]:
        """Return the records that meet the conditions. Cost: one statement."""
        found = await rows(
            f"SELECT {self.columns} FROM {self.table} r WHERE {conditions.where} {tail}",  # noqa: S608 — names and places
            *conditions.values,
        )
        return [self.record_of(row) for row in found]

    async def by_id(self, scope: Scope, ids: Collection[str]) -> dict[str, R]:
        """Return records by id, deleted ones too. Cost: one index probe an id."""
        conditions = self.visible(scope)
        conditions.add(one_of("r.id", conditions.put(dumps(sorted(ids)))))
        found = await rows(
            f"SELECT {self.columns} FROM {self.table} r WHERE {conditions.where}",  # noqa: S608 — names and places
            *conditions.values,
        )
        return {row["id"]: self.record_of(row) for row in found}

    async def named(self, scope: Scope, column: str, name: str) -> R | None:
        """Return the record of a name, its own or any link's key; None when several share it.

        column: of the records' own name, which has an index.
        Cost: two index probes.
        """
        conditions = self.visible(scope)
        place = conditions.put(name)
        conditions.add(
            f"""
            r.id IN (
                SELECT id FROM {self.table} WHERE {column} = {place}
                UNION SELECT {self.table}_id FROM {self.table}_link WHERE external_key = {place}
            )
            """  # noqa: S608 — names and places
        )
        found = await self.selected(conditions, "LIMIT 2")
        return found[0] if len(found) == 1 else None
