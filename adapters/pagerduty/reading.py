"""What stands in PagerDuty's JSON: ids, times, references. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from domain.inbound import FaultyRecord, InboundRecord, Reference

_ID: Final = re.compile(r"[0-9A-Za-z]{1,64}")
# Windows of time that begin earlier end within what a datetime can hold.
_LAST_YEAR: Final = 9_000
# Ids in texts and keys are this long at most; a longer one is cut.
_LONGEST_KEY: Final = 64


def identity(row: Mapping[str, object]) -> str:
    """Return a row's id, which goes into paths.

    Raises ValueError.
    """
    found = text(row, "id")
    if not is_identity(found):
        raise ValueError("id is missing or malformed")
    return found


def is_identity(found: str) -> bool:
    """Say whether a text can be an id."""
    return _ID.fullmatch(found) is not None


def text(row: Mapping[str, object], name: str) -> str:
    """Return a value as a text; "" where there is none."""
    match row.get(name):
        case str(found):
            return found
        case bool(truth):
            return "true" if truth else "false"
        case int(number):
            return f"{number:d}" if abs(number) < 10**18 else ""
        case _:
            return ""


def told(row: Mapping[str, object], name: str) -> str | None:
    """Return a text that a row tells, None for an empty one.

    Raises ValueError for what is neither a text, a number nor null.
    """
    value = row.get(name)
    if value is not None and not isinstance(value, str | int):
        raise ValueError(f"{name} is not a text")
    return text(row, name) or None


def child(row: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return an object within a row; an empty one where there is none."""
    found = row.get(name)
    return found if isinstance(found, Mapping) else {}


def children(row: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """Return the objects of a list within a row."""
    found = row.get(name)
    return [part for part in found if isinstance(part, Mapping)] if isinstance(found, list) else []


def reference(thing: Mapping[str, object], table: str) -> Reference | None:
    """Return a pointer to a thing; None where it has no id that can be one."""
    found = text(thing, "id")
    return Reference(table=table, external_id=found) if is_identity(found) else None


def references(things: list[Mapping[str, object]], table: str) -> tuple[Reference, ...]:
    """Return pointers to things, once each."""
    found = dict.fromkeys(reference(thing, table) for thing in things)
    return tuple(one for one in found if one is not None)


def instant(found: str) -> datetime:
    """Read a time; it says its zone, most often Z.

    Raises ValueError.
    """
    told = repr(found[:40])
    try:
        at = datetime.fromisoformat(found)
        utc = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{told} is not a time") from None
    if at.tzinfo is None:
        raise ValueError(f"{told} has no zone")
    if utc.year > _LAST_YEAR:
        raise ValueError(f"{told} is not a time")
    return utc


def at_first(row: Mapping[str, object], *names: str) -> datetime | None:
    """Return the time that stands under the first of the names that has one.

    Raises ValueError when it is none.
    """
    return next((instant(found) for name in names if (found := text(row, name))), None)


def time_of(row: Mapping[str, object], *names: str) -> datetime:
    """Return the time under the first of the names that has one.

    Raises ValueError when none has.
    """
    at = at_first(row, *names)
    if at is None:
        raise ValueError(f"{names[0]} is missing")
    return at


def iso(at: datetime) -> str:
    """Write an instant as the mirror keeps it: UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def operand(at: datetime) -> str:
    """Write an instant for a query: whole seconds, and a Z.

    Without the zone it would be read in the account's own.
    """
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def page_of(row: Mapping[str, object], fallback: str) -> str:
    """Return where a person sees a row: its own link, if it is one for a browser."""
    link = text(row, "html_url")
    return link if is_web(link) else fallback


def is_web(link: str) -> bool:
    """Say whether a text is a link for a browser, not a script or a file."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def agent_of(row: Mapping[str, object], name: str = "agent") -> str:
    """Return who did something: the name of a person or a service, else its id."""
    agent = child(row, name)
    return text(agent, "summary") or text(agent, "name") or text(agent, "id")


def record(
    row: object, read: Callable[[Mapping[str, object]], InboundRecord]
) -> InboundRecord | FaultyRecord:
    """Read a row; one that cannot be read (ValueError) is kept as it came."""
    if not isinstance(row, Mapping):
        return faulty({"row": row}, "the row is not an object")
    try:
        return read(row)
    except ValueError as error:
        return faulty(row, str(error))


def faulty(row: Mapping[str, object], detail: str) -> FaultyRecord:
    """Keep a row that cannot be read; one without an id is known by its content."""
    content = json.dumps(row, sort_keys=True, default=str).encode()
    known_by = text(row, "id") or sha256(content).hexdigest()
    return FaultyRecord(
        external_id=known_by[:_LONGEST_KEY],
        detail=detail,
        payload=dict(row),
        is_named=is_identity(text(row, "id")),
    )
