"""Comments in our words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.jira import values
from adapters.jira.adf import plain
from domain.inbound import InboundNote, Reference
from domain.records import NoteVisibility


def note(comment: object, record: str) -> InboundNote | None:
    """Read a comment of an issue; None for one that cannot be read."""
    match comment:
        case {"id": str() | int() as key, "created": created, "body": body, **rest}:
            try:
                made = values.instant(created)
                edited = values.instant(rest.get("updated") or created)
                author = values.person(rest.get("author"))
            except ValueError:
                return None
            return InboundNote(
                external_id=str(key),
                record_external_id=record,
                author=author if isinstance(author, Reference) else str(author or ""),
                body=plain(body).rstrip(),
                visibility=_visibility(rest),
                created_at=made,
                edited_at=edited if edited > made else None,
            )
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The comments of an issue that can be read; ``is_whole`` when that is all of them."""

    notes: Sequence[InboundNote]
    is_whole: bool


def notes(comments: Sequence[object], record: str) -> Told:
    """Read the comments of an issue, oldest first."""
    found = [read for comment in comments if (read := note(comment, record)) is not None]
    found.sort(key=lambda read: (read.created_at, len(read.external_id), read.external_id))
    return Told(notes=found, is_whole=len(found) == len(comments))


def _visibility(comment: Mapping[Any, Any]) -> NoteVisibility:
    """Return who may read it; public is what the desk says customers see, and nothing else."""
    is_public = comment.get("jsdPublic") is True and not comment.get("visibility")
    return NoteVisibility.PUBLIC if is_public else NoteVisibility.INTERNAL
