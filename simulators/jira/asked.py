"""Bodies of writes: from what a caller asks to the values that change."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from simulators.jira.answers import Refusal
from simulators.jira.catalogue import FIELDS, ISSUE_TYPES, PROJECTS, Field
from simulators.jira.values import Invalid, Reading, read

Body = Mapping[str, Any]

CREATE: Final = frozenset(name for name, field in FIELDS.items() if field.is_written)
"""Fields on the screen to create an issue."""
EDIT: Final = CREATE - {"project", "issuetype"}
"""Fields on the screen to edit an issue: no two types share a workflow, so none can change."""

_NO_SUMMARY: Final = "You must specify a summary of the issue."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a body asks for: kept values by field, and the bodies of new comments."""

    changes: Mapping[str, Any]
    comments: tuple[Body, ...] = ()


def asked(
    body: Body, screen: Collection[str], reading: Reading, present: Mapping[str, Any]
) -> Asked:
    """Read ``fields`` and ``update`` of a body.

    screen: the fields that may be set; present: the kept values, which the
    operations "add" and "remove" change.
    Raises Refusal with all that is wrong.
    """
    changes: dict[str, Any] = {}
    errors: dict[str, str] = {}
    update = _object(body, "update")
    comments = tuple(_object(one, "add") for one in update.get("comment", ()))
    operations: dict[str, Callable[[Field], Any]] = {}
    for name, value in _object(body, "fields").items():
        operations[name] = partial(read, raw=value, reading=reading)
    for name, steps in update.items():
        if name != "comment":
            before = present.get(name)
            operations[name] = partial(_updated, steps=steps, reading=reading, present=before)
    for name, operation in operations.items():
        if name not in screen:
            errors[name] = off_screen(name)
            continue
        try:
            changes[name] = operation(FIELDS[name])
        except Invalid as fault:
            errors[name] = str(fault)
    if errors:
        raise Refusal(400, errors=errors)
    return Asked(changes=changes, comments=comments)


def complete(changes: Mapping[str, Any]) -> None:
    """Raise Refusal when an issue cannot be created from these values."""
    errors: dict[str, str] = {}
    if changes.get("project") is None:
        errors["project"] = "Specify a valid project ID or key"
    if changes.get("issuetype") is None:
        errors["issuetype"] = "Specify a valid issue type"
    elif not errors and changes["issuetype"] not in PROJECTS[changes["project"]].issue_types:
        name = ISSUE_TYPES[changes["issuetype"]].name
        errors["issuetype"] = f"The issue type '{name}' is not valid for this project."
    if changes.get("summary") is None:
        errors["summary"] = _NO_SUMMARY
    if errors:
        raise Refusal(400, errors=errors)


def off_screen(name: str) -> str:
    """Return what is said of a field that no screen at hand has."""
    return f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."


def _object(body: Body, name: str) -> Body:
    value = body.get(name) or {}
    if not isinstance(value, Mapping):
        raise Refusal(400, f"Can not deserialize '{name}': an object was expected.")
    return value


def _updated(field: Field, steps: Any, reading: Reading, present: Any) -> Any:  # noqa: ANN401 — JSON
    """Return a value after the operations set, add and remove, in their order."""
    value = present
    for step in steps if isinstance(steps, list) else [{}]:
        match next(iter(step.items()), None):
            case ("set", raw):
                value = read(field, raw, reading)
            case ("add", raw) if field.type == "array":
                added = read(field, [raw], reading)
                value = [*(value or []), *(one for one in added if one not in (value or []))]
            case ("remove", raw) if field.type == "array":
                removed = read(field, [raw], reading)
                value = [one for one in value or [] if one not in removed]
            case _:
                raise Invalid(f"Field with id '{field.id}' does not support this operation")
    return value
