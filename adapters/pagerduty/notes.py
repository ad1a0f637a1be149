"""PagerDuty's notes in our words. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from adapters.pagerduty.reading import (
    agent_of,
    at_first,
    child,
    identity,
    reference,
    text,
    time_of,
)
from domain.inbound import InboundNote, Reference
from domain.records import NoteVisibility


def notes(rows: Iterable[object], record_external_id: str) -> list[InboundNote]:
    """Return the notes that can be read, oldest first.

    One without an id or a time is left out: it can neither be known again nor placed.
    """
    found: list[InboundNote] = []
    for row in rows:
        try:
            if isinstance(row, Mapping):
                found.append(note(row, record_external_id))
        except ValueError:
            continue
    return sorted(found, key=lambda one: (one.created_at, one.external_id))


def note(row: Mapping[str, object], record_external_id: str) -> InboundNote:
    """Read a note; all responders see it, and no customer.

    Raises ValueError.
    """
    created_at = time_of(row, "created_at")
    return InboundNote(
        external_id=identity(row),
        record_external_id=record_external_id,
        author=_author(row),
        body=lines(text(row, "content")),
        visibility=NoteVisibility.INTERNAL,
        created_at=created_at,
        edited_at=_edited_at(row, created_at),
    )


def lines(body: str) -> str:
    """Return a text with LF line ends."""
    return body.replace("\r\n", "\n").replace("\r", "\n")


def _author(row: Mapping[str, object]) -> str | Reference:
    user = child(row, "user")
    person = reference(user, "user") if text(user, "type") != "bot_user_reference" else None
    return person or agent_of(row, "user")


def _edited_at(row: Mapping[str, object], created_at: datetime) -> datetime | None:
    updated_at = at_first(row, "updated_at")
    return updated_at if updated_at and updated_at > created_at else None
