"""A policy's document: texts, lists and tables, each with its place in the file.

What a text means is for the reader to say: here ``no`` is no False, and ``1_0`` no ten.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from re import Pattern
from typing import TypeVar

from domain.errors import Invalid

Word = TypeVar("Word", bound=StrEnum)
Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in a file; both count from 1."""

    line: int
    column: int


class BadPolicy(Invalid):
    """A policy file is wrong at ``place``; nothing of it is taken."""

    def __init__(self, place: Place, message: str) -> None:
        """Take what is wrong, and what to write instead."""
        super().__init__(f"line {place.line}, column {place.column}: {message}")
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A scalar, as it is written."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    items: Sequence["Node"]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A mapping whose keys all differ, in the order of the file.

    key_places: where each key stands.
    """

    entries: Mapping[str, "Node"]
    key_places: Mapping[str, Place]
    place: Place

    def __getitem__(self, key: str) -> "Node":
        """Return the value of a key that is there."""
        return self.entries[key]

    def __contains__(self, key: str) -> bool:
        """Say whether a key is there."""
        return key in self.entries


Node = Text | Items | Table


def table(node: Node, what: str) -> Table:
    """Return a table with any keys."""
    if isinstance(node, Table):
        return node
    raise BadPolicy(node.place, f"{what} is a table of keys and values")


def closed(
    node: Node, what: str, *, required: Collection[str] = (), optional: Collection[str] = ()
) -> Table:
    """Return a table that has all the required keys and none but the named ones."""
    found = table(node, what)
    for key in found.entries:
        if key not in required and key not in optional:
            some = ", ".join([*required, *optional])
            raise BadPolicy(found.key_places[key], f'{what} has no "{key}"; it has {some}')
    for key in required:
        if key not in found:
            raise BadPolicy(found.place, f'{what} lacks "{key}"; add it')
    return found


def items(node: Node, what: str, *, at_least: int = 0) -> Sequence[Node]:
    """Return the items of a list."""
    if not isinstance(node, Items):
        raise BadPolicy(node.place, f"{what} is a list; write [] for none")
    if len(node.items) < at_least:
        raise BadPolicy(node.place, f"{what} is empty; leave it out, or name one at least")
    return node.items


def text(node: Node, pattern: Pattern[str], what: str) -> str:
    """Return a text that fits a pattern; ``what`` says in words what fits."""
    if not isinstance(node, Text):
        raise BadPolicy(node.place, f"this has to be {what}")
    if not pattern.fullmatch(node.text):
        raise BadPolicy(node.place, f'"{shown(node.text)}" is not {what}')
    return node.text


def word(node: Node, allowed: Sequence[Word]) -> Word:
    """Return one of a closed set of words."""
    if isinstance(node, Text) and node.text in allowed:
        return next(one for one in allowed if one == node.text)
    written = f'"{shown(node.text)}"' if isinstance(node, Text) else "this"
    raise BadPolicy(node.place, f"{written} is none of {', '.join(allowed)}")


def words(node: Node, what: str, allowed: Sequence[Word], *, at_least: int = 0) -> tuple[Word, ...]:
    """Return the items of a list of such words, none of them twice."""
    found: dict[Word, None] = {}
    for one in items(node, what, at_least=at_least):
        once(found, word(one, allowed), one, what)
    return tuple(found)


def texts(
    node: Node, what: str, pattern: Pattern[str], form: str, *, at_least: int = 0
) -> tuple[str, ...]:
    """Return the items of a list of texts that fit a pattern, none of them twice."""
    found: dict[str, None] = {}
    for one in items(node, what, at_least=at_least):
        once(found, text(one, pattern, form), one, what)
    return tuple(found)


def once(found: dict[Name, None], name: Name, node: Node, what: str) -> None:
    """Add a name to those that were found before it, in order; refuse it when it is one of them."""
    if name in found:
        raise BadPolicy(node.place, f'{what} names "{shown(name)}" twice; once is enough')
    found[name] = None


def shown(written: str) -> str:
    """Return the beginning of what is written, to be shown to a person."""
    longest = 40
    return written if len(written) <= longest else f"{written[:longest]}…"
