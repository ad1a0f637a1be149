"""Write a note on an incident here, and let its vendors have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import Invalid, NotFound
from domain.events.entry import NewEntry, RecordEventKind, Topic
from domain.records import NoteVisibility, VendorFeature, WarningCode, WriteKind
from domain.sync.merge import normalised
from domain.sync.ownership import why_not_sent
from models.coding import to_milliseconds
from models.reads.incident import INCIDENTS
from models.tables.incident import IncidentRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.incidents.edit import Warned
from operations.incidents.repeated import Asked, once
from operations.runtime import Runtime
from operations.sync.queue import Write, queue
from operations.sync.terms import terms_of_all

# Notes have owners as fields have (brief: work_notes, comments).
NOTES: Final = "notes"
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
            incident = await IncidentRow.select_for_update().get_or_none(id=ask.incident_id)
            known = await INCIDENTS.by_id(scope_of(actor), [ask.incident_id])
            if incident is None or not known:
                raise NotFound("incident", ask.incident_id, path=("incidentId",))
            authorise(actor, Action.EDIT_INCIDENT, assignee=incident.assignee)
            note_id = await _insert(runtime, tx, actor, ask, body)
            warnings.extend(
                await send_note(
                    runtime, tx, incident_id=ask.incident_id, note_id=note_id, by=actor.name
                )
            )
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


async def send_note(
    runtime: Runtime, tx: Transaction, *, incident_id: str, note_id: str, by: str
) -> list[Warned]:
    """Queue a note for each vendor that is to have it; say where it is not sent."""
    links = await tx.rows(
        """
        SELECT l.integration_id, i.key, i.provider FROM incident_link l
        JOIN integration i ON i.id = l.integration_id
        WHERE l.incident_id = $1 AND l.gone_at IS NULL ORDER BY l.integration_id
        """,
        incident_id,
    )
    terms = await terms_of_all() if links else {}
    linked = [link["integration_id"] for link in links]
    warnings: list[Warned] = []
    for link in links:
        own = terms[link["integration_id"]]
        code = why_not_sent(own.direction, own.policy(NOTES, linked).owned.owner)
        if code is None and VendorFeature.COMMENT not in manifest(link["provider"]).features:
            code = WarningCode.NOT_SENT
        if code is not None:
            warnings.append(Warned(code=code, field=NOTES, integration_key=link["key"]))
            continue
        write = Write(
            integration_id=own.integration_id,
            incident_id=incident_id,
            kind=WriteKind.NOTE,
            by=by,
            note_id=note_id,
        )
        await queue(runtime, tx, write)
    return warnings
