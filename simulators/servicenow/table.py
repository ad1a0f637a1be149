"""What a table of the instance is, and the fields that many tables have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

STAMPS: Final = "sys_id sys_created_on sys_created_by sys_updated_on sys_updated_by sys_mod_count"


def names(text: str) -> tuple[str, ...]:
    """Return the names in a text, which blanks separate."""
    return tuple(text.split())


# Stored as text like all others, but compared and ordered as numbers.
_INTEGERS: Final = frozenset(
    names(
        """child_incidents event_count quantity reassignment_count record_checkpoint reopen_count
        state sys_mod_count"""
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: what it holds, and what other tables show of its rows.

    extends: the table that lists these rows too, as far as it has their fields;
        all of its own fields are among these.
    label: the field that stands for a row where a reference is displayed.
    prefix: of the numbers given to new rows; empty for tables without numbers.
    references: field to the table that it points to.
    texts: fields that hold words here, and numbers in other tables.
    indexes: each a list of columns in SQL, besides the one on ``sys_id``.
    is_audited: each change leaves rows in ``sys_audit``.
    """

    name: str
    fields: tuple[str, ...]
    extends: str = ""
    label: str = "name"
    prefix: str = ""
    references: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    is_audited: bool = False

    def is_integer(self, name: str) -> bool:
        """Say whether a field is compared and ordered as a number."""
        return name in _INTEGERS and name not in self.texts
