"""The notes of a page's records: added, edited or deleted at the vendor (rule K2)."""

from collections.abc import Mapping, Sequence

from adapters.exchange import Notes
from domain.events.entry import NewEntry, RecordEventKind, Topic
from domain.inbound import InboundNote, Reference
from models.coding import dumps, to_milliseconds
from operations.sync.draft import Draft
from operations.sync.shapes import Line
from operations.sync.writing import Writing


async def store_notes(
    to: Writing, notes: Notes, *, names: Mapping[Reference, str], drafts: Sequence[Draft]
) -> None:
    """Write the notes of incidents; one that the vendor no longer has stays, marked.

    Tells of new notes of incidents that were known before.
    Cost: two statements a page, and one more where there are notes.
    """
    if not notes.notes and not notes.whole:
        return
    of = {draft.source.external_id: draft.link["incident_id"] for draft in drafts}
    told = [note for note in notes.notes if note.record_external_id in of]
    whole = {of[external_id] for external_id in notes.whole if external_id in of}
    if not told and not whole:
        return
    known = await _known(to, sorted(set(of.values())))
    lines = [_line(to, of[n.record_external_id], n, names) for n in told]
    await to.tx.upsert(
        "note",
        [line for line in lines if _is_news(known.get(line["external_id"]), line)],
        key=("integration_id", "external_id"),
    )
    seen = {line["external_id"] for line in lines}
    gone = [
        note["id"]
        for external_id, note in known.items()
        if external_id not in seen and note["incident_id"] in whole and note["deleted_at"] is None
    ]
    if gone:
        await to.tx.rows(
            f"UPDATE note SET deleted_at = $1 WHERE {to.tx.one_of('id', '$2')} RETURNING id",  # noqa: S608 — the inserted text is ours
            to_milliseconds(to.runtime.now()),
            dumps(gone),
        )
    news = {line["incident_id"] for line in lines if line["external_id"] not in known}
    _tell(to, sorted(news - _created(drafts)))


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
