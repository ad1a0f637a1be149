"""Documents in a SQLite database in memory or in a file. Knows tables, and no rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from simulators.database import opened

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Documents of one kind.

    columns: fields of the documents by which they are found; they are copied
        into columns, the whole document is JSON beside them.
    indexes: column lists. Each ends in the row's number, which is the order
        of making.
    """

    columns: tuple[str, ...] = ("name",)
    indexes: tuple[str, ...] = ("name",)


TABLES: Final[Mapping[str, Table]] = {
    "incident": Table(
        columns=(
            "incident_number",
            "incident_key",
            "service",
            "status",
            "urgency",
            "created_at",
            "resolved_at",
            "due_at",
        ),
        indexes=(
            "incident_number",
            "created_at",
            "status, created_at",
            "service, created_at",
            "service, status",
            "incident_key",
            "due_at",
        ),
    ),
    "log_entry": Table(
        columns=("incident", "created_at", "is_overview"),
        indexes=("created_at", "incident, created_at"),
    ),
    "alert": Table(
        columns=("incident", "alert_key", "service", "status", "created_at"),
        indexes=("incident, created_at", "alert_key"),
    ),
    "incident_note": Table(columns=("incident",), indexes=("incident",)),
    "change_event": Table(columns=("timestamp", "service"), indexes=("timestamp",)),
    "service": Table(
        columns=("name", "integration_key", "escalation_policy"),
        indexes=("name", "integration_key"),
    ),
    "user": Table(columns=("name", "email"), indexes=("name", "email")),
    "team": Table(),
    "priority": Table(),
    "escalation_policy": Table(),
    "business_service": Table(),
    "service_dependency": Table(columns=("supporting", "dependent"), indexes=()),
    "webhook_subscription": Table(columns=(), indexes=()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which rows, as SQL with its parameters; the text is ours, never a caller's.

    order: of the columns; rows that are equal in it come in the order of making.
    """

    where: str = "1"
    parameters: tuple[Any, ...] = ()
    order: str = "seq"


EVERYTHING: Final = Selection()


def equal(**fields: str | int | None) -> Selection:
    """Return the selection of the rows whose columns have these values."""
    where = " AND ".join(f"{name} = ?" for name in fields)
    return Selection(where=where, parameters=tuple(fields.values()))


class Store:
    """Documents of all tables. One connection, for one thread: that of the event loop."""

    def __init__(self, path: Path | None = None) -> None:
        """Make the empty tables, or open those of an earlier start.

        path: of the file to keep the documents in; None keeps them in memory.
        """
        self._db = opened(path, self)
        for name, table in TABLES.items():
            columns = "".join(f", {column}" for column in table.columns)
            self._db.execute(
                f"CREATE TABLE IF NOT EXISTS {name} (seq INTEGER PRIMARY KEY AUTOINCREMENT,"
                f" id TEXT NOT NULL UNIQUE, document BLOB NOT NULL{columns})"
            )
            for number, index in enumerate(table.indexes):
                self._db.execute(
                    f"CREATE INDEX IF NOT EXISTS {name}_{number} ON {name} ({index}, seq)"
                )

    def close(self) -> None:
        """Drop what is in memory; keep what is in the file."""
        self._db.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep the writes within all or, when an exception leaves it, none."""
        if self._db.in_transaction:
            yield
            return
        with self._db:
            self._db.execute("BEGIN")
            yield

    def put(self, table: str, document: Mapping[str, Any]) -> None:
        """Write a document anew, or add it."""
        columns = TABLES[table].columns
        anew = ", ".join(f"{name} = ?" for name in ("document", *columns))
        # Not an upsert: that uses up a number even where it adds no row.
        written = self._db.execute(
            f"UPDATE {table} SET {anew} WHERE id = ?",  # noqa: S608 — names are ours, never a caller's
            (*_row(document, columns), document["id"]),
        )
        if not written.rowcount:
            self.fill(table, [document])

    def fill(self, table: str, documents: Iterable[Mapping[str, Any]]) -> None:
        """Add documents of any number.

        Raises sqlite3.IntegrityError when an id exists.
        """
        columns = TABLES[table].columns
        names = ", ".join(("document", *columns, "id"))
        places = ", ".join("?" * (len(columns) + 2))
        with self.together():
            self._db.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608 — names are ours
                ((*_row(document, columns), document["id"]) for document in documents),
            )

    def remove(self, table: str, id: str) -> None:
        """Delete a document."""
        self._db.execute(f"DELETE FROM {table} WHERE id = ?", (id,))  # noqa: S608 — the name is ours

    def one(self, table: str, id: str) -> Document | None:
        """Return the document of this id, or None."""
        return self.first(table, Selection(where="id = ?", parameters=(id,)))

    def first(self, table: str, selection: Selection) -> Document | None:
        """Return the first of the selected documents, or None."""
        found = self.page(table, selection, limit=1)
        return found[0] if found else None

    def page(
        self, table: str, selection: Selection, *, limit: int = -1, offset: int = 0
    ) -> list[Document]:
        """Return one page of the selected documents; without a limit, all."""
        rows = self._db.execute(
            f"SELECT document FROM {table} WHERE {selection.where}"  # noqa: S608 — a selection is ours
            f" ORDER BY {selection.order} LIMIT ? OFFSET ?",
            (*selection.parameters, limit, offset),
        )
        return [orjson.loads(document) for (document,) in rows]

    def count(self, table: str, selection: Selection = EVERYTHING) -> int:
        """Return the number of selected documents, or of all."""
        (number,) = self._db.execute(
            f"SELECT count(*) FROM {table} WHERE {selection.where}",  # noqa: S608 — a selection is ours
            selection.parameters,
        ).fetchone()
        return int(number)

    def newest(self, table: str) -> int:
        """Return the number of the row added last, removed or not; 0 for none."""
        row = self._db.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)
        ).fetchone()
        return 0 if row is None else int(row[0])


def among(column: str, values: Sequence[str]) -> str:
    """Return the condition that a column has one of several values, as parameters."""
    return f"{column} IN ({', '.join('?' * len(values))})"


def _row(document: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    return (orjson.dumps(document), *(document.get(name) for name in columns))
