"""The rows, in a SQLite database in memory or in a file. Knows tables, and no rules."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from simulators.database import opened
from simulators.servicenow.query import Selection
from simulators.servicenow.table import Table
from simulators.servicenow.tables import TABLES, classes, column, source


class Store:
    """Rows of all tables; every value is text and none is null.

    One connection, for one thread: that of the event loop.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Make the empty tables, or open those of an earlier start.

        path: of the file to keep the rows in; None keeps them in memory.
        """
        self._db = opened(path, self)
        self._db.execute("CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value TEXT)")
        for table in TABLES.values():
            self._make(table)
        for table in TABLES.values():
            self._gather(table)

    def close(self) -> None:
        """Drop everything."""
        self._db.close()

    def recalled(self, name: str) -> str:
        """Return what was remembered under a name; empty for nothing."""
        row = self._db.execute("SELECT value FROM memory WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def remember(self, name: str, value: str) -> None:
        """Keep a text beside the rows, for the next start."""
        self._db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", (name, value))

    def add(self, table: str, rows: Iterable[Mapping[str, str]]) -> None:
        """Add rows of any number, each with all fields of the table.

        Raises sqlite3.IntegrityError when a sys_id exists.
        """
        names = TABLES[table].fields
        self.fill(table, ([row[name] for name in names] for row in rows))

    def fill(self, table: str, rows: Iterable[Sequence[str]]) -> None:
        """Add rows given as values in the order of the table's fields."""
        names = TABLES[table].fields
        columns = ", ".join(f'"{name}"' for name in names)
        places = ", ".join("?" * len(names))
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608 — names are ours, never a caller's
                rows,
            )

    def change(self, table: str, sys_id: str, values: Mapping[str, str]) -> None:
        """Set the given fields of a row."""
        assignments = ", ".join(f'"{name}" = ?' for name in values)
        self._db.execute(
            f"UPDATE {table} SET {assignments} WHERE sys_id = ?",  # noqa: S608 — names are ours
            (*values.values(), sys_id),
        )

    def remove(self, table: str, sys_id: str) -> None:
        """Delete a row."""
        self._db.execute(f"DELETE FROM {table} WHERE sys_id = ?", (sys_id,))  # noqa: S608 — names are ours

    def one(self, table: str, field: str, value: str) -> dict[str, str] | None:
        """Return the row whose field has this value, the first of several, or None.

        A row of a class that extends the table has the table's fields only.
        """
        names = TABLES[table].fields
        columns = ", ".join(f'"{name}"' for name in names)
        row = self._db.execute(
            f'SELECT {columns} FROM {source(table)} WHERE "{field}" = ? LIMIT 1',  # noqa: S608 — names are ours
            (value,),
        ).fetchone()
        return None if row is None else dict(zip(names, row, strict=True))

    def page(
        self, table: str, names: Sequence[str], selection: Selection, *, limit: int, offset: int
    ) -> list[dict[str, str]]:
        """Return the named fields of one page of the selected rows; names may be paths."""
        columns = ", ".join(column(TABLES[table], name) for name in names)
        rows = self._db.execute(
            f"SELECT {columns} FROM {source(table)} AS r WHERE {selection.where}"  # noqa: S608 — translated, its values are parameters
            f" ORDER BY {selection.order} LIMIT ? OFFSET ?",
            (*selection.parameters, limit, offset),
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def count(self, table: str, selection: Selection | None = None) -> int:
        """Return the number of selected rows, or of all."""
        where, parameters = (selection.where, selection.parameters) if selection else ("1", ())
        (number,) = self._db.execute(
            f"SELECT count(*) FROM {source(table)} AS r WHERE {where}",  # noqa: S608 — translated, its values are parameters
            parameters,
        ).fetchone()
        return int(number)

    def _make(self, table: Table) -> None:
        """Make a table, or add the fields that an earlier start did not know."""
        columns = {name: f"\"{name}\" TEXT NOT NULL DEFAULT ''" for name in table.fields}
        columns["sys_id"] = '"sys_id" TEXT PRIMARY KEY'
        self._db.execute(f"CREATE TABLE IF NOT EXISTS {table.name} ({', '.join(columns.values())})")
        known = {row[1] for row in self._db.execute(f"PRAGMA table_info({table.name})")}
        for name in columns.keys() - known:
            self._db.execute(f"ALTER TABLE {table.name} ADD COLUMN {columns[name]}")
        for number, index in enumerate(table.indexes):
            self._db.execute(
                f"CREATE INDEX IF NOT EXISTS {table.name}_{number} ON {table.name} ({index})"
            )

    def _gather(self, table: Table) -> None:
        """Make the view of a table's rows together with those of the tables that extend it."""
        view = source(table.name)
        if view == table.name:
            return
        columns = ", ".join(f'"{name}"' for name in table.fields)
        parts = (f"SELECT {columns} FROM {name}" for name in classes(table.name))  # noqa: S608 — names are ours
        self._db.execute(f"DROP VIEW IF EXISTS {view}")
        self._db.execute(f"CREATE VIEW {view} AS {' UNION ALL '.join(parts)}")
