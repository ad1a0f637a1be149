"""The notes of a page's records: added, edited or deleted at the vendor (rule K2)."""

from collections.abc import Collection, Mapping, Sequence

from adapters.exchange import Notes
from domain.events.entry import NewEntry, RecordEventKind, Topic
from domain.exchange import WriteKind, WriteState
from domain.inbound import InboundNote, Reference
from domain.records import TAKES_INBOUND
from models.coding import dumps, to_milliseconds
from operations.sync.draft import Draft
from operations.sync.send_note import Noted, send_note
from operations.sync.shapes import Line
from operations.sync.terms import terms_of_all
from operations.sync.writing import Writing


async def store_notes(
    to: Writing, notes: Notes, *, names: Mapping[Reference, str], drafts: Sequence[Draft]
) -> None:
    """Write the notes of incidents; one that the vendor no longer has stays, marked.

    Tells of new notes of incidents that were known before, and queues them for the
    incidents' other vendors. A note that we have written there ourselves is none of them.
    Cost: four statements a page, and one or two more where there are new notes.
    """
    if not notes.notes and not notes.whole:
        return
    of = {draft.source.external_id: draft.link["incident_id"] for draft in drafts}
    told = [note for note in notes.notes if note.record_external_id in of]
    whole = {of[external_id] for external_id in notes.whole if external_id in of}
    if not told and not whole:
        return
    known = await _known(to, sorted(set(of.values())))
    ours = await _copies(to, told, of)
    told = [note for note in told if note.external_id not in ours]
    lines = [_line(to, of[n.record_external_id], n, names) for n in told]
    await to.tx.upsert(
        "note",
        [line for line in lines if _is_news(known.get(line["external_id"]), line)],
        key=("integration_id", "external_id"),
    )
    seen = {line["external_id"] for line in lines}
    await _mark_deleted(
        to,
        [
            note["id"]
            for external_id, note in known.items()
            if external_id not in seen
            and note["incident_id"] in whole
            and note["deleted_at"] is None
        ],
    )
    created = _created(drafts)
    news = [
        line
        for line in lines
        if line["external_id"] not in known and line["incident_id"] not in created
    ]
    _tell(to, sorted({line["incident_id"] for line in news}))
    await _forward(to, news, drafts)


async def _mark_deleted(to: Writing, note_ids: Sequence[str]) -> None:
    if note_ids:
        await to.tx.rows(
            f"UPDATE note SET deleted_at = $1 WHERE {to.tx.one_of('id', '$2')} RETURNING id",  # noqa: S608 — the inserted text is ours
            to_milliseconds(to.runtime.now()),
            dumps(note_ids),
        )


async def _forward(to: Writing, news: Sequence[Line], drafts: Sequence[Draft]) -> None:
    """Queue new notes for the other vendors of their incidents, if the direction takes any in."""
    if not news:
        return
    joined = {d.link["incident_id"] for d in drafts if len(d.linked.integrations) > 1}
    joined |= await _under_creation(to, {line["incident_id"] for line in news} - joined)
    bound = [line for line in news if line["incident_id"] in joined]
    terms = await terms_of_all() if bound else {}
    if not bound or terms[to.integration_id].direction not in TAKES_INBOUND:
        return
    for line in bound:
        noted = Noted(
            incident_id=line["incident_id"],
            note_id=line["id"],
            by=line["author"],
            origin=to.integration_id,
        )
        await send_note(to.runtime, to.tx, noted)


async def _under_creation(to: Writing, incident_ids: Collection[str]) -> set[str]:
    """Return those incidents that another vendor is still to have."""
    if not incident_ids:
        return set()
    found = await to.tx.rows(
        f"""
        SELECT DISTINCT l.incident_id FROM lane l JOIN outbox o ON o.lane_id = l.id
        WHERE {to.tx.one_of("l.incident_id", "$1")} AND o.kind = $2 AND o.state IN ($3, $4)
        """,  # noqa: S608 — the inserted text is ours
        dumps(sorted(incident_ids)),
        WriteKind.CREATE,
        WriteState.READY,
        WriteState.DEAD,
    )
    return {row["incident_id"] for row in found}


async def _copies(
    to: Writing, told: Sequence[InboundNote], of: Mapping[str, str]
) -> frozenset[str]:
    """Return the vendor's ids of notes that we have written there.

    One whose answer was lost is known by its words: it was begun, and has not arrived.
    """
    found = await to.tx.rows(
        f"""
        SELECT external_id FROM note_copy
        WHERE integration_id = $1 AND {to.tx.one_of("external_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps([note.external_id for note in told]),
    )
    under_way = await to.tx.rows(
        f"""
        SELECT l.incident_id, n.body FROM lane l
        JOIN outbox o ON o.lane_id = l.id JOIN note n ON n.id = o.note_id
        WHERE l.integration_id = $1 AND o.state IN ($2, $3) AND (o.starts > 0 OR o.attempt > 0)
            AND {to.tx.one_of("l.incident_id", "$4")}
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        WriteState.READY,
        WriteState.DEAD,
        dumps(sorted(set(of.values()))),
    )
    begun = {(row["incident_id"], row["body"]) for row in under_way}
    return frozenset(row["external_id"] for row in found) | frozenset(
        note.external_id for note in told if (of[note.record_external_id], note.body) in begun
    )


def _created(drafts: Sequence[Draft]) -> set[str | None]:
    """Return the incidents that are told of as new: their notes are no news."""
    return {
        draft.entry.record_id
        for draft in drafts
        if draft.entry is not None and draft.entry.kind == RecordEventKind.CREATED
    }


def _tell(to: Writing, incident_ids: Sequence[str]) -> None:
    for incident_id in incident_ids:
        to.tx.tell(
            NewEntry(
                topic=Topic.INCIDENT,
                kind=RecordEventKind.NOTE_ADDED,
                occurred_at=to.runtime.now(),
                integration_id=to.integration_id,
                record_id=incident_id,
            )
        )


async def _known(to: Writing, incident_ids: Sequence[str]) -> dict[str, Line]:
    found = await to.tx.rows(
        f"""
        SELECT id, incident_id, external_id, body, visibility, edited_at, deleted_at FROM note
        WHERE integration_id = $1 AND {to.tx.one_of("incident_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps(incident_ids),
    )
    return {row["external_id"]: row for row in found}


def _is_news(known: Line | None, line: Line) -> bool:
    return known is None or any(
        known[name] != line[name] for name in ("body", "visibility", "edited_at", "deleted_at")
    )


def _line(to: Writing, incident_id: str, note: InboundNote, names: Mapping[Reference, str]) -> Line:
    author = note.author
    return {
        "id": to.runtime.new_id(),
        "incident_id": incident_id,
        "integration_id": to.integration_id,
        "external_id": note.external_id,
        "author": names.get(author, author.external_id)
        if isinstance(author, Reference)
        else author,
        "body": note.body,
        "visibility": note.visibility,
        "created_at": to_milliseconds(note.created_at),
        "edited_at": None if note.edited_at is None else to_milliseconds(note.edited_at),
        "deleted_at": None,
    }
