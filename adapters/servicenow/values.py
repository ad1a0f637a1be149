"""Single values of the Table API: texts, times, ids and references. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_MOST_DIGITS: Final = 18
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def identity(text: str) -> str:
    """Return a sys_id; it goes into queries, where a ``^`` would begin another condition.

    Raises ValueError.
    """
    if _ID.fullmatch(text) is None:
        raise ValueError("sys_id is missing or malformed")
    return text


def is_identity(text: str) -> bool:
    """Say whether a text can be a sys_id."""
    return _ID.fullmatch(text) is not None


def instant(text: str) -> datetime:
    """Read a time: UTC, one-second resolution, no zone in the text.

    Raises ValueError.
    """
    if _TIME.fullmatch(text) is None:
        raise ValueError(f"{text[:40]!r} is not a time")
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def literal(at: datetime) -> str:
    """Write a time for a query, where a bare one is read as UTC."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")


def whole(text: str, name: str) -> int:
    """Read a count that a database can hold. Raises ValueError."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise ValueError(f"{name} is {text[:40]!r}, not a number")
    return int(text)


def raw(row: Mapping[str, object], column: str) -> str:
    """Return a value as the text that the Table API means by it.

    Some endpoints, and older versions, wrap references, or send numbers,
    truth values and nulls where this one sends texts.
    """
    match row.get(column):
        case str(text):
            return text
        case {"value": str(text)}:
            return text
        case bool(truth):
            return "true" if truth else "false"
        case int() as number:
            return str(number)
        case float() as number:
            return f"{number:.15g}"
        case _:
            return ""
