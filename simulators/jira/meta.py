"""What a client is told about fields."""

from collections.abc import Callable
from typing import Any

from simulators.jira.catalogue import (
    DEFAULT_PRIORITY,
    FIELDS,
    PRIORITIES,
    PROJECTS,
    Field,
    Kind,
)
from simulators.jira.view import View
from simulators.jira.workflows import RESOLUTIONS

_REQUIRED = frozenset({"project", "issuetype", "summary"})


def schema(field: Field) -> dict[str, Any]:
    """Return the schema of a field."""
    shown: dict[str, Any] = {"type": field.type}
    if field.items:
        shown["items"] = field.items
    if field.custom:
        number = int(field.id.removeprefix("customfield_"))
        return shown | {"custom": field.custom, "customId": number}
    return shown | {"system": field.id}


def described(field: Field) -> dict[str, Any]:
    """Return a field as the site's list of fields shows it."""
    number = field.id.removeprefix("customfield_")
    return {
        "id": field.id,
        "key": field.id,
        "name": field.name,
        "custom": bool(field.custom),
        "orderable": field.is_written,
        "navigable": field.id != "comment",
        "searchable": True,
        "clauseNames": [f"cf[{number}]", field.name] if field.custom else [field.id],
        "schema": schema(field),
    }


def on_screen(field: Field, view: View, issue_types: tuple[str, ...]) -> dict[str, Any]:
    """Return a field as the description of a screen shows it."""
    is_list = field.type == "array"
    shown: dict[str, Any] = {
        "required": field.id in _REQUIRED,
        "schema": schema(field),
        "name": field.name,
        "key": field.id,
        "fieldId": field.id,
        "hasDefaultValue": field.kind is Kind.PRIORITY,
        "operations": ["add", "set", "remove"] if is_list else ["set"],
    }
    if field.kind is Kind.PRIORITY:
        shown["defaultValue"] = view.priority(DEFAULT_PRIORITY)
    choices = _choices(field, view, issue_types)
    return shown | {"allowedValues": choices} if choices else shown


def resolution(view: View) -> dict[str, Any]:
    """Return the field that a transition's screen may have."""
    return on_screen(FIELDS["resolution"], view, ()) | {"required": True}


def _choices(field: Field, view: View, issue_types: tuple[str, ...]) -> list[dict[str, Any]]:
    by_kind: dict[Kind, Callable[[], list[dict[str, Any]]]] = {
        Kind.PRIORITY: lambda: [view.priority(key) for key in PRIORITIES],
        Kind.RESOLUTION: lambda: [view.resolution(key) for key in RESOLUTIONS],
        Kind.OPTION: lambda: [view.option(field, key) for key, _ in field.options],
        Kind.COMPONENTS: lambda: [view.component(key) for key in view.components],
        Kind.ISSUE_TYPE: lambda: [view.issue_type(key) for key in issue_types],
        Kind.PROJECT: lambda: [view.project(key) for key in PROJECTS],
    }
    return by_kind[field.kind]() if field.kind in by_kind else []
