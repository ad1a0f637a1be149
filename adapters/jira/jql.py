"""Jira's query language: what is asked of the search. Pure."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
# Comparisons are good to the minute only, whatever is stored.
_MINUTE: Final = timedelta(minutes=1)
_ESCAPED: Final = re.compile(r'(["\\])')
_BACKSLASHED: Final = r"\\\1"
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")


def quoted(text: str) -> str:
    """Return a text as a query's value, which it cannot leave."""
    printable = _UNPRINTABLE.sub(" ", text)
    return f'"{_ESCAPED.sub(_BACKSLASHED, printable)}"'


def one_of(field: str, values: Iterable[str]) -> str:
    """Return the condition that a field has one of some values; none when there are none."""
    listed = ", ".join(quoted(value) for value in values)
    return f"{field} in ({listed})" if listed else ""


def updated_from(since: datetime | None) -> str:
    """Return the condition on the update time, inclusive; None for all there are.

    Milliseconds since the epoch, without quotes: text would be read in the zone
    of the account, and to the minute.
    """
    return f"updated >= {0 if since is None else max(milliseconds(since), 0)}"


def query(conditions: Iterable[str], order: str) -> str:
    """Join the conditions that there are."""
    return f"{' AND '.join(filter(None, conditions))} ORDER BY {order}"


def milliseconds(at: datetime) -> int:
    """Return an instant as milliseconds since the epoch, rounded down."""
    return (at - _EPOCH) // _MILLISECOND


def instant(number: int) -> datetime:
    """Return milliseconds since the epoch as an instant. Raises OverflowError."""
    return _EPOCH + number * _MILLISECOND


def whole_minute(at: datetime) -> datetime:
    """Round an instant down to what comparisons are good for."""
    return at - (at - _EPOCH) % _MINUTE
