"""Writing incidents and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from adapters.exchange import CommentAsk, CreateAsk, Failed, WriteAsk
from adapters.pagerduty import notes, outward
from adapters.pagerduty.api import Api
from adapters.pagerduty.batches import INCLUDED, Batches
from adapters.pagerduty.incidents import incident, incident_key
from adapters.pagerduty.outward import RESOLVED
from adapters.pagerduty.reading import child, is_identity, text
from adapters.pagerduty.terms import Terms
from domain.inbound import FaultyRecord, InboundNote, InboundRecord, Reference
from domain.records import NoteVisibility
from domain.sync.retry import Fault

_GONE: Final = (404, 410)
_NO_REOPENING: Final = "this account lets no incident be opened again; possible: resolved"


class Writer:
    """Writes to one account, each value absolute: what already stands is left alone."""

    def __init__(self, api: Api, writer: str) -> None:
        """Write in the name of the user with this e-mail address."""
        self._api = api
        self._incidents = Batches(api, is_whole=True)
        self._writer = writer
        self._reopens = True
        self._own_id: str | None = None

    async def create(self, ask: CreateAsk, terms: Terms) -> InboundRecord | Failed:
        """Create an incident, or adopt the one that an earlier try created."""
        document, missing = outward.creation(ask, terms)
        if missing:
            return _refused(missing)
        row = await self._created(ask) if ask.may_exist else None
        if row is None:
            row = await self._create(ask, document)
        if row is None or isinstance(row, Failed):
            return row or Failed(fault=Fault.REJECTED, detail="the key is that of no incident")
        later = outward.after_creation(ask)
        if later and is_identity(external_id := text(row, "id")):
            return await self.write(WriteAsk(external_id=external_id, fields=later), terms)
        return _readable(incident(row, terms))

    async def _create(
        self, ask: CreateAsk, document: Mapping[str, Any]
    ) -> Mapping[str, object] | Failed | None:
        answer = await self._api.write("POST", "/incidents", {"incident": document})
        if not isinstance(answer, Failed):
            return child(answer.body, "incident")
        if answer.fault is Fault.REJECTED and "already exists" in answer.detail:
            return await self._created(ask)
        return answer

    async def _created(self, ask: CreateAsk) -> Mapping[str, object] | Failed | None:
        """Return the newest incident that carries our id."""
        query = (
            ("incident_key", incident_key(ask.correlation_id)),
            ("date_range", "all"),
            ("sort_by", "created_at:desc"),
            *INCLUDED,
        )
        found = await self._api.rows("/incidents", query, limit=1)
        if isinstance(found, Failed):
            return found
        return next((row for row in found.rows if isinstance(row, Mapping)), None)

    async def write(self, ask: WriteAsk, terms: Terms) -> InboundRecord | Failed:
        """Write fields of an incident, in at most three steps."""
        row = await self._incidents.one(ask.external_id)
        if isinstance(row, Failed):
            return _gone(row)
        wanted, refused = outward.changes(ask.fields, row, terms)
        if refused:
            return _refused(refused)
        for step in outward.steps(wanted, row):
            written = await self._step(ask.external_id, step, row)
            if isinstance(written, Failed):
                return _gone(written)
            row = written
        return _readable(incident(row, terms))

    async def _step(
        self, external_id: str, step: Mapping[str, Any], row: Mapping[str, object]
    ) -> Mapping[str, object] | Failed:
        is_reopening = "status" in step and row.get("status") == RESOLVED
        if is_reopening and not self._reopens:
            return Failed(fault=Fault.TRANSITION_REFUSED, detail=_NO_REOPENING)
        document = {"incident": {"type": "incident_reference", **step}}
        answer = await self._api.write("PUT", f"/incidents/{external_id}", document)
        if not isinstance(answer, Failed):
            return child(answer.body, "incident")
        told = answer.detail.lower()
        if answer.fault is not Fault.REJECTED or "status" not in step:
            return answer
        if "already" in told and step["status"] == RESOLVED:
            return await self._incidents.one(external_id)
        if is_reopening and RESOLVED in told:
            # Accounts from before September 2025.
            self._reopens = False
        return _untaken(answer, is_reopening=is_reopening)

    async def comment(self, ask: CommentAsk) -> InboundNote | Failed:
        """Add a note; all that PagerDuty has are for responders alone."""
        if ask.visibility is not NoteVisibility.INTERNAL:
            detail = "PagerDuty has no notes that customers read"
            return Failed(fault=Fault.REJECTED, detail=detail, fields={"visibility": detail})
        if not is_identity(ask.external_id):
            return Failed(fault=Fault.GONE, detail="no incident can have this id")
        path = f"/incidents/{ask.external_id}/notes"
        if ask.may_exist:
            found = await self._noted(path, ask)
            if found is not None:
                return found
        answer = await self._api.write("POST", path, {"note": {"content": ask.body}})
        if isinstance(answer, Failed):
            return _gone(answer)
        try:
            return notes.note(child(answer.body, "note"), ask.external_id)
        except ValueError as error:
            return Failed(fault=Fault.BAD_ANSWER, detail=str(error), status=answer.status)

    async def _noted(self, path: str, ask: CommentAsk) -> InboundNote | Failed | None:
        """Return the note of ours that has just been added with these words."""
        answer = await self._api.get(path)
        if isinstance(answer, Failed):
            return _gone(answer)
        own_id = await self._own()
        if isinstance(own_id, Failed):
            return own_id
        listed = answer.body.get("notes")
        rows: Sequence[object] = listed if isinstance(listed, list) else ()
        for note in notes.notes(rows, ask.external_id):
            if _is_ours(note, own_id) and ask.may_be(note) and note.body == notes.lines(ask.body):
                return note
        return None

    async def _own(self) -> str | Failed:
        """Return the id of the user in whose name we write; "" when there is none."""
        if self._own_id is None:
            found = await self._api.rows("/users", (("query", self._writer),))
            if isinstance(found, Failed):
                return found
            users = [row for row in found.rows if isinstance(row, Mapping)]
            ids = [text(u, "id") for u in users if text(u, "email").lower() == self._writer.lower()]
            self._own_id = ids[0] if ids else ""
        return self._own_id


def _is_ours(note: InboundNote, own_id: str) -> bool:
    return not own_id or note.author == Reference(table="user", external_id=own_id)


def _readable(record: InboundRecord | FaultyRecord) -> InboundRecord | Failed:
    if isinstance(record, InboundRecord):
        return record
    return Failed(fault=Fault.BAD_ANSWER, detail=record.detail)


def _untaken(failed: Failed, *, is_reopening: bool) -> Failed:
    """Tell a status that cannot be reached from a write that was refused otherwise."""
    told = failed.detail.lower()
    if is_reopening and RESOLVED in told:
        return replace(failed, fault=Fault.TRANSITION_REFUSED, detail=_NO_REOPENING)
    if RESOLVED in told or "status" in told:
        detail = f"{failed.detail}; possible: acknowledged, resolved"
        return replace(failed, fault=Fault.TRANSITION_REFUSED, detail=detail)
    return failed


def _gone(failed: Failed) -> Failed:
    return replace(failed, fault=Fault.GONE) if failed.status in _GONE else failed


def _refused(fields: Mapping[str, str]) -> Failed:
    detail = "; ".join(f"{name}: {why}" for name, why in fields.items())
    return Failed(fault=Fault.REJECTED, detail=detail, fields=fields)
