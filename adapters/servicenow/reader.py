"""Reading records of every kind: page by page, by their ids, and the ids alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from adapters.exchange import CensusAsk, CensusPage, Failed, Found, Page, PageAsk
from adapters.field_map import Mappings
from adapters.servicenow.items import Items
from adapters.servicenow.keyset import Position, Walk, stored
from adapters.servicenow.mapping import Translation
from adapters.servicenow.tables import Rows, RowsAsk, Tables, is_denied
from adapters.servicenow.values import identity, is_identity, raw
from domain.inbound import FaultyRecord, InboundRecord
from domain.records import RecordKind
from domain.sync.retry import Fault

_CENSUS_ROWS: Final = 10_000
_NO_TABLE: Final = "Invalid table"
# Where a run is that reads services by their relations.
_RELATIONS: Final = "relations "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a census goes on: behind an id, then so many rows that access rules hide."""

    after: str = ""
    offset: int = 0

    def text(self) -> str:
        """Return a form that can be stored."""
        return json.dumps({"after": self.after, "offset": self.offset})

    @classmethod
    def stored(cls, text: str | None) -> Self:
        """Return the place that ``text`` stored; the beginning for None.

        Raises ValueError for any other text.
        """
        if text is None:
            return cls()
        kept = json.loads(text)
        after = identity(kept["after"]) if kept["after"] else ""
        return cls(after=after, offset=int(kept["offset"]))


class Reader:
    """Reads the records of one account."""

    def __init__(
        self, tables: Tables, words: Mapping[RecordKind, Translation], maps: Mappings
    ) -> None:
        """Read nothing yet."""
        self._tables = tables
        self._words = words
        self._items = Items(tables, maps)

    async def page(self, ask: PageAsk) -> Page | Failed:
        """Return a page in the order of (sys_updated_on, sys_id).

        Services come first by the relations that have changed since, and only
        then by their own time: such a page says nothing about the watermark.
        A kind that the instance does not offer to this account has no records.
        """
        text = ask.position
        if ask.kind is RecordKind.SERVICE and ask.since is not None and text is None:
            text = _RELATIONS
        if ask.since is not None and text is not None and text.startswith(_RELATIONS):
            found = await self._related(ask, ask.since, text.removeprefix(_RELATIONS))
        else:
            found = await self._walked(ask, stored(text))
        if not _is_closed(ask.kind, found):
            return found
        rows = await self._seen()
        if isinstance(rows, Failed):
            return rows
        return Page(
            records=(),
            faulty=(),
            position=None,
            through=None,
            served_at=rows.answer.served_at,
            skew=rows.answer.skew,
        )

    async def _seen(self) -> Rows | Failed:
        """Ask for no incident: the answer tells the time, and that we are signed in."""
        return await self._tables.by_id("incident", (), ("sys_id",))

    async def _walked(self, ask: PageAsk, position: Position) -> Page | Failed:
        words, walk = self._words[ask.kind], Walk(time="sys_updated_on", since=ask.since)
        found = await self._tables.read(
            RowsAsk(
                table=words.table,
                query=walk.query(position),
                columns=words.columns,
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
        rows = await self._whole(ask.kind, found.rows)
        if isinstance(rows, Failed):
            return rows
        records, faulty = _sorted_out(words, rows)
        return Page(
            records=records,
            faulty=faulty,
            position=behind.text() if found.has_more else None,
            through=records[-1].key.at if records else None,
            served_at=found.answer.served_at,
            skew=found.answer.skew,
            remaining=None if found.total is None else max(found.total - position.offset, 0),
        )

    async def _related(self, ask: PageAsk, since: datetime, text: str) -> Page | Failed:
        """Return the services whose relations have changed since."""
        changed = await self._items.changed(since, stored(text or None), ask.size)
        if isinstance(changed, Failed):
            return changed
        words = self._words[ask.kind]
        found = await self._tables.by_id(words.table, changed.parents, words.columns)
        if isinstance(found, Failed):
            return found
        rows = await self._whole(ask.kind, found.rows)
        if isinstance(rows, Failed):
            return rows
        records, faulty = _sorted_out(words, rows)
        # Behind the last relation the walk by the services' own time begins.
        further = Position().text()
        return Page(
            records=records,
            faulty=faulty,
            position=further if changed.behind is None else _RELATIONS + changed.behind.text(),
            through=None,
            served_at=found.answer.served_at,
            skew=found.answer.skew,
        )

    async def read(self, kind: RecordKind, external_ids: Sequence[str]) -> Found | Failed:
        """Return some records; one that access rules hide counts as gone."""
        words = self._words[kind]
        found = await self._tables.by_id(words.table, external_ids, words.columns)
        if isinstance(found, Failed):
            # One closed table is no reason to park an account that reads others.
            return replace(found, fault=Fault.REJECTED) if _is_closed(kind, found) else found
        rows = await self._whole(kind, found.rows)
        if isinstance(rows, Failed):
            return rows
        records, faulty = _sorted_out(words, rows)
        there = {record.external_id for record in records} | {row.external_id for row in faulty}
        return Found(
            records=records,
            faulty=faulty,
            gone=frozenset(external_ids) - there,
            served_at=found.answer.served_at,
        )

    async def census(self, ask: CensusAsk) -> CensusPage | Failed:
        """Return a page of ids, in their own order."""
        place = _Place.stored(ask.position)
        behind = f"sys_id>{place.after}^" if place.after else ""
        found = await self._tables.read(
            RowsAsk(
                table=self._words[ask.kind].table,
                query=f"{behind}ORDERBYsys_id",
                columns=("sys_id",),
                limit=_CENSUS_ROWS,
                offset=place.offset,
            )
        )
        if isinstance(found, Failed):
            seen = await self._seen() if _is_closed(ask.kind, found) else found
            if isinstance(seen, Failed):
                return seen
            return CensusPage(
                external_ids=(),
                position=None,
                served_at=seen.answer.served_at,
                skew=seen.answer.skew,
            )
        named = [raw(row, "sys_id") for row in found.rows if isinstance(row, dict)]
        ids = list(filter(is_identity, named))
        if ids and place.after and ids[-1] <= place.after:
            return Failed(fault=Fault.BAD_ANSWER, detail="the rows are not ordered by sys_id")
        further = (
            _Place(after=ids[-1]) if ids else replace(place, offset=place.offset + found.limit)
        )
        return CensusPage(
            external_ids=ids,
            position=further.text() if found.has_more else None,
            served_at=found.answer.served_at,
            skew=found.answer.skew,
        )

    async def _whole(self, kind: RecordKind, rows: Sequence[object]) -> Sequence[object] | Failed:
        """Return rows with what other tables say of them."""
        return await self._items.completed(rows) if kind is RecordKind.SERVICE else rows


def _is_closed(kind: RecordKind, outcome: object) -> bool:
    """Say whether a table other than that of incidents may not be read, or is not there."""
    return (
        kind is not RecordKind.INCIDENT
        and isinstance(outcome, Failed)
        and (is_denied(outcome) or _NO_TABLE in outcome.detail)
    )


def _sorted_out(
    words: Translation, rows: Sequence[object]
) -> tuple[list[InboundRecord], list[FaultyRecord]]:
    read = [words.record(row) for row in rows]
    records = [record for record in read if isinstance(record, InboundRecord)]
    return records, [record for record in read if isinstance(record, FaultyRecord)]
