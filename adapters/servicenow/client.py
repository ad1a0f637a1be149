"""A ServiceNow account, as the contract asks for it."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from adapters.contract import Access
from adapters.delivery import Reads
from adapters.exchange import (
    CensusAsk,
    CensusPage,
    Checked,
    CommentAsk,
    CreateAsk,
    Failed,
    Found,
    History,
    HistoryAsk,
    Named,
    Notes,
    Page,
    PageAsk,
    WriteAsk,
)
from adapters.field_map import Mappings
from adapters.servicenow import history, notes, webhook
from adapters.servicenow.connection_test import ConnectionTest
from adapters.servicenow.directory import Directory
from adapters.servicenow.keyset import Walk
from adapters.servicenow.mapping import Translation
from adapters.servicenow.maps import MAPPINGS
from adapters.servicenow.reader import Reader
from adapters.servicenow.tables import Tables, is_denied
from adapters.servicenow.writer import Writer
from domain.inbound import InboundEdit, InboundNote, InboundRecord, Reference
from domain.records import RecordKind

KINDS: Final = tuple(RecordKind)


class ServiceNow:
    """One account of an instance."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        base_url, maps = access.base_url.rstrip("/"), access.mappings or Mappings(MAPPINGS)
        self._tables = Tables(access)
        self._words = {kind: Translation(kind, maps, base_url) for kind in KINDS}
        self._reader = Reader(self._tables, self._words, maps)
        self._directory = Directory(self._tables)
        self._writer = Writer(
            self._tables,
            self._words[RecordKind.INCIDENT],
            maps,
            author=access.credentials.get("user"),
        )
        self._test = ConnectionTest(self._tables, self._words, maps)
        self._keeps_history = True
        self._shows_notes = True

    async def page(self, ask: PageAsk) -> Page | Failed:
        """Return a page in the order of (sys_updated_on, sys_id).

        Of services, those whose relations have changed come first, in the order
        of that change.
        """
        return await self._reader.page(ask)

    async def read(self, kind: RecordKind, external_ids: Sequence[str]) -> Found | Failed:
        """Return some records; one that access rules hide counts as gone."""
        return await self._reader.read(kind, external_ids)

    async def census(self, ask: CensusAsk) -> CensusPage | Failed:
        """Return a page of ids, in their own order."""
        return await self._reader.census(ask)

    async def history(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> History | Failed:
        """Return what ``sys_audit`` tells; many accounts may not read it, then it stays closed."""
        words = self._words[kind]
        edits: list[InboundEdit] = []
        for batch in history.batches(asks) if self._keeps_history else ():
            walk = Walk(
                time="sys_created_on",
                condition=history.condition(batch, words.table),
                since=history.earliest(batch),
            )
            rows = await self._tables.walk(history.TABLE, walk, history.ASKED)
            if isinstance(rows, Failed):
                if not is_denied(rows):
                    return rows
                self._keeps_history = False
                break
            edits += history.edits(rows, batch, words)
        if not self._keeps_history:
            return History(edits=(), is_closed=True)
        return History(edits=sorted(edits, key=lambda edit: (edit.key, edit.external_id)))

    async def notes(self, kind: RecordKind, asks: Sequence[HistoryAsk]) -> Notes | Failed:
        """Return what ``sys_journal_field`` tells; it may be closed as the audit may be."""
        found: list[InboundNote] = []
        for batch in history.batches(asks) if self._shows_notes else ():
            walk = Walk(
                time="sys_created_on",
                condition=notes.condition(batch),
                since=history.earliest(batch),
            )
            rows = await self._tables.walk(notes.TABLE, walk, notes.ASKED)
            if isinstance(rows, Failed):
                if not is_denied(rows):
                    return rows
                self._shows_notes = False
                break
            found += notes.notes(rows, batch)
        if not self._shows_notes:
            return Notes(notes=(), is_closed=True)
        return Notes(
            notes=sorted(found, key=lambda note: (note.created_at, note.external_id)),
            whole=frozenset(ask.external_id for ask in asks if ask.since is None),
        )

    async def names(self, references: Collection[Reference]) -> Sequence[Named] | Failed:
        """Return the names; a table that we may not read has none."""
        return await self._directory.names(references)

    async def create(self, ask: CreateAsk) -> InboundRecord | Failed:
        """Create an incident."""
        return await self._writer.create(ask)

    async def write(self, ask: WriteAsk) -> InboundRecord | Failed:
        """Write fields of an incident."""
        return await self._writer.write(ask)

    async def comment(self, ask: CommentAsk) -> InboundNote | Failed:
        """Add a note to an incident."""
        return await self._writer.comment(ask)

    async def reader(self) -> Reads | Failed:
        """Return what reads deliveries: all that it must know is known already."""
        return partial(webhook.read, words=self._words)

    async def check(self) -> Checked:
        """Try reach, sign-in, rights, mapping, queries and clock."""
        return await self._test.run()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._tables.close()
