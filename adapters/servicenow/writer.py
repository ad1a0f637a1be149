"""Writing incidents: what is sent, and what an answer to it means."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from adapters.exchange import CommentAsk, CreateAsk, Failed, WriteAsk
from adapters.field_map import Mappings
from adapters.servicenow import notes
from adapters.servicenow.mapping import OURS, Translation
from adapters.servicenow.outward import WEIGHED, Outward, Unwritable
from adapters.servicenow.tables import RowsAsk, Tables, is_denied
from adapters.servicenow.values import identity, instant, is_identity, raw
from domain.inbound import FaultyRecord, InboundNote, InboundRecord, MirroredValue
from domain.records import IncidentStatus
from domain.sync.retry import Fault

_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
# What an instance's own rules say, with the status of a missing right.
_POLICY: Final = re.compile(r"Data Policy Exception|Business Rule", re.IGNORECASE)
# States that an instance may insist on before another (rule K3: at most three steps).
_WAYS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    IncidentStatus.RESOLVED: ((IncidentStatus.IN_PROGRESS,),),
    IncidentStatus.CLOSED: (
        (IncidentStatus.RESOLVED,),
        (IncidentStatus.IN_PROGRESS, IncidentStatus.RESOLVED),
    ),
}
_NOTES_SEARCHED: Final = 50


class Writer:
    """Writes incidents of one account.

    author: our user name there, where the credentials tell it.
    """

    def __init__(
        self, tables: Tables, words: Translation, maps: Mappings, author: str | None
    ) -> None:
        """Send nothing yet."""
        self._tables = tables
        self._words = words
        self._outward = Outward(maps)
        self._author = author

    async def create(self, ask: CreateAsk) -> InboundRecord | Failed:
        """Create an incident that carries our id, or adopt the one that already does (rule I4)."""
        mark = {"correlation_id": identity(ask.correlation_id), "correlation_display": OURS}
        try:
            columns = self._outward.columns(ask.fields, {})
        except Unwritable as error:
            return _unwritable(error)
        if ask.may_exist:
            found = await self._marked(mark)
            if found is not None:
                return found
        table = self._words.table
        made = await self._tables.create(table, columns | mark, self._words.columns)
        return _ruled(made) if isinstance(made, Failed) else self._record(made)

    async def _marked(self, mark: Mapping[str, str]) -> InboundRecord | Failed | None:
        """Return the oldest incident with our mark."""
        marked = "^".join(f"{column}={value}" for column, value in mark.items())
        found = await self._tables.read(
            RowsAsk(
                table=self._words.table,
                query=f"{marked}^ORDERBYsys_created_on^ORDERBYsys_id",
                columns=self._words.columns,
                limit=1,
            )
        )
        if isinstance(found, Failed):
            return found
        # An instance that ignores an unknown column finds any incident.
        for row in found.rows:
            if isinstance(row, dict) and all(raw(row, name) == mark[name] for name in mark):
                return self._record(row)
        return None

    async def write(self, ask: WriteAsk) -> InboundRecord | Failed:
        """Write fields, by way of other states where the instance insists on them."""
        if not is_identity(ask.external_id):
            return Failed(fault=Fault.GONE, detail="no incident has such an id")
        outcome = await self._write(ask.external_id, ask.fields)
        for way in _WAYS.get(str(ask.fields.get("status")), ()):
            if not isinstance(outcome, Failed) or outcome.fault is not Fault.TRANSITION_REFUSED:
                break
            for status in way:
                await self._write(ask.external_id, {"status": status})
            outcome = await self._write(ask.external_id, ask.fields)
        return outcome

    async def _write(
        self, sys_id: str, fields: Mapping[str, MirroredValue]
    ) -> InboundRecord | Failed:
        table = self._words.table
        present: dict[str, Any] | Failed = {}
        if not fields or not WEIGHED.isdisjoint(fields):
            present = await self._tables.one(table, sys_id, self._words.columns)
        if isinstance(present, Failed):
            return _told(present)
        try:
            columns = self._outward.columns(fields, present)
        except Unwritable as error:
            return _unwritable(error)
        if not columns:
            return self._record(present)
        row = await self._tables.edit(table, sys_id, columns, self._words.columns)
        if isinstance(row, Failed):
            told = _told(row)
            is_status = self._outward.state_column() in columns
            if told.fault is Fault.REJECTED and row.status == _FORBIDDEN and is_status:
                return replace(told, fault=Fault.TRANSITION_REFUSED)
            return told
        return self._stuck(fields.get("status"), present, row) or self._record(row)

    def _stuck(
        self, status: MirroredValue, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> Failed | None:
        """Say so when the instance took the write and left the state where it was."""
        column = self._outward.state_column()
        state = raw(after, column)
        if status is None or self._outward.is_met(str(status), state):
            return None
        if state != raw(before, column):
            # A rule of the instance went on from there: its word counts.
            return None
        detail = (
            f"the instance left {column} at {state!r}, and does not tell what may follow it;"
            " see its rules and access controls for the account"
        )
        return Failed(fault=Fault.TRANSITION_REFUSED, detail=detail)

    async def comment(self, ask: CommentAsk) -> InboundNote | Failed:
        """Add a work note or a comment; the journal says under which id, if it may be read."""
        if not is_identity(ask.external_id):
            return Failed(fault=Fault.GONE, detail="no incident has such an id")
        if ask.may_exist:
            found = await self._noted(ask)
            if isinstance(found, InboundNote) or (
                isinstance(found, Failed) and not is_denied(found)
            ):
                return found
        element = notes.ELEMENTS[ask.visibility]
        stamps = ("sys_id", "sys_updated_on", "sys_updated_by")
        row = await self._tables.edit(
            self._words.table, ask.external_id, {element: ask.body}, stamps
        )
        if isinstance(row, Failed):
            return _told(row)
        found = await self._noted(ask)
        return found if isinstance(found, InboundNote) else _unseen(ask, row)

    async def _noted(self, ask: CommentAsk) -> InboundNote | Failed | None:
        """Return the newest note of the same words of ours."""
        element = notes.ELEMENTS[ask.visibility]
        found = await self._tables.read(
            RowsAsk(
                table=notes.TABLE,
                query=(f"element_id={ask.external_id}^element={element}^ORDERBYDESCsys_created_on"),
                columns=notes.ASKED,
                limit=_NOTES_SEARCHED,
            )
        )
        if isinstance(found, Failed):
            return found
        for row in found.rows:
            note = notes.note_of(row) if isinstance(row, dict) else None
            if note and self._is_same(note, ask):
                return note
        return None

    def _is_same(self, note: InboundNote, ask: CommentAsk) -> bool:
        return (
            note.record_external_id == ask.external_id
            and note.body == notes.plain(ask.body)
            and ask.may_be(note)
            and self._author in (None, note.author)
        )

    def _record(self, row: Mapping[str, Any]) -> InboundRecord | Failed:
        read = self._words.record(row)
        if isinstance(read, FaultyRecord):
            return Failed(fault=Fault.BAD_ANSWER, detail=read.detail)
        return read


def _unwritable(error: Unwritable) -> Failed:
    return Failed(fault=Fault.REJECTED, detail=str(error), fields=error.fields)


def _told(failed: Failed) -> Failed:
    """Tell a record that is gone from an address that is wrong."""
    if failed.status == _NOT_FOUND:
        return replace(failed, fault=Fault.GONE)
    return _ruled(failed)


def _ruled(failed: Failed) -> Failed:
    """Tell what a rule of the instance refused from what we have no right to."""
    if failed.status == _FORBIDDEN and _POLICY.search(failed.detail):
        return replace(failed, fault=Fault.REJECTED)
    return failed


def _unseen(ask: CommentAsk, row: Mapping[str, Any]) -> InboundNote | Failed:
    """Return a note that was taken, where the journal cannot be read.

    No pull will read it either, so that any id is good that no other note has.
    """
    at = raw(row, "sys_updated_on")
    try:
        created_at = instant(at)
    except ValueError as error:
        return Failed(fault=Fault.BAD_ANSWER, detail=str(error))
    return InboundNote(
        external_id=f"{ask.external_id}:{created_at:%Y%m%d%H%M%S}",
        record_external_id=ask.external_id,
        author=raw(row, "sys_updated_by"),
        body=notes.plain(ask.body),
        visibility=ask.visibility,
        created_at=created_at,
    )
