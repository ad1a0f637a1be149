"""A ServiceNow account, as the contract asks for it."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from adapters.contract import (
    Access,
    Checked,
    Failed,
    History,
    HistoryAsk,
    Named,
    Page,
    PageAsk,
)
from adapters.servicenow import connection_test, history, mapping
from adapters.servicenow.keyset import Position, Walk, stored
from adapters.servicenow.tables import RowsAsk, Tables, is_denied
from domain.records import FaultyRecord, InboundRecord, RecordKind, Reference
from domain.sync.retry import Fault

_TABLES: Final = {RecordKind.INCIDENT: "incident"}
# Where a reference's name stands, by its table.
_NAMES: Final = {
    "sys_user": "name",
    "sys_user_group": "name",
    "cmdb_ci": "name",
    "cmn_location": "name",
    "core_company": "name",
    "problem": "number",
    "change_request": "number",
}
# Ids in one query: more would make a URL longer than servers take.
_IDS_A_CALL: Final = 100
_AUDIT_ROWS: Final = 500
# A batch of history that has not ended after so many pages never will.
_MOST_AUDIT_PAGES: Final = 1_000


class ServiceNow:
    """One account of an instance."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        self._base_url = access.base_url.rstrip("/")
        self._tables = Tables(access)
        self._keeps_history = True

    async def page(self, ask: PageAsk) -> Page | Failed:
        """Return a page of incidents in the order of (sys_updated_on, sys_id)."""
        position = stored(ask.position)
        walk = Walk(time="sys_updated_on", since=ask.since)
        found = await self._tables.read(
            RowsAsk(
                table=_TABLES[ask.kind],
                query=walk.query(position),
                columns=mapping.ASKED,
                limit=ask.size,
                offset=position.offset,
            )
        )
        if isinstance(found, Failed):
            return found
        try:
            behind = walk.behind(found.rows, position, found.limit)
        except ValueError as error:
            return Failed(fault=Fault.BAD_ANSWER, detail=str(error))
        read = [mapping.incident(row, self._base_url) for row in found.rows]
        remaining = None if found.total is None else max(found.total - position.offset, 0)
        records = [record for record in read if isinstance(record, InboundRecord)]
        return Page(
            records=records,
            faulty=[record for record in read if isinstance(record, FaultyRecord)],
            position=behind.text() if found.has_more else None,
            through=records[-1].key.at if records else None,
            served_at=found.answer.served_at,
            skew=found.answer.skew,
            remaining=remaining,
        )

    async def history(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> History | Failed:
        """Return what ``sys_audit`` tells; many accounts may not read it, then it stays closed."""
        rows: list[dict[str, Any]] = []
        for batch in history.batches(asks) if self._keeps_history else ():
            found = await self._audit(batch)
            if isinstance(found, Failed):
                if not is_denied(found):
                    return found
                self._keeps_history = False
                break
            rows += found
        if not self._keeps_history:
            return History(edits=(), is_closed=True)
        return History(edits=history.edits(rows, asks))

    async def _audit(self, batch: Sequence[HistoryAsk]) -> list[dict[str, Any]] | Failed:
        """Read all rows of a batch."""
        walk = Walk(
            time="sys_created_on",
            condition=history.condition(batch),
            since=history.earliest(batch),
        )
        rows: list[dict[str, Any]] = []
        position = Position()
        for _ in range(_MOST_AUDIT_PAGES):
            found = await self._tables.read(
                RowsAsk(
                    table=history.TABLE,
                    query=walk.query(position),
                    columns=history.ASKED,
                    limit=_AUDIT_ROWS,
                    offset=position.offset,
                )
            )
            if isinstance(found, Failed):
                return found
            rows += [row for row in found.rows if isinstance(row, dict)]
            if not found.has_more:
                return rows
            try:
                position = walk.behind(found.rows, position, found.limit)
            except ValueError as error:
                return Failed(fault=Fault.BAD_ANSWER, detail=str(error))
        return Failed(fault=Fault.BAD_ANSWER, detail="the history does not end")

    async def names(self, references: Collection[Reference]) -> Sequence[Named] | Failed:
        """Return the names; a table that we may not read has none."""
        named: list[Named] = []
        for table, label in _NAMES.items():
            wanted = sorted(r.external_id for r in references if r.table == table)
            for ids in _batches(filter(_is_id, wanted)):
                found = await self._named(table, label, ids)
                if isinstance(found, Failed):
                    if not is_denied(found):
                        return found
                    break
                named += found
        return named

    async def _named(self, table: str, label: str, ids: Sequence[str]) -> list[Named] | Failed:
        found = await self._tables.read(
            RowsAsk(
                table=table,
                query=f"sys_idIN{','.join(ids)}",
                columns=("sys_id", label, "email"),
                limit=_IDS_A_CALL,
            )
        )
        if isinstance(found, Failed):
            return found
        if found.limit < len(ids):
            # The query was too slow for all of them.
            return await self._named_in_parts(table, label, ids, found.limit)
        return [
            Named(
                reference=Reference(table=table, external_id=mapping.raw(row, "sys_id")),
                name=mapping.raw(row, label),
                email=mapping.raw(row, "email") or None,
            )
            for row in found.rows
            if isinstance(row, dict) and mapping.raw(row, label)
        ]

    async def _named_in_parts(
        self, table: str, label: str, ids: Sequence[str], size: int
    ) -> list[Named] | Failed:
        named: list[Named] = []
        for start in range(0, len(ids), size):
            found = await self._named(table, label, ids[start : start + size])
            if isinstance(found, Failed):
                return found
            named += found
        return named

    async def check(self) -> Checked:
        """Try reach, sign-in, rights, queries and clock."""
        return await connection_test.check(self._tables)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._tables.close()


def _is_id(text: str) -> bool:
    try:
        mapping.identity(text)
    except ValueError:
        return False
    return True


def _batches(ids: Iterable[str]) -> list[list[str]]:
    listed = list(ids)
    return [listed[start : start + _IDS_A_CALL] for start in range(0, len(listed), _IDS_A_CALL)]
