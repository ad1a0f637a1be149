"""Writing records: stamps, counts, numbers, audit and notes."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from simulators.servicenow.query import TIME_FORMAT
from simulators.servicenow.rules import RULES
from simulators.servicenow.store import Store
from simulators.servicenow.table import Table
from simulators.servicenow.tables import JOURNALS, TABLES, class_of
from simulators.servicenow.writing import Writing

NAMESPACE: Final = uuid.UUID("6f0f2c52-6a5b-4a52-9f5c-0d3c6f3a8e11")
# Reserved by RFC 2606: nobody reads mail there.
MAIL: Final = "example.com"
# Only the platform writes these; a caller's values for them are dropped.
_STAMPS: Final = frozenset(
    {
        "number",
        "sys_class_name",
        "sys_created_by",
        "sys_created_on",
        "sys_id",
        "sys_mod_count",
        "sys_updated_by",
        "sys_updated_on",
    }
)
# ``incident_state`` always equals ``state``, whose change is audited.
_UNAUDITED: Final = _STAMPS | {"incident_state"}
# How many rows were created by callers, kept from start to start.
_MADE: Final = "made"
# Numbers of new rows start here, far above those of the replayed log.
_FIRST_NUMBER: Final = 9_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who writes, and when: user name, and UTC text with one-second resolution."""

    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a listener is told of one stored write.

    event: "created", "updated" or "deleted".
    row: as it stands after the write, or stood before it was deleted.
    changes: names of the fields that changed; notes: journal rows added.
    """

    event: str
    table: str
    row: Mapping[str, str]
    changes: tuple[str, ...] = ()
    notes: tuple[Mapping[str, str], ...] = ()


def identity(kind: str, name: str) -> str:
    """Return the sys_id of what is known by name: the same on every start."""
    return uuid.uuid5(NAMESPACE, f"{kind}/{name}").hex


def blank(table: Table, sys_id: str, stamp: Stamp) -> dict[str, str]:
    """Return a new row with its defaults and stamps."""
    row = dict.fromkeys(table.fields, "") | dict(table.defaults)
    stamps = {
        "sys_id": sys_id,
        "sys_created_on": stamp.at,
        "sys_created_by": stamp.by,
        "sys_updated_on": stamp.at,
        "sys_updated_by": stamp.by,
        "sys_mod_count": "0",
        "sys_class_name": table.name,
        "opened_at": stamp.at,
    }
    return row | {name: value for name, value in stamps.items() if name in row and value}


class Records:
    """All writes to the store, whoever asks: a request, the replay or a test."""

    def __init__(self, store: Store, now: Callable[[], datetime], *, lowest: str) -> None:
        """Take the clock that stamps, aware, and the priority that impact 3, urgency 3 gives."""
        self.store = store
        self.lowest = lowest
        self.now = now
        self.listeners: list[Callable[[Written], None]] = []
        self._made = int(store.recalled(_MADE) or 0)
        self._audited = store.count("sys_audit")

    def stamp(self, by: str) -> Stamp:
        """Return the stamp of a write made now."""
        return Stamp(by=by, at=self.now().strftime(TIME_FORMAT))

    def person(self, user_name: str) -> str:
        """Return the sys_id of a user, made on first sight, so that every writer exists."""
        known = self.store.one("sys_user", "user_name", user_name)
        if known is not None:
            return known["sys_id"]
        first, _, last = user_name.replace(".", " ").title().rpartition(" ")
        row = blank(TABLES["sys_user"], identity("sys_user", user_name), self.stamp("system"))
        row |= {"user_name": user_name, "email": f"{user_name}@{MAIL}"}
        row |= {"name": f"{first} {last}".strip(), "first_name": first, "last_name": last}
        self.store.add("sys_user", [row])
        return row["sys_id"]

    def row(self, table: str, field: str, value: str) -> tuple[str, dict[str, str]] | None:
        """Return the row that a table lists, whole, and the table it is stored in."""
        listed = self.store.one(table, field, value)
        if listed is None:
            return None
        stored_in = class_of(table, listed)
        if stored_in == table:
            return table, listed
        whole = self.store.one(stored_in, "sys_id", listed["sys_id"])
        return None if whole is None else (stored_in, whole)

    def create(self, table: str, asked: Mapping[str, str], *, by: str) -> dict[str, str]:
        """Add a row and return it.

        Raises Mandatory and Aborted.
        """
        definition, stamp = TABLES[table], self.stamp(by)
        self._made += 1
        self.store.remember(_MADE, str(self._made))
        row = blank(definition, identity(table, f"new/{self._made}"), stamp)
        fields = _writable(definition, asked)
        if definition.prefix:
            row["number"] = f"{definition.prefix}{_FIRST_NUMBER + self._made}"
        if "opened_by" in row:
            fields = {"opened_by": self.person(by)} | fields
        fields = self._ruled(table, row, fields, stamp, is_new=True)
        self.insert(table, row | fields, notes=self._note(row, asked, stamp))
        return row | fields

    def insert(
        self, table: str, row: Mapping[str, str], notes: tuple[Mapping[str, str], ...] = ()
    ) -> None:
        """Store a new row as it is, without rules."""
        self.store.add(table, [row])
        self._tell(Written(event="created", table=table, row=row, notes=notes))

    def edit(
        self, table: str, row: Mapping[str, str], asked: Mapping[str, str], *, by: str
    ) -> dict[str, str]:
        """Write fields as a user does, and return the row as it then is.

        What changes nothing is not stored: no stamp, no count, no audit. A note
        alone raises ``sys_updated_on``, not ``sys_mod_count``.
        Raises Mandatory and Aborted.
        """
        stamp = self.stamp(by)
        fields = _writable(TABLES[table], asked)
        fields = self._ruled(table, row, fields, stamp, is_new=False)
        changes = {name: value for name, value in fields.items() if row[name] != value}
        notes = self._note(row, asked, stamp)
        if not changes and not notes:
            return dict(row)
        return self.write(table, row, changes, stamp, rise=1 if changes else 0, notes=notes)

    def write(  # noqa: PLR0913 — all that a stored version consists of
        self,
        table: str,
        row: Mapping[str, str],
        changes: Mapping[str, str],
        stamp: Stamp,
        *,
        rise: int,
        notes: tuple[Mapping[str, str], ...] = (),
    ) -> dict[str, str]:
        """Store changes as they are, without rules; even none raises the stamps.

        rise: what is added to ``sys_mod_count``; the replayed log skips versions
            and goes back.
        """
        after = {
            **row,
            **changes,
            "sys_updated_on": stamp.at,
            "sys_updated_by": stamp.by,
            "sys_mod_count": str(int(row["sys_mod_count"]) + rise),
        }
        stamps = ("sys_updated_on", "sys_updated_by", "sys_mod_count")
        self.store.change(table, row["sys_id"], {n: after[n] for n in (*changes, *stamps)})
        self.store.fill("sys_audit", self.audit(table, row, after, changes))
        self._tell(
            Written(event="updated", table=table, row=after, changes=tuple(changes), notes=notes)
        )
        return after

    def audit(
        self,
        table: str,
        before: Mapping[str, str],
        after: Mapping[str, str],
        changed: Mapping[str, str],
    ) -> Iterator[tuple[str, ...]]:
        """Yield the ``sys_audit`` rows of a stored change, as the table's fields in order."""
        audited = changed if TABLES[table].is_audited else ()
        for name in audited:
            if name in _UNAUDITED:
                continue
            self._audited += 1
            yield (
                f"{after['sys_id'][:20]}{self._audited:012x}",
                table,
                after["sys_id"],
                name,
                before[name],
                after[name],
                after["sys_updated_by"],
                "",
                after["sys_mod_count"],
                after["sys_updated_on"],
                after["sys_updated_by"],
            )

    def delete(self, table: str, row: Mapping[str, str], *, by: str) -> None:
        """Remove a row, and remember that it was: a row of ``sys_audit_delete``."""
        self.store.remove(table, row["sys_id"])
        gone = {
            "tablename": table,
            "documentkey": row["sys_id"],
            "display_value": row.get(TABLES[table].label, ""),
            "user": by,
        }
        self.create("sys_audit_delete", gone, by=by)
        self._tell(Written(event="deleted", table=table, row=row))

    def _ruled(
        self,
        table: str,
        row: Mapping[str, str],
        fields: dict[str, str],
        stamp: Stamp,
        *,
        is_new: bool,
    ) -> dict[str, str]:
        """Return the fields that a write sets after the table's rules had their say."""
        rule = RULES.get(table)
        if rule is None:
            return fields
        user = self.person(stamp.by)
        writing = Writing(user=user, at=stamp.at, is_new=is_new, lowest=self.lowest)
        return rule(row, fields, writing)

    def _note(
        self, row: Mapping[str, str], asked: Mapping[str, str], stamp: Stamp
    ) -> tuple[Mapping[str, str], ...]:
        """Store the notes among the fields asked for, and return them."""
        kept = {"element_id": row["sys_id"], "name": row.get("sys_class_name", "")}
        return tuple(
            self.create(
                "sys_journal_field",
                kept | {"element": element, "value": asked[element]},
                by=stamp.by,
            )
            for element in JOURNALS
            if asked.get(element) and element in row
        )

    def _tell(self, written: Written) -> None:
        for listener in self.listeners:
            listener(written)


def _writable(table: Table, asked: Mapping[str, str]) -> dict[str, str]:
    """Drop what a caller may not write: stamps, notes, and fields that do not exist."""
    return {
        name: value
        for name, value in asked.items()
        if name in table.fields and name not in _STAMPS and name not in JOURNALS
    }
