"""Values of single fields in our words. Pure.

Each reader raises ValueError for a value of another form than its field has.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from adapters.jira.adf import plain
from adapters.jira.jql import instant as of_milliseconds
from domain.inbound import MirroredValue, Reference

# Tables of references: people, and the two things that issues name as services.
PEOPLE: Final = "user"
COMPONENTS: Final = "component"
SERVICES: Final = "service"
# Our id stands among the labels (rule I4).
OUR_LABEL: Final = "wp-"
_ID: Final = re.compile(r"[0-9]{1,18}")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}-[0-9]{1,18}")
_OURS: Final = re.compile(r"wp-([0-9A-Za-z_-]{1,64})")
_LONGEST_ID: Final = 256
_LEAST_MILLISECONDS: Final = 10**11

Read = Callable[[object], MirroredValue]


def text(value: object) -> MirroredValue:
    """Read a text, or rich text."""
    match value:
        case None | "":
            return None
        case str() | {"type": "doc"}:
            return plain(value).rstrip() or None
        case _:
            raise _strange(value)


def name(value: object) -> MirroredValue:
    """Read what anything is called: an option, a resolution, a project, a text, a number."""
    match value:
        case None | "" | []:
            return None
        case list():
            return tuple(str(name(part)) for part in value)
        case {"value": str(told)} | {"name": str(told)} | {"key": str(told)}:
            return told
        case {"displayName": str()}:
            return person(value)
        case bool() | int() | float() | str():
            return value
        case _:
            return text(value)


def person(value: object) -> MirroredValue:
    """Read a person; one whose id is hidden has a name alone."""
    match value:
        case None:
            return None
        case {"accountId": str(key)} if key:
            return Reference(table=PEOPLE, external_id=_short(key))
        case {"displayName": str(told)}:
            return told
        case _:
            raise _strange(value)


def labels(value: object) -> tuple[str, ...]:
    """Read the labels, our id left out."""
    return tuple(label for label in _texts(value) if not label.startswith(OUR_LABEL))


def our_id(value: object) -> str | None:
    """Return the id of ours that the labels carry; the first one, when there are several."""
    found = (_OURS.fullmatch(label) for label in _texts(value))
    return next((match[1] for match in found if match), None)


def references(value: object) -> tuple[Reference, ...]:
    """Read components, or affected services: their ids look nothing like each other."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _strange(value)
    found: list[Reference] = []
    for part in value:
        match part:
            case {"id": str(key)} if key:
                found.append(service(_short(key)))
            case _:
                raise _strange(part)
    return tuple(found)


def service(key: str) -> Reference:
    """Return what an id names: a component by its number, else a service."""
    return Reference(table=COMPONENTS if is_id(key) else SERVICES, external_id=key)


def instant(value: object) -> datetime:
    """Read a time with its zone, a day, or seconds or milliseconds since the epoch."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return of_milliseconds(value if value >= _LEAST_MILLISECONDS else value * 1000)
        at = datetime.fromisoformat(value if isinstance(value, str) else "")
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _strange(value, "time") from None


def iso(value: object) -> MirroredValue:
    """Read a time as a canonical text; None for none."""
    if value is None or value == "":
        return None
    at = instant(value)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def identity(value: object) -> str:
    """Return a numeric id, fit for paths and queries. Raises ValueError."""
    found = str(value) if isinstance(value, str | int) else ""
    if _ID.fullmatch(found) is None:
        raise ValueError("the id is missing or malformed")
    return found


def human_key(value: object) -> str:
    """Return an issue's key. Raises ValueError."""
    if not isinstance(value, str) or _KEY.fullmatch(value) is None:
        raise ValueError("the issue's key is missing or malformed")
    return value


def is_id(value: str) -> bool:
    """Say whether a text has the form of a numeric id."""
    return _ID.fullmatch(value) is not None


def called(value: object) -> tuple[str, str] | None:
    """Return the id and the name of one of a closed set of values; None for none."""
    match value:
        case None | []:
            return None
        case [first, *_]:
            return called(first)
        case {"id": str() | int() as key, "value": str(told)}:
            return str(key), told
        case {"id": str() | int() as key, "name": str(told)}:
            return str(key), told
        case {"value": str(told)} | {"name": str(told)} | str(told):
            return "", told
        case _:
            raise _strange(value)


def author(value: object) -> str:
    """Return how a person is shown: by name, else by id."""
    if not isinstance(value, Mapping):
        return ""
    return str(value.get("displayName") or value.get("accountId") or "")


def _texts(value: object) -> Sequence[str]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _strange(value)
    return value


def _short(key: str) -> str:
    if len(key) > _LONGEST_ID:
        raise ValueError("an id is longer than 256 characters")
    return key


def _strange(value: Any, wanted: str = "value of its field") -> ValueError:  # noqa: ANN401 — JSON
    return ValueError(f"{str(value)[:40]!r} is no {wanted}")
