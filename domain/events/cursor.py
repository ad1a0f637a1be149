"""Positions in the event log, as clients hold them."""

import base64
import binascii
import re
from dataclasses import dataclass

from domain.errors import CursorUnknown

_FORM = re.compile(r"([0-9A-Za-z]+)\.([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in one log: ``epoch`` names the log, ``number`` the last entry seen."""

    epoch: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A log's state: the newest number given, and the oldest still kept."""

    epoch: str
    newest: int
    oldest: int


def written(position: Position) -> str:
    """Return the opaque text of a position (rule E3)."""
    text = f"{position.epoch}.{position.number}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str) -> Position:
    """Return the position of an opaque text; raise CursorUnknown for any other text."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    found = _FORM.fullmatch(text)
    if found is None:
        raise CursorUnknown("this cursor was not made by this event log")
    return Position(epoch=found[1], number=int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a subscription begins: after ``number``; ``gap_from`` tells what is gone."""

    number: int
    gap_from: int | None = None


def start_after(position: Position | None, head: Head) -> Start:
    """Decide where a subscriber begins (rules E4, E5).

    Without a position: from now. Older than what is kept: a gap is told first.
    Raises CursorUnknown for a position ahead of the log or of another log:
    silence would be a lie.
    """
    if position is None:
        return Start(number=head.newest)
    if position.epoch != head.epoch or position.number > head.newest:
        raise CursorUnknown(
            "this cursor is of another event log or ahead of it; subscribe without `after`"
        )
    if position.number < head.oldest - 1:
        return Start(number=head.oldest - 1, gap_from=position.number)
    return Start(number=position.number)
