"""Where a site's issues are: SQLite, in memory or in a file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from simulators.database import opened
from simulators.jira.listing import ALONE, COLUMNS, PLACES, Document, beyond, columns, tags
from simulators.jira.selection import Selection

# ``issue`` is the truth. ``listed`` and ``tag`` are what search knows of it,
# which may be older; then ``document`` holds the old content, else it is null.
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS issue (
    id INTEGER PRIMARY KEY, project TEXT NOT NULL, number INTEGER NOT NULL,
    document TEXT NOT NULL, UNIQUE (project, number)
);
CREATE TABLE IF NOT EXISTS listed (
    id INTEGER PRIMARY KEY, project TEXT, number INTEGER, type TEXT, status TEXT, category TEXT,
    weight INTEGER, resolution TEXT, assignee TEXT, reporter TEXT, creator TEXT,
    created INTEGER, updated INTEGER, resolved INTEGER, summary TEXT, text TEXT, document TEXT
);
CREATE INDEX IF NOT EXISTS listed_updated ON listed (updated, project, number);
CREATE INDEX IF NOT EXISTS listed_created ON listed (created, project, number);
CREATE INDEX IF NOT EXISTS listed_key ON listed (project, number);
CREATE TABLE IF NOT EXISTS tag (
    field TEXT, value TEXT, issue INTEGER, PRIMARY KEY (field, value, issue)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tag_issue ON tag (issue);
CREATE TABLE IF NOT EXISTS child (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, issue INTEGER NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS child_issue ON child (issue, kind);
CREATE TABLE IF NOT EXISTS link (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS link_source ON link (source);
CREATE INDEX IF NOT EXISTS link_target ON link (target);
CREATE TABLE IF NOT EXISTS entry (
    kind TEXT, id TEXT, document TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
"""


