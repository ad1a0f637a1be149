"""Rows as the Table API returns them, and how the tests read them."""

from dataclasses import replace
from typing import Any

from adapters.contract import Mappings
from adapters.field_map import FieldMap
from adapters.servicenow.mapping import Translation
from adapters.servicenow.maps import MAPPINGS
from domain.inbound import InboundRecord
from domain.records import RecordKind

ROW = {
    "sys_id": "a" * 32,
    "sys_created_on": "2026-03-01 08:00:00",
    "sys_updated_on": "2026-03-02 13:24:00",
    "sys_updated_by": "beth",
    "sys_mod_count": "7",
    "active": "true",
    "number": "INC0000045",
}


def altered(kind: RecordKind, field: str, **changes: Any) -> Mappings:  # noqa: ANN401 — any of a map's parts
    """Return the default maps with those of one field altered."""

    def one(entry: FieldMap) -> FieldMap:
        return replace(entry, **changes) if (entry.kind, entry.field) == (kind, field) else entry

    return Mappings(map(one, MAPPINGS))


def words(kind: RecordKind, maps: Mappings | None = None) -> Translation:
    return Translation(kind, maps or Mappings(MAPPINGS), "https://acme.example.com")


def read(
    kind: RecordKind = RecordKind.INCIDENT, maps: Mappings | None = None, /, **columns: object
) -> InboundRecord:
    record = words(kind, maps).record(ROW | columns)
    assert isinstance(record, InboundRecord), record
    return record
