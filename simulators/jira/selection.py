"""Queries as SQL over what search knows: the columns of ``listed``."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from simulators.jira.catalogue import ISSUE_TYPES, PRIORITIES, PROJECTS
from simulators.jira.jql import All, Any, Clause, Node, Not, Operand, Query, Unreadable
from simulators.jira.workflows import CATEGORIES, RESOLUTIONS, STATUSES

Sql = tuple[str, tuple[str | int, ...]]
_TIME_FORMATS: Final = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_RELATIVE: Final = re.compile(r"([+-]?)(\d+)([wdhm])")
_UNITS: Final = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_TIMES: Final = {
    "updated": "updated",
    "updateddate": "updated",
    "created": "created",
    "createddate": "created",
    "resolved": "resolved",
    "resolutiondate": "resolved",
}
_KEYS: Final = frozenset({"key", "issuekey", "issue", "id"})
_PEOPLE: Final = frozenset({"assignee", "reporter", "creator"})
_TEXTS: Final = {"text": "text", "summary": "summary", "description": "text"}
_TAGS: Final = {"labels": "labels", "component": "components", "components": "components"}
# What orders by a field: columns, of which the last tell equal issues apart.
_ORDERS: Final = {
    **{name: (column,) for name, column in _TIMES.items()},
    **dict.fromkeys(_KEYS, ("project", "number")),
    "priority": ("weight",),
    "status": ("status",),
    "summary": ("summary",),
    "assignee": ("assignee",),
    "reporter": ("reporter",),
    "issuetype": ("type",),
    "type": ("type",),
    "project": ("project",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks, when and where: what a query's words mean depends on it.

    find: gives the id of an issue by key or id, or None when there is none.
    """

    account: str
    zone: tzinfo
    now: datetime
    find: Callable[[str], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which issues, and in what order: pairs of column and descending, never tied."""

    where: str
    parameters: tuple[str | int, ...]
    order: tuple[tuple[str, bool], ...]


def weight(priority: str) -> int:
    """Return the rank of a priority, the most urgent highest; 0 for none."""
    return len(PRIORITIES) + 1 - int(priority) if priority in PRIORITIES else 0


def select(query: Query, reader: Reader) -> Selection:
    """Translate a query.

    Raises Unreadable.
    """
    where, parameters = ("1", ()) if query.where is None else _node(query.where, reader)
    order: dict[str, bool] = {}
    for field, descending in query.orders or (("created", True),):
        if field not in _ORDERS:
            raise _unknown(field)
        for column in _ORDERS[field]:
            order.setdefault(column, descending)
    for column in ("project", "number"):
        order.setdefault(column, False)
    return Selection(where=where, parameters=parameters, order=tuple(order.items()))


def _node(node: Node, reader: Reader) -> Sql:
    match node:
        case All(parts):
            return _joined(" AND ", parts, reader)
        case Any(parts):
            return _joined(" OR ", parts, reader)
        case Not(part):
            where, parameters = _node(part, reader)
            return f"NOT ({where})", parameters
        case Clause():
            return _clause(node, reader)


def _joined(word: str, parts: tuple[Node, ...], reader: Reader) -> Sql:
    translated = [_node(part, reader) for part in parts]
    where = word.join(f"({where})" for where, _ in translated)
    return where, tuple(value for _, values in translated for value in values)


def _clause(clause: Clause, reader: Reader) -> Sql:
    field = clause.field.lower()
    if clause.operator in ("~", "!~") and field not in _TEXTS:
        raise _unsupported(clause)
    if field in _TEXTS:
        return _contains(clause, _TEXTS[field])
    if field in _TIMES:
        return _time(clause, _TIMES[field], reader)
    if field in _KEYS:
        return _key(clause, reader)
    if field in _TAGS:
        return _tag(clause, _TAGS[field])
    return _choice(clause, field, reader)


def _choice(clause: Clause, field: str, reader: Reader) -> Sql:
    if field == "priority":
        return _priority(clause)
    if field in _PEOPLE:
        return _listed(clause, field, lambda value: _person(value, reader))
    if field not in _NAMED:
        raise _unknown(clause.field)
    column, names = _NAMED[field]
    return _listed(clause, column, lambda value: _named(value, field, names))


def _unknown(field: str) -> Unreadable:
    return Unreadable(f"Field '{field}' does not exist or you do not have permission to view it.")


def _unsupported(clause: Clause) -> Unreadable:
    return Unreadable(
        f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
    )


def _listed(clause: Clause, column: str, meaning: Callable[[Operand], str]) -> Sql:
    """Return an equality with one or several values."""
    if clause.operator not in ("=", "!=", "in", "not in"):
        raise _unsupported(clause)
    values = tuple(meaning(value) for value in clause.values)
    word = "NOT IN" if clause.operator in ("!=", "not in") else "IN"
    # The + keeps an index on the column for the order: a project is nearly all there is.
    return f"+{column} {word} ({', '.join('?' * len(values))})", values


def _named(value: Operand, field: str, names: dict[str, str]) -> str:
    """Return the stored value of a name, of any case, or of an id."""
    if value.is_empty:
        return ""
    known = names.get(value.text.lower())
    if known is None:
        raise Unreadable(f"The value '{value.text}' does not exist for the field '{field}'.")
    return known


def _person(value: Operand, reader: Reader) -> str:
    if value.is_call and value.text == "currentuser":
        return reader.account
    return "" if value.is_empty else value.text


def _priority(clause: Clause) -> Sql:
    names = {name.lower(): key for key, name in PRIORITIES.items()} | {
        key: key for key in PRIORITIES
    }
    weights = tuple(weight(_named(value, "priority", names)) for value in clause.values)
    if clause.operator in ("in", "not in"):
        return f"weight {clause.operator.upper()} ({', '.join('?' * len(weights))})", weights
    return f"weight {clause.operator} ?", weights


def _tag(clause: Clause, field: str) -> Sql:
    if clause.operator not in ("=", "!=", "in", "not in"):
        raise _unsupported(clause)
    not_ = "NOT " if clause.operator in ("!=", "not in") else ""
    some = "id IN (SELECT issue FROM tag WHERE field = ?"
    if clause.values[0].is_empty:
        has = "" if not_ else "NOT "
        return f"{has}{some})", (field,)
    values = tuple(value.text for value in clause.values)
    places = ", ".join("?" * len(values))
    found = f"{some} AND value IN ({places}))"
    if not not_:
        return found, (field, *values)
    # An issue without any value is found by no comparison with one.
    return f"{some}) AND NOT {found}", (field, field, *values)


def _key(clause: Clause, reader: Reader) -> Sql:
    ids: list[int] = []
    for value in clause.values:
        found = reader.find(value.text)
        if found is None:
            raise Unreadable(
                f"An issue with key '{value.text}' does not exist for field '{clause.field}'."
            )
        ids.append(found)
    places = ", ".join("?" * len(ids))
    if clause.operator in ("in", "not in", "=", "!="):
        word = "NOT IN" if clause.operator in ("not in", "!=") else "IN"
        return f"id {word} ({places})", tuple(ids)
    pivot = "(SELECT project, number FROM issue WHERE id = ?)"
    return f"(project, number) {clause.operator} {pivot}", tuple(ids)


def _contains(clause: Clause, column: str) -> Sql:
    if clause.operator not in ("~", "!~"):
        raise _unsupported(clause)
    words = [word.strip('*"') for word in clause.values[0].text.split()]
    where = " AND ".join([f"{column} LIKE ?"] * len(words)) or "1"
    not_ = "NOT " if clause.operator == "!~" else ""
    return f"{not_}({where})", tuple(f"%{word}%" for word in words)


def _time(clause: Clause, column: str, reader: Reader) -> Sql:
    value = clause.values[0]
    if value.is_empty:
        return f"{column} {clause.operator} 0", ()
    if clause.operator in ("in", "not in"):
        raise _unsupported(clause)
    at = _instant(value, reader)
    if at is None:
        raise Unreadable(
            f"Date value '{value.text}' for field '{clause.field}' is invalid. Valid formats"
            " include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a"
            " period format e.g. '-5d', '4w 2d'."
        )
    # A time that is not set, 0, is found by no comparison with one.
    return f"{column} {clause.operator} ? AND +{column} > 0", (at,)


def _instant(value: Operand, reader: Reader) -> int | None:
    """Return milliseconds since the epoch, or None for what is no time.

    Bare digits are milliseconds; quoted text has a minute's precision and is
    read in the account's zone.
    """
    if value.is_call:
        return _milliseconds(reader.now) if value.text == "now" else None
    if value.text.isdigit() and not value.is_quoted:
        return int(value.text)
    if relative := _RELATIVE.fullmatch(value.text):
        sign, number, unit = relative.groups()
        span = timedelta(**{_UNITS[unit]: int(number)})
        return _milliseconds(reader.now - span if sign == "-" else reader.now + span)
    for form in _TIME_FORMATS:
        try:
            at = datetime.strptime(value.text, form).replace(tzinfo=reader.zone)
        except ValueError:
            continue
        return _milliseconds(at)
    return None


def _milliseconds(at: datetime) -> int:
    return round(at.astimezone(UTC).timestamp() * 1000)


_TYPE_NAMES: Final = {
    name: one.id for one in ISSUE_TYPES.values() for name in (one.name.lower(), one.id)
}
_NAMED: Final = {
    "project": (
        "project",
        {
            name: project.key
            for project in PROJECTS.values()
            for name in (project.key.lower(), project.name.lower(), project.id)
        },
    ),
    "issuetype": ("type", _TYPE_NAMES),
    "type": ("type", _TYPE_NAMES),
    "status": (
        "status",
        {name: one.id for one in STATUSES.values() for name in (one.name.lower(), one.id)},
    ),
    "statuscategory": (
        "category",
        {name: one.key for one in CATEGORIES for name in (one.key, one.name.lower(), str(one.id))},
    ),
    "resolution": (
        "resolution",
        {"unresolved": ""}
        | {name: key for key, label in RESOLUTIONS.items() for name in (key, label.lower())},
    ),
}
