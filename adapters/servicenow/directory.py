"""The names of what records refer to."""

from collections.abc import Collection, Sequence
from typing import Final

from adapters.exchange import Failed, Named
from adapters.servicenow.tables import Tables, is_denied
from adapters.servicenow.values import is_identity, raw
from domain.inbound import Reference

# Where a name stands, by the table.
_NAMES: Final = {
    "sys_user": "name",
    "sys_user_group": "name",
    "cmdb_ci": "name",
    "cmn_location": "name",
    "core_company": "name",
    "problem": "number",
    "change_request": "number",
}


class Directory:
    """Reads names of people, groups, items and the like."""

    def __init__(self, tables: Tables) -> None:
        """Read nothing yet."""
        self._tables = tables

    async def names(self, references: Collection[Reference]) -> Sequence[Named] | Failed:
        """Return the names; a table that we may not read has none."""
        named: list[Named] = []
        for table, label in _NAMES.items():
            wanted = sorted(r.external_id for r in references if r.table == table)
            if not any(map(is_identity, wanted)):
                continue
            found = await self._tables.by_id(table, wanted, ("sys_id", label, "email"))
            if isinstance(found, Failed):
                if not is_denied(found):
                    return found
                continue
            named += [
                Named(
                    reference=Reference(table=table, external_id=raw(row, "sys_id")),
                    name=raw(row, label),
                    email=raw(row, "email") or None,
                )
                for row in found.rows
                if isinstance(row, dict) and raw(row, label)
            ]
        return named
