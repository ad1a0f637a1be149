"""Write a note on an incident here, and let its vendors have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.access.roles import Actor
from domain.errors import Invalid, NotFound
from domain.events.entry import NewEntry, RecordEventKind, Topic
from domain.records import NoteVisibility
from domain.sync.merge import normalised
from models.coding import to_milliseconds
from models.reads.incident import INCIDENTS
from models.tables.incident import IncidentRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.incidents.repeated import Asked, once
from operations.runtime import Runtime
from operations.sync.send_note import Noted, send_note
from operations.sync.warned import Warned

LONGEST_NOTE: Final = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """What is said of which incident.

    key: the caller's own name for the request: the same again adds nothing new.
    """

    incident_id: str
    body: str
    key: str
    visibility: NoteVisibility = NoteVisibility.INTERNAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The note, and what to know."""

    note_id: str
    warnings: Sequence[Warned] = ()


async def add_note(runtime: Runtime, actor: Actor, ask: AddNote) -> Added:
    """Add a note and queue it for each vendor that is to have it.

    Raises NotFound, Forbidden, Invalid, IdempotencyMismatch.
    """
    body = normalised(ask.body)
    if not isinstance(body, str):
        raise Invalid("a note may not be empty", path=("body",))
    if len(body) > LONGEST_NOTE or "\0" in body:
        raise Invalid(f"a note has at most {LONGEST_NOTE} characters, without NUL", path=("body",))
    warnings: list[Warned] = []

    async def write(tx: Transaction) -> str:
        async def make() -> str:
            locked = IncidentRow.select_for_update(no_key=True)
            incident = await locked.get_or_none(id=ask.incident_id)
            known = await INCIDENTS.by_id(scope_of(actor), [ask.incident_id])
            if incident is None or not known:
                raise NotFound("incident", ask.incident_id, path=("incidentId",))
            authorise(actor, Action.EDIT_INCIDENT, assignee=incident.assignee)
            note_id = await _insert(runtime, tx, actor, ask, body)
            noted = Noted(incident_id=ask.incident_id, note_id=note_id, by=actor.name)
            warnings.extend(await send_note(runtime, tx, noted))
            return note_id

        content = {"note": [ask.incident_id, body, ask.visibility]}
        return await once(runtime, tx, actor, Asked(key=ask.key, content=content), make)

    note_id = await commit(write)
    await runtime.wake("push")
    await runtime.wake("events")
    return Added(note_id=note_id, warnings=tuple(warnings))


async def _insert(runtime: Runtime, tx: Transaction, actor: Actor, ask: AddNote, body: str) -> str:
    note_id, now = runtime.new_id(), runtime.now()
    await tx.upsert(
        "note",
        [
            {
                "id": note_id,
                "incident_id": ask.incident_id,
                "integration_id": None,
                "external_id": None,
                "author": actor.name,
                "body": body,
                "visibility": ask.visibility,
                "created_at": to_milliseconds(now),
                "edited_at": None,
                "deleted_at": None,
            }
        ],
        key=("id",),
    )
    tx.tell(
        NewEntry(
            topic=Topic.INCIDENT,
            kind=RecordEventKind.NOTE_ADDED,
            occurred_at=now,
            record_id=ask.incident_id,
        )
    )
    return note_id
