"""The instance's dictionary: its tables, and how to walk from one to another."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from simulators.servicenow.item_tables import ITEM_TABLES
from simulators.servicenow.table import STAMPS, Table, names
from simulators.servicenow.task_tables import TASK_TABLES

_COMPANY: Final = f"{STAMPS} customer name notes sys_class_name vendor"

_DEFINED: Final = (
    *TASK_TABLES,
    *ITEM_TABLES,
    Table(
        name="sys_user",
        fields=names(f"{STAMPS} active email first_name last_name name title user_name"),
        defaults={"active": "true"},
        indexes=("name", "user_name", "email"),
    ),
    Table(
        name="sys_user_group",
        fields=names(f"{STAMPS} active description email manager name"),
        references={"manager": "sys_user"},
        defaults={"active": "true"},
        indexes=("name",),
    ),
    Table(
        name="sys_user_grmember",
        fields=names(f"{STAMPS} group user"),
        label="sys_id",
        references={"group": "sys_user_group", "user": "sys_user"},
        indexes=('"group"', "user"),
    ),
    Table(
        name="cmn_location",
        fields=names(f"{STAMPS} city country full_name name street"),
        indexes=("name",),
    ),
    Table(
        name="core_company",
        fields=names(_COMPANY),
        defaults={"customer": "false", "vendor": "true"},
        indexes=("name",),
    ),
    Table(
        name="customer_account",
        extends="core_company",
        # The platform has no level of support: a customer adds a field for it.
        fields=names(f"{_COMPANY} number u_level"),
        prefix="ACCT",
        defaults={"customer": "true", "vendor": "false"},
        indexes=("name", "number"),
    ),
    Table(
        name="sys_audit",
        fields=names("""sys_id tablename documentkey fieldname oldvalue newvalue user reason
            record_checkpoint sys_created_on sys_created_by"""),
        label="fieldname",
        indexes=("documentkey, sys_created_on",),
    ),
    Table(
        name="sys_audit_delete",
        fields=names(f"{STAMPS} display_value documentkey tablename user"),
        label="display_value",
        indexes=("sys_created_on",),
    ),
    Table(
        name="sys_journal_field",
        fields=names("sys_id element element_id name value sys_created_on sys_created_by"),
        label="element",
        indexes=("element_id, sys_created_on",),
    ),
)
TABLES: Final[Mapping[str, Table]] = MappingProxyType({table.name: table for table in _DEFINED})
_CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    name: (name, *(table.name for table in _DEFINED if table.extends == name)) for name in TABLES
}

TIMES: Final = frozenset(
    names(
        """activity_due approval_set closed_at due_date end_date expected_start follow_up
        initial_event_generation_time last_event_time opened_at reopened_time resolved_at sla_due
        start_date sys_created_on sys_updated_on time_of_event work_end work_start"""
    )
)
# Written like fields, kept as rows of sys_journal_field, and read back empty.
JOURNALS: Final = ("comments", "work_notes")
# How far a field may lie from the row that is asked: "a.b.c.field".
_FARTHEST: Final = 3


def classes(name: str) -> tuple[str, ...]:
    """Return the tables whose rows a table lists: itself, and those that extend it."""
    return _CLASSES[name]


def class_of(name: str, row: Mapping[str, str]) -> str:
    """Return the table that a row listed by this one is stored in."""
    found = row.get("sys_class_name", name)
    return found if found in classes(name) else name


def source(name: str) -> str:
    """Return what to select a table's rows from: itself, or the view of all its classes."""
    return f"every_{name}" if len(classes(name)) > 1 else name


def walked(table: Table, path: str) -> tuple[Table, str] | None:
    """Return the table and field at the end of a path: "state", or "account.name".

    None when it names no field, or lies too far.
    """
    *references, name = path.split(".")
    if len(references) > _FARTHEST:
        return None
    for reference in references:
        to = table.references.get(reference)
        if to is None:
            return None
        table = TABLES[to]
    return (table, name) if name in table.fields else None


def column(table: Table, path: str, alias: str = "r") -> str:
    """Return the SQL of a field at the end of a path, in a query that calls the table ``alias``.

    path: as ``walked`` knows it; a reference that is empty gives an empty text.
    """
    name, _, rest = path.partition(".")
    own = f'{alias}."{name}"'
    if not rest:
        return own
    to = table.references[name]
    inner = column(TABLES[to], rest, f"{alias}r")
    found = f"SELECT {inner} FROM {source(to)} AS {alias}r WHERE {alias}r.sys_id = {own}"  # noqa: S608 — names are ours
    return f"coalesce(({found}), '')"
