"""What ``sys_journal_field`` tells: work notes and comments. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.exchange import HistoryAsk
from adapters.servicenow.values import identity, instant, raw
from domain.inbound import InboundNote
from domain.records import NoteVisibility

TABLE: Final = "sys_journal_field"
ASKED: Final = ("sys_id", "element_id", "element", "value", "sys_created_on", "sys_created_by")
# Written like columns of a record, kept as rows of their own. Callers see comments too.
ELEMENTS: Final[Mapping[NoteVisibility, str]] = {
    NoteVisibility.INTERNAL: "work_notes",
    NoteVisibility.PUBLIC: "comments",
}
_VISIBILITY: Final = {element: visibility for visibility, element in ELEMENTS.items()}


def condition(batch: Sequence[HistoryAsk]) -> str:
    """Return the condition on the notes of a batch. Raises ValueError for a malformed id."""
    records = ",".join(identity(ask.external_id) for ask in batch)
    return f"element_idIN{records}^elementIN{','.join(_VISIBILITY)}"


def notes(rows: Iterable[Mapping[str, Any]], asks: Sequence[HistoryAsk]) -> list[InboundNote]:
    """Return the notes that were asked for, oldest first.

    A row that says not whose note it is, or when it was written, is left out,
    since it can be put nowhere.
    """
    begins = {ask.external_id: ask.since for ask in asks}
    found = [note for row in rows if (note := note_of(row)) is not None]
    wanted = [note for note in found if _is_wanted(note, begins)]
    return sorted(wanted, key=lambda note: (note.created_at, note.external_id))


def note_of(row: Mapping[str, Any]) -> InboundNote | None:
    """Read one row; None when it cannot be read."""
    visibility = _VISIBILITY.get(raw(row, "element"))
    if visibility is None:
        return None
    try:
        return InboundNote(
            external_id=identity(raw(row, "sys_id")),
            record_external_id=identity(raw(row, "element_id")),
            author=raw(row, "sys_created_by"),
            body=plain(raw(row, "value")),
            visibility=visibility,
            created_at=instant(raw(row, "sys_created_on")),
        )
    except ValueError:
        return None


def plain(text: str) -> str:
    """Return a text with LF line ends and nothing after its last word."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()


def _is_wanted(note: InboundNote, begins: Mapping[str, datetime | None]) -> bool:
    if note.record_external_id not in begins:
        return False
    since = begins[note.record_external_id]
    return since is None or note.created_at >= since
