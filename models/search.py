"""Full-text search over titles and numbers, on either database.

SQLite keeps the words of each kind's records in an FTS5 table, filled by
triggers; a table beside it gives each record a key, because a row's own number
may change when the file is vacuumed. PostgreSQL indexes an expression.
Both take letters and digits for words, and fold no accents.
"""

import string
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from models.dialect import is_sqlite

# The text of a record, by its table: just as the index of the migration has it.
_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "incident": "r.number || ' ' || left(r.title, 1000)",
        "change": "r.number || ' ' || left(r.title, 1000)",
        "event": "r.source || ' ' || left(r.title, 1000)",
        "ticket": "r.source_id || ' ' || left(r.title, 1000)",
        "asset": "r.name",
    }
)
_QUOTED: Final = string.punctuation.replace("'", "''")
_BLANKS: Final = " " * len(string.punctuation)
_BLANK: Final = {code: " " for code in range(128) if not chr(code).isalnum()}


def words_of(text: str) -> list[list[str]]:
    """Return the words of a text, each as its parts: ``OPS-123`` has two.

    Only ASCII is taken apart; of other scripts the databases know more.
    """
    parts = (
        [part for part in word.translate(_BLANK).split() if _says(part)] for word in text.split()
    )
    return [found for found in parts if found]


def query_of(connection: BaseDBAsyncClient, text: str) -> str | None:
    """Return a text as a query: all words, the last of which may go on. None without a word.

    A word that something follows does not go on.
    """
    words = words_of(text)
    if not words:
        return None
    goes_on = text[-1].isalnum()
    if is_sqlite(connection):
        phrases = [f'"{" ".join(word)}"' for word in words]
        return " AND ".join(phrases) + ("*" if goes_on else "")
    quoted = [[f"'{part}'" for part in word] for word in words]
    if goes_on:
        quoted[-1][-1] += ":*"
    return " & ".join(f"({' <-> '.join(word)})" for word in quoted)


def found(connection: BaseDBAsyncClient, table: str, place: str) -> str:
    """Return a SELECT of the ids of records that a query finds, the query given as ``place``."""
    if is_sqlite(connection):
        return f"""
            SELECT k.record_id AS id FROM {table}_words
            JOIN {table}_words_key k ON k.key = {table}_words.rowid
            WHERE {table}_words MATCH {place}
            """  # noqa: S608 — names and places
    return f"SELECT r.id FROM {table} r WHERE {_matches(table, place)}"  # noqa: S608 — names and places


def is_found(connection: BaseDBAsyncClient, table: str, place: str) -> str:
    """Return a condition: the record ``r`` is found. For a walk that meets many such records."""
    if is_sqlite(connection):
        return f"""
            (SELECT key FROM {table}_words_key WHERE record_id = r.id)
                IN (SELECT rowid FROM {table}_words WHERE {table}_words MATCH {place})
            """  # noqa: S608 — names and places
    return _matches(table, place)


def _matches(table: str, place: str) -> str:
    text = f"translate({_TEXTS[table]}, '{_QUOTED}', '{_BLANKS}')"
    return f"to_tsvector('simple', {text}) @@ to_tsquery('simple', {place})"


def _says(part: Sequence[str]) -> bool:
    return any(letter.isalnum() for letter in part)
