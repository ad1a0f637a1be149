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

    def see(self, scope: Scope, column: str = "integration_id") -> None:
        """Keep to rows whose column names an integration in scope."""
        if scope.keys is not None:
            keys = self.put_all(sorted(scope.keys))
            self.add(f"{column} IN (SELECT id FROM integration WHERE key IN ({keys}))")  # noqa: S608 — places only

    def see_incidents(self, scope: Scope, alias: str = "i") -> None:
        """Keep to incidents with a link in scope, or with none at all."""
        if scope.keys is not None:
            keys = self.put_all(sorted(scope.keys))
            links = f"SELECT 1 FROM incident_link l WHERE l.incident_id = {alias}.id"  # noqa: S608 — names are ours
            seen = f"l.integration_id IN (SELECT id FROM integration WHERE key IN ({keys}))"  # noqa: S608 — places only
            self.add(f"(EXISTS ({links} AND {seen}) OR NOT EXISTS ({links}))")

    @property
    def where(self) -> str:
        """The conditions as one."""
        return " AND ".join(self._parts) or "TRUE"
