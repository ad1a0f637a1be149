"""Rows that incidents refer to, made from the anonymised labels of the log."""

import re
from typing import Final

from simulators.servicenow.records import MAIL, Records, blank, identity
from simulators.servicenow.tables import TABLES

# The usual relation of services: seen from the parent, and from the child.
DEPENDS: Final = "Depends on::Used by"


class Directory:
    """Finds the row that a label stands for, and adds it on first sight."""

    def __init__(self, records: Records) -> None:
        """Write through the given records."""
        self._records = records
        self._known: dict[tuple[str, str], str] = {}

    def sys_id(self, table: str, label: str) -> str:
        """Return the sys_id of the row labelled so: the same on every start."""
        known = self._known.get((table, label))
        if known is None:
            known = self._known[table, label] = self._add(table, label)
        return known

    def user_name(self, label: str) -> str:
        """Return the user name of a person, who exists from now on."""
        self.sys_id("sys_user", label)
        return _slug(label)

    def _add(self, table: str, label: str) -> str:
        if table == "sys_user":
            return self._records.person(_slug(label))
        sys_id = identity(table, label)
        row = blank(TABLES[table], sys_id, self._records.stamp("system"))
        row |= {n: v for n, v in _described(table, " ".join(label.split())).items() if n in row}
        if self._records.store.one(table, "sys_id", sys_id) is None:
            self._records.store.add(table, [row])
        return sys_id


def _slug(label: str) -> str:
    return ".".join(label.lower().split())


def _described(table: str, label: str) -> dict[str, str]:
    match table:
        case "problem":
            digits = re.sub(r"\D", "", label)
            return {"number": f"PRB{int(digits):07d}", "short_description": label}
        case "change_request":
            return {"number": label, "short_description": f"Change {label}"}
        case "cmdb_rel_type":
            parent, _, child = label.partition("::")
            return {"name": label, "parent_descriptor": parent, "child_descriptor": child}
        case _:
            return {"name": label, "full_name": label, "email": f"{_slug(label)}@{MAIL}"}
