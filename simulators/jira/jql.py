"""The query language: from text to a tree. Knows its grammar, no field."""

import re
from dataclasses import dataclass
from typing import Final

MOST_ORDERS: Final = 7
_TOKEN: Final = re.compile(
    r"""\s*(?:
        "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)'
        | (?P<sign>!=|!~|<=|>=|[=~<>(),])
        | (?P<word>[^\s()=!~<>,"']+)
    )""",
    re.VERBOSE,
)
_OPERATORS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "~", "!~"})


class Unreadable(Exception):  # noqa: N818 — a fault of the query, told to who wrote it
    """The query has a fault; the text says which."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A value as it was written.

    is_empty: it is the word EMPTY or NULL; is_call: a function without arguments.
    """

    text: str
    is_quoted: bool = False
    is_empty: bool = False
    is_call: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition on a field; ``in`` and ``not in`` have any number of values."""

    field: str
    operator: str
    values: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Node"


Node = Clause | All | Any | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; ``orders`` are pairs of field and descending."""

    where: Node | None
    orders: tuple[tuple[str, bool], ...]


def parse(text: str) -> Query:
    """Read a query.

    Raises Unreadable.
    """
    return _Parser(text).query()


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    is_quoted: bool = False

    def word(self) -> str:
        """Return it as a keyword would be compared; quoted text is none."""
        return "" if self.is_quoted else self.text.lower()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def query(self) -> Query:
        where = None if self._next() in ("", "order") and not self._quoted() else self._any()
        orders = self._orders() if self._took("order") else ()
        if self._at < len(self._tokens):
            raise _expected("either 'OR' or 'AND'", self._tokens[self._at].text)
        return Query(where, orders)

    def _any(self) -> Node:
        parts = [self._all()]
        while self._took("or", "||"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._took("and", "&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Node:
        if self._took("not", "!"):
            return Not(self._one())
        if self._took("("):
            inner = self._any()
            self._must(")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        field = self._take("a field name").text
        if self._took("is"):
            operator = "!=" if self._took("not") else "="
            value = self._operand()
            if not value.is_empty:
                raise _expected("'EMPTY' or 'NULL'", value.text)
            return Clause(field, operator, (value,))
        if self._took("not"):
            self._must("in")
            return Clause(field, "not in", self._list())
        if self._took("in"):
            return Clause(field, "in", self._list())
        operator = self._take("an operator").text
        if operator not in _OPERATORS:
            raise _expected("an operator", operator)
        return Clause(field, operator, (self._operand(),))

    def _list(self) -> tuple[Operand, ...]:
        self._must("(")
        values = [self._operand()]
        while self._took(","):
            values.append(self._operand())
        self._must(")")
        return tuple(values)

    def _operand(self) -> Operand:
        token = self._take("a value")
        if token.word() in ("empty", "null"):
            return Operand(token.text, is_empty=True)
        if not token.is_quoted and self._took("("):
            self._must(")")
            return Operand(token.text.lower(), is_call=True)
        return Operand(token.text, is_quoted=token.is_quoted)

    def _orders(self) -> tuple[tuple[str, bool], ...]:
        self._must("by")
        orders: list[tuple[str, bool]] = []
        while True:
            field = self._take("a field name").text
            descending = self._took("desc")
            if not descending:
                self._took("asc")
            orders.append((field.lower(), descending))
            if not self._took(","):
                break
        if len(orders) > MOST_ORDERS:
            raise Unreadable(f"The maximum number of fields to order by is {MOST_ORDERS}.")
        return tuple(orders)

    def _next(self) -> str:
        return self._tokens[self._at].word() if self._at < len(self._tokens) else ""

    def _quoted(self) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].is_quoted

    def _took(self, *words: str) -> bool:
        if self._next() not in words:
            return False
        self._at += 1
        return True

    def _take(self, wanted: str) -> _Token:
        if self._at >= len(self._tokens):
            raise Unreadable(
                f"Error in the JQL Query: Expecting {wanted} but got 'end of the query'."
            )
        token = self._tokens[self._at]
        if token.word() in (")", ","):
            raise _expected(wanted, token.text)
        self._at += 1
        return token

    def _must(self, word: str) -> None:
        if not self._took(word):
            got = self._tokens[self._at].text if self._at < len(self._tokens) else "the end"
            raise _expected(f"'{word}'", got)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Unreadable(
                f"Error in the JQL Query: The character '{text[at:].strip()[0]}' is a reserved"
                " JQL character. You must enclose it in a string."
            )
        quoted = found["double"] if found["double"] is not None else found["single"]
        if quoted is not None:
            tokens.append(_Token(re.sub(r"\\(.)", r"\1", quoted), is_quoted=True))
        else:
            tokens.append(_Token(found["sign"] or found["word"]))
        at = found.end()
    return tokens


def _expected(wanted: str, got: str) -> Unreadable:
    return Unreadable(f"Error in the JQL Query: Expecting {wanted} but got '{got}'.")
