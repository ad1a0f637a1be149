"""What a configuration item's own row leaves out: what it depends on, and how much it matters."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.exchange import Failed
from adapters.field_map import Mappings
from adapters.servicenow.keyset import Position, Walk
from adapters.servicenow.maps import DEPENDS_ON
from adapters.servicenow.relations import CHILDREN
from adapters.servicenow.tables import RowsAsk, Tables, is_denied
from adapters.servicenow.values import is_identity, raw
from domain.records import RecordKind
from domain.sync.retry import Fault

_RELATIONS: Final = "cmdb_rel_ci"
# A table that lists items shows only the columns that all of them have.
_SERVICES: Final = "cmdb_ci_service"
# A walk repeats its condition, and a URL has its limits.
_PARENTS_A_CALL: Final = 50
# What separates conditions and their values.
_SYNTAX: Final = frozenset("^,")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Items whose relations were written; ``behind`` is None when there are no more."""

    parents: Sequence[str]
    behind: Position | None


class Items:
    """Completes rows of ``cmdb_ci``."""

    def __init__(self, tables: Tables, maps: Mappings) -> None:
        """Read nothing yet."""
        self._tables = tables
        self._criticality = maps.external_fields(RecordKind.SERVICE, "criticality")
        (self._type,) = maps.external_fields(RecordKind.SERVICE, DEPENDS_ON)[:1]
        self._types = [
            name for name in maps.values(RecordKind.SERVICE, DEPENDS_ON) if _SYNTAX.isdisjoint(name)
        ]
        classes = maps.values(RecordKind.SERVICE, "isConfigurationItem")
        self._service_classes = {name for name, ours in classes.items() if ours == "false"}
        self._are_related = bool(self._types)

    async def completed(self, rows: Sequence[object]) -> Sequence[object] | Failed:
        """Return the rows with their children, and with the columns that services have.

        Where the relations may not be read, the rows do not tell them.
        """
        found = {
            sys_id: dict(row)
            for row in rows
            if isinstance(row, dict) and is_identity(sys_id := raw(row, "sys_id"))
        }
        services = [
            sys_id
            for sys_id, row in found.items()
            if raw(row, "sys_class_name") in self._service_classes
        ]
        for failed in (await self._weigh(services, found), await self._relate(found)):
            if failed is not None:
                return failed
        return [
            found.get(raw(row, "sys_id"), row) if isinstance(row, dict) else row for row in rows
        ]

    async def _weigh(
        self, services: Sequence[str], found: Mapping[str, dict[str, Any]]
    ) -> Failed | None:
        if not services:
            return None
        columns = ("sys_id", *self._criticality)
        read = await self._tables.by_id(_SERVICES, services, columns)
        if isinstance(read, Failed):
            return None if is_denied(read) else read
        for row in read.rows:
            if isinstance(row, dict) and (item := found.get(raw(row, "sys_id"))) is not None:
                item |= {column: row[column] for column in self._criticality if column in row}
        return None

    async def _relate(self, found: Mapping[str, dict[str, Any]]) -> Failed | None:
        children: dict[str, list[str]] = {sys_id: [] for sys_id in found}
        ids = list(found)
        for start in range(0, len(ids) if self._are_related else 0, _PARENTS_A_CALL):
            parents = ",".join(ids[start : start + _PARENTS_A_CALL])
            walk = self._walk(f"parentIN{parents}", since=None)
            read = await self._tables.walk(_RELATIONS, walk, self._columns)
            if isinstance(read, Failed):
                if not is_denied(read):
                    return read
                self._are_related = False
                break
            for row in self._depending(read):
                children.get(raw(row, "parent"), []).append(raw(row, "child"))
        if self._are_related:
            for sys_id, named in children.items():
                found[sys_id][CHILDREN] = tuple(named)
        return None

    async def changed(self, since: datetime, position: Position, limit: int) -> Changed | Failed:
        """Return items whose relations were written since, and where to go on.

        A relation's own time does not move that of its parent.
        """
        walk = self._walk("", since=since)
        read = await self._tables.read(
            RowsAsk(
                table=_RELATIONS,
                query=walk.query(position),
                columns=self._columns,
                limit=limit,
                offset=position.offset,
            )
        )
        if isinstance(read, Failed):
            return Changed(parents=(), behind=None) if is_denied(read) else read
        try:
            behind = walk.behind(read.rows, position, read.limit)
        except ValueError as error:
            return Failed(fault=Fault.BAD_ANSWER, detail=str(error))
        parents = [raw(row, "parent") for row in self._depending(read.rows)]
        return Changed(
            parents=list(filter(is_identity, dict.fromkeys(parents))),
            behind=behind if read.has_more else None,
        )

    def _walk(self, condition: str, *, since: datetime | None) -> Walk:
        by_type = f"{self._type}IN{','.join(self._types)}"
        whole = "^".join(filter(None, (condition, by_type)))
        return Walk(time="sys_updated_on", condition=whole, since=since)

    @property
    def _columns(self) -> tuple[str, ...]:
        return ("sys_id", "sys_updated_on", "parent", "child", self._type)

    def _depending(self, rows: Iterable[object]) -> Iterator[Mapping[str, Any]]:
        """Return the rows of the right type; an instance may have ignored the condition."""
        for row in rows:
            if isinstance(row, dict) and raw(row, self._type) in self._types:
                yield row
