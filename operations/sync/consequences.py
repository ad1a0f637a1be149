"""What follows from judged changes: conflicts that are kept, and writes that are queued."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.events.entry import ConflictEventKind, NewEntry, Topic
from domain.exchange import ConflictStatus, WriteKind
from domain.sync.ownership import why_not_sent
from models.coding import dumps, to_milliseconds
from models.serial import next_numbers
from operations.conflicts.follow import Edited, follow_edit
from operations.metrics import Figure, count
from operations.span import within
from operations.sync.clashes import Moved
from operations.sync.draft import Draft
from operations.sync.queue import SYNC, Write, queue
from operations.sync.terms import Terms, terms_of_all
from operations.sync.writing import Writing

_EVENTS: Final[Mapping[ConflictStatus, ConflictEventKind]] = {
    ConflictStatus.OPEN: ConflictEventKind.OPENED,
    ConflictStatus.RESOLVED_PLATFORM: ConflictEventKind.RESOLVED,
    ConflictStatus.RESOLVED_EXTERNAL: ConflictEventKind.RESOLVED,
    # Opened and overtaken by what the same page tells.
    ConflictStatus.SUPERSEDED: ConflictEventKind.SUPERSEDED,
}


async def store_consequences(to: Writing, drafts: Sequence[Draft]) -> None:
    """Write the conflicts of a page and queue what is to be sent because of it.

    Cost: none where neither side has edited; else some statements for each
    conflict and each write.
    """
    # What has ended leaves its place to what has begun.
    for draft in drafts:
        for moved in draft.moved:
            await _move(to, moved)
    await _store_clashes(to, drafts)
    bound = [draft for draft in drafts if _is_bound(to, draft)]
    terms = await terms_of_all() if bound else {}
    for draft in bound:
        with within(to.traces.get(draft.source.external_id)):
            await _send(to, draft, draft.link["incident_id"], terms)


def _is_bound(to: Writing, draft: Draft) -> bool:
    """Say whether anything of a record may have to be sent."""
    if not to.shape.has_edits:
        return False
    return bool(draft.sends or (draft.spreads and len(draft.linked.integrations) > 1))


async def _store_clashes(to: Writing, drafts: Sequence[Draft]) -> None:
    clashes = [line for draft in drafts for line in draft.clashes]
    if not clashes:
        return
    numbers = await next_numbers(to.tx, "conflict", len(clashes))
    lines = [line | {"number": number} for line, number in zip(clashes, numbers, strict=True)]
    await to.tx.upsert("conflict", lines, key=("id",))
    decided = sum(_EVENTS[line["status"]] is ConflictEventKind.RESOLVED for line in lines)
    await count(to.tx, to.runtime, to.integration_id, Figure.CONFLICTS_DETECTED, len(lines))
    await count(to.tx, to.runtime, to.integration_id, Figure.CONFLICTS_RESOLVED, decided)
    for line in lines:
        _tell(to, str(line["id"]), _EVENTS[line["status"]])


async def _move(to: Writing, moved: Moved) -> None:
    is_open = moved.status is ConflictStatus.OPEN
    now = to_milliseconds(to.runtime.now())
    await to.tx.rows(
        """
        UPDATE conflict SET version = $2, external_value = $3, external_at = $4,
            external_sequence = $5, external_edited_at = $6, external_edited_by = $7,
            status = $8, open_slot = $9, resolved_at = $10, resolved_by = $11
        WHERE id = $1 RETURNING id
        """,
        moved.id,
        moved.version,
        dumps(moved.value),
        to_milliseconds(moved.key.at),
        moved.key.sequence,
        to_milliseconds(moved.edited_at),
        moved.by,
        moved.status,
        1 if is_open else None,
        None if is_open else now,
        None if is_open else SYNC,
    )
    kind = ConflictEventKind.UPDATED if is_open else ConflictEventKind.SUPERSEDED
    _tell(to, moved.id, kind)


def _tell(to: Writing, conflict_id: str, kind: ConflictEventKind) -> None:
    to.tx.tell(
        NewEntry(
            topic=Topic.CONFLICT,
            kind=kind,
            occurred_at=to.runtime.now(),
            integration_id=to.integration_id,
            record_id=conflict_id,
        )
    )


async def _send(to: Writing, draft: Draft, incident_id: str, terms: Mapping[str, Terms]) -> None:
    """Queue what goes back to this vendor, and what the record's other vendors are to have."""
    own = draft.sends & terms[to.integration_id].written
    if own:
        write = Write(
            integration_id=to.integration_id,
            incident_id=incident_id,
            kind=WriteKind.UPDATE,
            by=SYNC,
            fields=own,
            is_forced=True,
        )
        await queue(to.runtime, to.tx, write)
    linked = draft.linked.integrations
    if not draft.spreads or len(linked) == 1:
        return
    held = await _held(to, draft, incident_id)
    for other in linked:
        free = frozenset(name for name in draft.spreads if (other, name) not in held)
        if other != to.integration_id:
            await spread(to, incident_id, free, terms[other], linked)


async def _held(to: Writing, draft: Draft, incident_id: str) -> frozenset[tuple[str, str]]:
    """Let conflicts with other vendors show the new values; return what they hold back."""
    edited = Edited(
        incident_id=incident_id,
        values={name: one.value for name, one in draft.spreads.items()},
        versions={name: one.version for name, one in draft.spreads.items()},
        by=SYNC,
    )
    return await follow_edit(to.runtime, to.tx, edited)


async def spread(
    to: Writing,
    incident_id: str,
    fields: frozenset[str],
    terms: Terms,
    linked: Sequence[str],
) -> None:
    """Queue changed fields for one more vendor of an incident, as far as its rules send them."""
    wanted = {
        name
        for name in fields & terms.written
        if why_not_sent(terms.direction, terms.policy(name, linked).owned.owner) is None
    }
    if wanted:
        write = Write(
            integration_id=terms.integration_id,
            incident_id=incident_id,
            kind=WriteKind.UPDATE,
            by=SYNC,
            fields=wanted,
        )
        await queue(to.runtime, to.tx, write)
