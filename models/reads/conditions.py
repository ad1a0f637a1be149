"""Puts a WHERE together, its values always as parameters."""

from collections.abc import Iterable

from models.reads.scope import Scope


class Conditions:
    """The conditions of one statement, all of which must hold, and its values."""

    def __init__(self) -> None:
        """Begin with none: every row is wanted."""
        self.values: list[object] = []
        self._parts: list[str] = []

    def put(self, value: object) -> str:
        """Take a value and return its place in the statement."""
        self.values.append(value)
        return f"${len(self.values)}"

    def put_all(self, values: Iterable[object]) -> str:
        """Take some values and return their places, for an IN; no value matches nothing."""
        return ", ".join(self.put(value) for value in values) or "NULL"

    def add(self, condition: str) -> None:
        """Add a condition; its names are ours, its values places."""
        self._parts.append(condition)

    def empty(self, column: str, *, is_so: bool = True) -> None:
        """Keep to rows that have no value in the column (or that have one).

        The comparison keeps SQLite from taking the column's own index, which
        would find most of the table, and then sorting what it found.
        """
        self.add(f"({column} IS NULL) = {'TRUE' if is_so else 'FALSE'}")

    def seen(self, scope: Scope, column: str) -> str:
        """Return a condition: the column names an integration in scope."""
        if scope.keys is None:
            return "TRUE"
        keys = self.put_all(sorted(scope.keys))
        return f"{column} IN (SELECT id FROM integration WHERE key IN ({keys}))"  # noqa: S608 — places only

    def see(self, scope: Scope, column: str = "integration_id") -> None:
        """Keep to rows whose column names an integration in scope."""
        self.add(self.seen(scope, column))

    def records_seen(self, scope: Scope, table: str, column: str) -> str:
        """Return a condition: the record has a link in scope, or none at all.

        table: of the records, such as ``incident``; column: their id.
        One probe of the links a record. Two EXISTS would say the same, but
        PostgreSQL would read all links of all records to answer them; and by
        ``<>``, not ``=``, it expects most records to pass, and walks an index.
        """
        if scope.keys is None:
            return "TRUE"
        keys = self.put_all(sorted(scope.keys))
        return f"""
            coalesce((
                SELECT max(CASE WHEN n.key IN ({keys}) THEN 1 ELSE 0 END)
                FROM {table}_link l JOIN integration n ON n.id = l.integration_id
                WHERE l.{table}_id = {column}
            ), 1) <> 0
            """  # noqa: S608 — names and places

    def see_records(self, scope: Scope, table: str, column: str) -> None:
        """Keep to records that are in scope; see ``records_seen``."""
        if scope.keys is not None:
            self.add(self.records_seen(scope, table, column))

    @property
    def where(self) -> str:
        """The conditions as one."""
        return " AND ".join(self._parts) or "TRUE"
