"""Encoded queries (``sysparm_query``), translated to parameterised SQL."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from simulators.servicenow.table import Table
from simulators.servicenow.tables import column, source, walked

TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"

_OPERATORS: Final = {
    "=": "=",
    "!=": "<>",
    ">": ">",
    ">=": ">=",
    "<": "<",
    "<=": "<=",
}
# Longest first: "NOT IN" before "IN", ">=" before ">".
_CONDITION: Final = re.compile(
    r"(?P<field>[a-z][a-z0-9_.]*)"
    r"(?P<operator>ISNOTEMPTY|STARTSWITH|ENDSWITH|NOT LIKE|ISEMPTY|NOT IN|LIKE|IN|>=|<=|!=|=|>|<)"
    r"(?P<value>.*)",
    re.DOTALL,
)
_LIKE: Final = {
    "LIKE": ("LIKE", "%{}%"),
    "NOT LIKE": ("NOT LIKE", "%{}%"),
    "STARTSWITH": ("LIKE", "{}%"),
    "ENDSWITH": ("LIKE", "%{}"),
}
_GENERATED: Final = re.compile(r"javascript:gs\.dateGenerate\('([\d-]+)',\s*'([\d:]+)'\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How this instance reads queries.

    zone: of the account that asks; a generated date is read in it, a literal
        is UTC.
    strict: an unknown field yields no rows (the property
        ``glide.invalid_query.returns_no_rows``) instead of being ignored.
    """

    zone: tzinfo
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The SQL after ``WHERE``: a condition, an order, and the parameters of both.

    Both call the table ``r``.
    """

    where: str
    order: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A field in SQL: its text, and whether it is compared as the number in it."""

    text: str
    is_integer: bool

    @property
    def term(self) -> str:
        return f"CAST({self.text} AS INTEGER)" if self.is_integer else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    field: str
    operator: str
    value: str
    sql: str
    parameters: tuple[str, ...]


def translate(query: str, table: Table, dialect: Dialect) -> Selection:
    """Translate an encoded query.

    ``^NQ`` separates whole queries of which one must hold, ``^`` conditions
    that must all hold, and ``^OR`` adds an alternative to the condition before
    it. What is no condition at all is ignored, as the platform does.
    """
    order: list[str] = []
    halves = [_conjunction(half, table, dialect, order) for half in query.split("^NQ")]
    filled = [half for half in halves if half]
    # One empty half holds for every row, and so does the whole.
    where = " OR ".join(_sql(half) for half in filled) if len(filled) == len(halves) else ""
    parameters = [p for half in filled for group in half for c in group for p in c.parameters]
    if not where:
        return Selection(where="1", order=_order(order, table), parameters=())
    if len(halves) > 1 and (bound := _lower_bound(halves)):
        where = f"({where}) AND {bound.sql}"
        parameters += bound.parameters
    return Selection(where=where, order=_order(order, table), parameters=tuple(parameters))


def instant(value: str, zone: tzinfo) -> str:
    """Return the UTC text of a time in a query; other values come back as they are."""
    generated = _GENERATED.fullmatch(value)
    if generated is None:
        return value
    local = datetime.strptime(" ".join(generated.groups()), TIME_FORMAT).replace(tzinfo=zone)
    return local.astimezone(UTC).strftime(TIME_FORMAT)


def _conjunction(
    half: str, table: Table, dialect: Dialect, order: list[str]
) -> list[list[_Condition]]:
    groups: list[list[_Condition]] = []
    for part in half.split("^"):
        if part.startswith("ORDERBY"):
            order.extend(_direction(part.removeprefix("ORDERBY"), table))
            continue
        alternative = part.startswith("OR")
        condition = _condition(part.removeprefix("OR"), table, dialect)
        if condition is None:
            continue
        if alternative and groups:
            groups[-1].append(condition)
        else:
            groups.append([condition])
    return groups


def _condition(text: str, table: Table, dialect: Dialect) -> _Condition | None:
    match = _CONDITION.fullmatch(text)
    if match is None:
        return None
    name, operator = match["field"], match["operator"]
    value = instant(match["value"], dialect.zone)
    field = _field(table, name)
    if field is not None:
        sql, parameters = _comparison(field, operator, value)
    elif dialect.strict:
        sql, parameters = "0", ()
    else:
        return None
    return _Condition(field=name, operator=operator, value=value, sql=sql, parameters=parameters)


def _field(table: Table, path: str) -> _Field | None:
    end = walked(table, path)
    if end is None:
        return None
    owner, name = end
    return _Field(text=column(table, path), is_integer=owner.is_integer(name))


def _comparison(field: _Field, operator: str, value: str) -> tuple[str, tuple[str, ...]]:
    if operator in ("ISEMPTY", "ISNOTEMPTY"):
        return f"{field.text} {'=' if operator == 'ISEMPTY' else '<>'} ''", ()
    if operator in ("IN", "NOT IN"):
        values = tuple(value.split(","))
        return f"{field.text} {operator} ({', '.join('?' * len(values))})", values
    if operator in _LIKE:
        sql, pattern = _LIKE[operator]
        escaped = re.sub(r"([\\%_])", r"\\\1", value)
        return f"{field.text} {sql} ? ESCAPE '\\'", (pattern.format(escaped),)
    place = "CAST(? AS INTEGER)" if field.is_integer else "?"
    return f"{field.term} {_OPERATORS[operator]} {place}", (value,)


def _sql(half: list[list[_Condition]]) -> str:
    groups = (" OR ".join(condition.sql for condition in group) for group in half)
    return "(" + " AND ".join(f"({group})" for group in groups) + ")"


def _lower_bound(halves: list[list[list[_Condition]]]) -> _Condition | None:
    """Return the condition ``sys_updated_on >= earliest`` that all halves imply, if any.

    Added to a keyset query it changes no result, but lets SQLite start in the
    index at the key instead of at the first row.
    """
    bounds: list[str] = []
    for half in halves:
        lowest = [
            group[0].value
            for group in half
            if len(group) == 1
            and group[0].field == "sys_updated_on"
            and group[0].operator in ("=", ">", ">=")
        ]
        if not lowest:
            return None
        bounds.append(max(lowest))
    return _Condition(
        field="sys_updated_on",
        operator=">=",
        value=min(bounds),
        sql='r."sys_updated_on" >= ?',
        parameters=(min(bounds),),
    )


def _direction(text: str, table: Table) -> list[str]:
    name, suffix = (text.removeprefix("DESC"), " DESC") if text.startswith("DESC") else (text, "")
    field = _field(table, name)
    return [] if field is None else [field.term + suffix]


def _order(terms: list[str], table: Table) -> str:
    # The rows of a view have no order of their own.
    unordered = "rowid" if source(table.name) == table.name else "r.sys_id"
    return ", ".join(dict.fromkeys(terms)) or unordered
