"""An incident's values under the names of its fields, for comparing them with a vendor's."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from domain.records import FieldValue
from models.coding import loads

# Fields that both sides may hold, and their columns.
COLUMNS: Final = MappingProxyType(
    {
        "title": "title",
        "description": "description",
        "status": "status",
        "severity": "severity",
        "priority": "priority",
        "assignee": "assignee",
        "escalationPolicy": "escalation_policy",
        "labels": "labels",
    }
)
SELECTED: Final = ", ".join(f"i.{column}" for column in COLUMNS.values())


def values_of(row: Mapping[str, Any]) -> dict[str, FieldValue]:
    """Return the values of a row that has the columns ``SELECTED``."""
    return {
        name: loads(row[column]) if column == "labels" else row[column]
        for name, column in COLUMNS.items()
    }