class Store:
    """Issues, what belongs to them, and what search knows of them.

    One connection, for one thread: that of the event loop.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Make the empty tables, or open those of an earlier start.

        path: of the file to keep them in; None keeps them in memory.
        """
        self._db = opened(path, self)
        self._db.executescript(_TABLES)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make many writes one transaction, which is ten times as fast."""
        with self._db:
            self._db.execute("BEGIN")
            yield

    def next(self, name: str, first: int = 10_001) -> int:
        """Return the next number of a sequence."""
        (number,) = self._db.execute(
            "INSERT INTO memory VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (name, first),
        ).fetchone()
        return int(number)

    def find(self, key: str) -> int | None:
        """Return the id of the issue with this id or key, of any case, or None."""
        if key.isascii() and key.isdigit():
            row = self._db.execute("SELECT id FROM issue WHERE id = ?", (int(key),)).fetchone()
        else:
            project, _, number = key.upper().rpartition("-")
            row = self._db.execute(
                "SELECT id FROM issue WHERE project = ? AND number = ?", (project, number)
            ).fetchone()
        return None if row is None else int(row[0])

    def issue(self, id: int) -> Document | None:
        """Return an issue as it is, or None."""
        row = self._db.execute("SELECT document FROM issue WHERE id = ?", (id,)).fetchone()
        return None if row is None else _loaded(row[0])

    def put(self, issue: Document) -> None:
        """Add or replace an issue; search does not know of it yet."""
        project, _, number = issue["key"].rpartition("-")
        self._db.execute(
            "INSERT OR REPLACE INTO issue VALUES (?, ?, ?, ?)",
            (issue["id"], project, int(number), _dumped(issue)),
        )

    def remove(self, id: int) -> None:
        """Delete an issue and all that belongs to it; search does not know of it yet."""
        self._db.execute("DELETE FROM issue WHERE id = ?", (id,))
        self._db.execute("DELETE FROM child WHERE issue = ?", (id,))
        self._db.execute("DELETE FROM link WHERE source = ? OR target = ?", (id, id))

    def relist(self, id: int) -> None:
        """Let search know an issue as it is now."""
        self._db.execute("DELETE FROM tag WHERE issue = ?", (id,))
        issue = self.issue(id)
        if issue is None:
            self._db.execute("DELETE FROM listed WHERE id = ?", (id,))
            return
        self._db.execute(
            f"INSERT OR REPLACE INTO listed ({COLUMNS}) VALUES ({PLACES})",  # noqa: S608 — names are ours
            columns(issue),
        )
        self._db.executemany("INSERT INTO tag VALUES (?, ?, ?)", [(*t, id) for t in tags(issue)])

    def unlisted(self) -> list[int]:
        """Return the issues that search does not know as they are."""
        rows = self._db.execute(
            "SELECT issue.id FROM issue LEFT JOIN listed ON listed.id = issue.id"
            " WHERE listed.id IS NULL OR listed.document IS NOT NULL"
            " UNION SELECT id FROM listed WHERE document IS NOT NULL"
        )
        return [issue for (issue,) in rows]

    def freeze(self, issue: Document) -> None:
        """Let search go on showing this content, until ``relist``; it may be frozen already."""
        self._db.execute(
            "UPDATE listed SET document = COALESCE(document, ?) WHERE id = ?",
            (_dumped(issue), issue["id"]),
        )

    def search(
        self, selection: Selection, *, limit: int, after: Sequence[str | int] = ()
    ) -> list[tuple[Document, list[str | int]]]:
        """Return issues as search knows them, each with its place in the order.

        after: the place behind which to go on.
        """
        where, parameters = selection.where, selection.parameters
        if after:
            further, values = beyond(selection.order, after)
            # First, so that the walk through the index begins there.
            where, parameters = f"{further} AND ({where})", (*values, *parameters)
        names = ", ".join(f"listed.{column}" for column, _ in selection.order)
        order = ", ".join(f"{name} {'DESC' if down else 'ASC'}" for name, down in selection.order)
        rows = self._db.execute(
            "SELECT COALESCE(listed.document, (SELECT document FROM issue WHERE id = listed.id)),"  # noqa: S608 — translated, its values are parameters
            f" {names} FROM listed WHERE {where} ORDER BY {order} LIMIT ?",
            (*parameters, limit),
        ).fetchall()
        return [(_loaded(document), place) for document, *place in rows]

    def count(self, selection: Selection) -> int:
        """Return how many issues search knows that are selected."""
        (number,) = self._db.execute(
            f"SELECT count(*) FROM listed WHERE {selection.where}",  # noqa: S608 — translated
            selection.parameters,
        ).fetchone()
        return int(number)

    def fits(self, issue: Document, selection: Selection) -> bool:
        """Say whether an issue, as it is given, is selected."""
        found = self._db.execute(
            f"{ALONE} SELECT 1 FROM listed WHERE {selection.where}",  # noqa: S608 — translated
            (*columns(issue), issue["id"], _dumped(tags(issue)), *selection.parameters),
        ).fetchone()
        return found is not None

    def add_child(self, kind: str, issue: int, document: Document) -> None:
        """Add or replace what belongs to an issue, by its ``id``, unique in the site."""
        self._db.execute(
            "INSERT OR REPLACE INTO child VALUES (?, ?, ?, ?)",
            (document["id"], kind, issue, _dumped(document)),
        )

    def children(self, kind: str, issue: int) -> list[Document]:
        """Return what belongs to an issue, oldest first."""
        rows = self._db.execute(
            "SELECT document FROM child WHERE issue = ? AND kind = ? ORDER BY id", (issue, kind)
        )
        return [_loaded(document) for (document,) in rows]

    def remove_child(self, id: int) -> None:
        """Delete what belongs to an issue."""
        self._db.execute("DELETE FROM child WHERE id = ?", (id,))

    def add_link(self, type: str, source: int, target: int) -> int:
        """Link two issues: the source has the outward name of the type."""
        known = self._db.execute(
            "SELECT id FROM link WHERE type = ? AND source = ? AND target = ?",
            (type, source, target),
        ).fetchone()
        link = self.next("link") if known is None else int(known[0])
        self._db.execute(
            "INSERT OR IGNORE INTO link VALUES (?, ?, ?, ?)", (link, type, source, target)
        )
        return link

    def links(self, issue: int) -> list[tuple[int, str, int, int]]:
        """Return id, type, source and target of an issue's links."""
        return self._db.execute(
            "SELECT id, type, source, target FROM link WHERE source = ? OR target = ? ORDER BY id",
            (issue, issue),
        ).fetchall()

    def link(self, id: int) -> tuple[int, str, int, int] | None:
        """Return id, type, source and target of a link, or None."""
        row: tuple[int, str, int, int] | None = self._db.execute(
            "SELECT id, type, source, target FROM link WHERE id = ?", (id,)
        ).fetchone()
        return row

    def remove_link(self, id: int) -> None:
        """Delete a link."""
        self._db.execute("DELETE FROM link WHERE id = ?", (id,))

    def keep(self, kind: str, id: str, document: Document) -> None:
        """Keep a document of the site: a person, a webhook."""
        self._db.execute(
            "INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", (kind, id, _dumped(document))
        )

    def drop(self, kind: str, id: str) -> None:
        """Forget a document of the site."""
        self._db.execute("DELETE FROM entry WHERE kind = ? AND id = ?", (kind, id))

    def kept(self, kind: str) -> dict[str, Document]:
        """Return the documents of a kind by id."""
        rows = self._db.execute("SELECT id, document FROM entry WHERE kind = ?", (kind,))
        return {key: _loaded(document) for key, document in rows}


def _dumped(document: Any) -> str:  # noqa: ANN401 — JSON
    return orjson.dumps(document).decode()


def _loaded(text: str) -> Document:
    document: Document = orjson.loads(text)
    return document
