"""The graph's own scalars: instants, durations, positions and field values."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

Cursor = NewType("Cursor", str)
FieldValue = NewType("FieldValue", object)

LONGEST_CURSOR: Final = 512
# Integers beyond this are not the same in every JSON reader (RFC 8259, section 6).
SAFE_INTEGER: Final = 2**53 - 1

_INSTANT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
_DURATION: Final = re.compile(
    r"(?P<sign>[+-]?)P(?=.)(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,8})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,10})(?:\.(?P<fraction>\d{1,3}))?S)?)?",
    re.ASCII,
)


def instant_text(instant: datetime) -> str:
    """Write an instant as RFC 3339 in UTC with milliseconds; later digits are cut.

    Raises ValueError for a naive datetime.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def instant_of(value: object) -> datetime:
    """Read an RFC 3339 instant into UTC. Raises GraphQLError, for one without a zone too."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise GraphQLError("A DateTime is RFC 3339 with a zone, for example 2026-03-02T13:24:00.000Z.")


def duration_text(duration: timedelta) -> str:
    """Write a duration as ISO 8601 in hours, minutes and seconds; below 1 ms is cut."""
    thousandths = abs(duration) // timedelta(milliseconds=1)
    seconds, fraction = divmod(thousandths, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    exact = f"{seconds}.{fraction:03}".rstrip("0") if fraction else str(seconds)
    parts = [
        f"{hours}H" if hours else "",
        f"{minutes}M" if minutes else "",
        f"{exact}S" if exact != "0" else "",
    ]
    sign = "-" if duration < timedelta(0) and thousandths else ""
    return f"{sign}PT{''.join(parts) or '0S'}"


def duration_of(value: object) -> timedelta:
    """Read an ISO 8601 duration of weeks, days, hours, minutes and seconds.

    Years and months have no length of their own. Raises GraphQLError.
    """
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise GraphQLError(
            "A Duration is ISO 8601 with whole milliseconds at most, for example PT15M or -PT30S."
        )
    amounts = {
        name: int(match[name] or 0) for name in ("weeks", "days", "hours", "minutes", "seconds")
    }
    fraction = (match["fraction"] or "").ljust(3, "0")
    duration = timedelta(**amounts, milliseconds=int(fraction))
    return -duration if match["sign"] == "-" else duration


def cursor_of(value: object) -> Cursor:
    """Read a cursor; what it means is known to who made it. Raises GraphQLError."""
    if isinstance(value, str) and 0 < len(value) <= LONGEST_CURSOR:
        return Cursor(value)
    raise GraphQLError("A Cursor is a string that an earlier answer gave.")


def field_value_of(value: object) -> FieldValue:
    """Read the value of a field. Raises GraphQLError."""
    if not _is_field_value(value):
        raise GraphQLError(
            "A FieldValue is a string, a number, a boolean, null or a list of strings."
        )
    return FieldValue(value)


def field_value_shown(value: object) -> object:
    """Show the value of a field. Raises ValueError for one that no field can have."""
    if isinstance(value, tuple):
        value = list(value)
    if not _is_field_value(value):
        raise ValueError(f"no value of a field: {type(value).__name__}")
    return value


def _is_field_value(value: object) -> bool:
    match value:
        case None | bool() | str():
            return True
        case int():
            return abs(value) <= SAFE_INTEGER
        case float():
            return isfinite(value)
        case list():
            return all(isinstance(one, str) for one in value)
        case _:
            return False


SCALARS: Final[Mapping[Any, ScalarDefinition]] = MappingProxyType(
    {
        datetime: strawberry.scalar(
            name="DateTime",
            description="UTC instant, RFC 3339 with milliseconds: 2026-03-02T13:24:00.000Z.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
            serialize=instant_text,
            parse_value=instant_of,
        ),
        timedelta: strawberry.scalar(
            name="Duration",
            description="ISO 8601 duration, whole milliseconds at most: PT15M, PT1H, -PT30S.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#appendix-A",
            serialize=duration_text,
            parse_value=duration_of,
        ),
        Cursor: strawberry.scalar(
            name="Cursor",
            description="Opaque position in the event log. Valid across reconnects and restarts.",
            serialize=str,
            parse_value=cursor_of,
        ),
        FieldValue: strawberry.scalar(
            name="FieldValue",
            description=(
                "A field's value in our canonical form: string, number, boolean, null "
                "or a list of strings."
            ),
            specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
            serialize=field_value_shown,
            parse_value=field_value_of,
        ),
    }
)
