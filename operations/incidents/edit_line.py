"""The line of one change that a person makes here (rule M13)."""

from dataclasses import dataclass
from datetime import datetime

from domain.records import EditSource, FieldValue, MergeReason
from models.coding import dumps, to_milliseconds
from operations.runtime import Runtime
from operations.sync.shapes import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field's change; ``version`` is the incident's after it."""

    incident_id: str
    field: str
    before: FieldValue
    after: FieldValue
    version: int
    at: datetime
    by: str


def edit_line(runtime: Runtime, change: Change) -> Line:
    """Return the line of a change."""
    return {
        "id": runtime.new_id(),
        "incident_id": change.incident_id,
        "integration_id": None,
        "external_id": None,
        "field": change.field,
        "before": dumps(change.before),
        "after": dumps(change.after),
        "version": change.version,
        "at": to_milliseconds(change.at),
        "sequence": 0,
        "by": change.by,
        "source": EditSource.PERSON,
        "accepted": True,
        "reason": MergeReason.LOCAL_EDIT,
        "warning": None,
    }
