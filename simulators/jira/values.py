"""Values of fields: what a caller writes, what is kept, and what a history tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from simulators.jira import adf
from simulators.jira.catalogue import (
    ISSUE_TYPES,
    ORGANIZATION_IDS,
    PRIORITIES,
    PROJECTS,
    REQUEST_TYPES,
    SERVICE_IDS,
    Field,
    Kind,
)
from simulators.jira.people import People
from simulators.jira.workflows import RESOLUTIONS, STATUSES

LONGEST_SUMMARY: Final = 255
LONGEST_TEXT: Final = 32_767
_MALFORMED: Final = "data was not an object"


class Invalid(Exception):  # noqa: N818 — a fault of the caller's value
    """A value that the field does not take; the text is what the caller is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read values.

    components: id to name, of the project.
    rich: how the caller writes rich text: "document", "text", or "" for either.
    """

    people: People
    components: Mapping[str, str]
    rich: str = ""


def read(field: Field, raw: Any, reading: Reading) -> Any:  # noqa: ANN401 — JSON
    """Return a value as it is kept; None for an empty one.

    Raises Invalid.
    """
    if raw is None and field.kind is Kind.TEXT:
        raise Invalid("You must specify a summary of the issue.")
    if raw is None:
        return [] if field.type == "array" else None
    if field.type == "array":
        if not isinstance(raw, list):
            raise Invalid("data was not an array")
        return list(dict.fromkeys(_single(field, value, reading) for value in raw))
    return _single(field, raw, reading)


def told(field: Field, value: Any, reading: Reading) -> tuple[str | None, str | None]:  # noqa: ANN401 — JSON
    """Return a kept value as a history tells it: id and text."""
    if value is None or value == []:
        return None, "" if field.kind is Kind.LABELS else None
    names = _names(field, reading)
    if field.kind is Kind.USER:
        return value, str(reading.people.shown(value)["displayName"])
    if field.kind is Kind.LABELS:
        return None, " ".join(value)
    if isinstance(value, list):
        return ", ".join(value), ", ".join(names.get(one, one) for one in value)
    if names:
        return value, names.get(value, value)
    return None, adf.plain(value) if field.kind is Kind.RICH else str(value)


def _single(field: Field, raw: Any, reading: Reading) -> Any:  # noqa: ANN401 — JSON
    match field.kind:
        case Kind.RICH:
            return _rich(raw, reading.rich)
        case Kind.USER:
            return _user(raw, reading.people)
        case kind if kind in _PLAIN:
            return _PLAIN[kind](raw)
        case _:
            return _chosen(field, raw, _names(field, reading))


def _summary(raw: object) -> str:
    if not isinstance(raw, str):
        raise Invalid("Operation value must be a string")
    if not raw.strip():
        raise Invalid("You must specify a summary of the issue.")
    if "\n" in raw or "\r" in raw:
        raise Invalid("The summary is invalid because it contains newline characters.")
    if len(raw) > LONGEST_SUMMARY:
        raise Invalid(f"Summary can't exceed {LONGEST_SUMMARY} characters.")
    return raw.strip()


def _rich(raw: object, form: str) -> dict[str, Any] | None:
    if isinstance(raw, str):
        if form == "document":
            raise Invalid(
                "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
            )
        document = adf.document(raw)
    elif isinstance(raw, dict) and adf.is_document(raw) and form != "text":
        document = raw
    else:
        raise Invalid("Operation value must be a string" if form == "text" else "INVALID_INPUT")
    if len(text := adf.plain(document)) > LONGEST_TEXT:
        raise Invalid(
            f"The entered text is too long. It exceeds the limit of {LONGEST_TEXT} characters."
        )
    return document if text or document["content"] else None


def _user(raw: object, people: People) -> str | None:
    if not isinstance(raw, dict):
        raise Invalid(_MALFORMED)
    # The platform also takes "id" for the account id; names are gone.
    account = raw.get("accountId", raw.get("id"))
    if account is None:
        return None
    person = people.shown(str(account))
    if not person["active"]:
        raise Invalid(f"User '{account}' cannot be assigned issues.")
    return str(account)


def _label(raw: object) -> str:
    if not isinstance(raw, str):
        raise Invalid("string expected at index 0")
    if not raw or any(letter.isspace() for letter in raw):
        raise Invalid(f"The label '{raw}' contains spaces which is invalid.")
    if len(raw) > LONGEST_SUMMARY:
        raise Invalid(f"The label '{raw}' exceeds the maximum length.")
    return raw


def _instant(raw: object) -> int:
    try:
        at = datetime.fromisoformat(str(raw))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Invalid(f"Error parsing date string: {raw}")
    return round(at.timestamp() * 1000)


def _day(raw: object) -> str:
    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise Invalid("Error parsing date string: enter the date as yyyy-MM-dd") from None


def _chosen(field: Field, raw: object, names: Mapping[str, str]) -> str:
    """Return the id of a choice given by id, name or value; numbers may be numbers."""
    if isinstance(raw, dict):
        by_id = raw.get("id")
        by_name = raw.get("name", raw.get("value", raw.get("key")))
    elif field.kind in (Kind.REQUEST_TYPE, Kind.ORGANIZATIONS):
        by_id, by_name = raw, None
    else:
        raise Invalid(_MALFORMED)
    if by_id is not None and str(by_id) in names:
        return str(by_id)
    wanted = str(by_name).lower()
    for key, name in names.items():
        if by_id is None and by_name is not None and name.lower() == wanted:
            return key
    raise Invalid(_unknown(field, by_id if by_name is None else by_name))


def _unknown(field: Field, value: object) -> str:
    match field.kind:
        case Kind.PRIORITY:
            return "The priority selected is invalid."
        case Kind.ISSUE_TYPE:
            return "Specify a valid issue type"
        case Kind.PROJECT:
            return "Specify a valid project ID or key"
        case Kind.COMPONENTS:
            return f"Component name '{value}' is not valid"
        case Kind.OPTION:
            return f"Specify a valid 'id' or 'name' for {field.name}"
        case _:
            return f"{field.name} '{value}' is not valid"


def _names(field: Field, reading: Reading) -> Mapping[str, str]:
    """Return the choices of a field, id to name."""
    match field.kind:
        case Kind.COMPONENTS:
            return reading.components
        case Kind.OPTION:
            return dict(field.options)
        case kind:
            return _CHOICES.get(kind, {})


_CHOICES: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.PRIORITY: PRIORITIES,
    Kind.RESOLUTION: RESOLUTIONS,
    Kind.SERVICES: SERVICE_IDS,
    Kind.ORGANIZATIONS: ORGANIZATION_IDS,
    Kind.REQUEST_TYPE: {key: name for key, (name, _) in REQUEST_TYPES.items()},
    Kind.ISSUE_TYPE: {key: issue_type.name for key, issue_type in ISSUE_TYPES.items()},
    Kind.PROJECT: {key: project.key for key, project in PROJECTS.items()},
    Kind.STATUS: {key: status.name for key, status in STATUSES.items()},
}
# Kinds whose values need nothing but themselves to be read.
_PLAIN: Final[Mapping[Kind, Callable[[object], str | int]]] = {
    Kind.TEXT: _summary,
    Kind.LABELS: _label,
    Kind.INSTANT: _instant,
    Kind.DAY: _day,
}
