"""Values that a person gives to an incident's fields, checked."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from domain.errors import Invalid
from domain.records import FieldValue, IncidentStatus, Priority, Severity
from domain.sync.merge import normalised

LONGEST_TITLE: Final = 1_000
LONGEST_TEXT: Final = 100_000
LONGEST_NAME: Final = 300
MOST_LABELS: Final = 100
LONGEST_LABEL: Final = 100
_SETS: Final[Mapping[str, type[StrEnum]]] = {
    "status": IncidentStatus,
    "severity": Severity,
    "priority": Priority,
}
_LENGTHS: Final = {
    "title": LONGEST_TITLE,
    "description": LONGEST_TEXT,
    "assignee": LONGEST_NAME,
    "escalationPolicy": LONGEST_NAME,
}
_NEEDED: Final = frozenset({"title", "status", "severity"})


def checked(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return the values in their normal form. Raises Invalid at the first that cannot be."""
    return {name: _checked(name, value) for name, value in fields.items()}


def _checked(name: str, value: FieldValue) -> FieldValue:
    if name == "labels" and isinstance(value, Sequence) and not isinstance(value, str):
        return _labels(value)
    plain = normalised(value)
    if plain is None:
        if name in _NEEDED:
            raise Invalid(f"{name} may not be empty", path=(name,))
        return None
    if name in _SETS:
        return _SETS[name](str(plain)).value
    text = str(plain)
    if name == "title" and "\n" in text:
        raise Invalid("a title has one line", path=(name,))
    if len(text) > _LENGTHS[name]:
        raise Invalid(f"{name} has at most {_LENGTHS[name]} characters", path=(name,))
    if "\0" in text:
        raise Invalid(f"{name} may not hold NUL", path=(name,))
    return text


def _labels(values: Sequence[str]) -> list[str]:
    found = sorted({str(value).strip() for value in values} - {""})
    if len(found) > MOST_LABELS:
        raise Invalid(f"an incident has at most {MOST_LABELS} labels", path=("addLabels",))
    for label in found:
        if len(label) > LONGEST_LABEL or any(letter.isspace() for letter in label):
            raise Invalid(
                f"a label has at most {LONGEST_LABEL} characters and no blanks",
                path=("addLabels",),
            )
    return found
