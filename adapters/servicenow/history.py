"""What ``sys_audit`` tells of incidents: its query, and its rows as edits. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.contract import HistoryAsk
from adapters.servicenow.mapping import (
    COLUMNS,
    Part,
    identity,
    instant,
    raw,
    values,
    whole,
)
from domain.records import InboundEdit, MirroredValue, VendorKey

TABLE: Final = "sys_audit"
# The table is huge and has one useful index: on the document.
LARGEST_BATCH: Final = 100
ASKED: Final = (
    "sys_id",
    "documentkey",
    "fieldname",
    "oldvalue",
    "newvalue",
    "user",
    "sys_created_on",
    "record_checkpoint",
)


def batches(asks: Sequence[HistoryAsk]) -> list[list[HistoryAsk]]:
    """Cut asks into calls, those without a beginning apart from the others.

    One call has one lower bound, which a single new record would lift for all.
    """
    known = [ask for ask in asks if ask.since is not None]
    new = [ask for ask in asks if ask.since is None]
    return [
        group[start : start + LARGEST_BATCH]
        for group in (known, new)
        for start in range(0, len(group), LARGEST_BATCH)
    ]


def condition(batch: Sequence[HistoryAsk]) -> str:
    """Return the condition on the records of a batch."""
    documents = ",".join(identity(ask.external_id) for ask in batch)
    return f"tablename=incident^documentkeyIN{documents}"


def earliest(batch: Sequence[HistoryAsk]) -> datetime | None:
    """Return the time that a batch is asked from, None for all."""
    return min((ask.since for ask in batch if ask.since is not None), default=None)


def edits(rows: Iterable[Mapping[str, Any]], asks: Sequence[HistoryAsk]) -> list[InboundEdit]:
    """Return the edits of mirrored fields, by time, then checkpoint, then id.

    Only those that were asked for: a batch may reach further back than one of
    its records. A row that says not which record changed when is left out,
    since it can be put nowhere.
    """
    begins = {ask.external_id: ask.since for ask in asks}
    found: list[tuple[VendorKey, str, InboundEdit]] = []
    for row in rows:
        for edit in _edits(row):
            since = begins.get(edit.record_external_id)
            if edit.record_external_id in begins and (since is None or edit.key.at >= since):
                found.append((edit.key, edit.external_id, edit))
    return [edit for _, _, edit in sorted(found, key=lambda entry: entry[:2])]


def _edits(row: Mapping[str, Any]) -> list[InboundEdit]:
    column = raw(row, "fieldname")
    if column not in COLUMNS:
        return []
    try:
        sys_id, record = identity(raw(row, "sys_id")), identity(raw(row, "documentkey"))
        key = VendorKey(
            at=instant(raw(row, "sys_created_on")),
            sequence=whole(raw(row, "record_checkpoint") or "0", "record_checkpoint"),
        )
    except ValueError:
        return []
    before, after = _side(column, raw(row, "oldvalue")), _side(column, raw(row, "newvalue"))
    return [
        InboundEdit(
            external_id=_edit_id(sys_id, part, COLUMNS[column]),
            record_external_id=record,
            field=part.field,
            before=before[part.field],
            after=after[part.field],
            key=key,
            author=raw(row, "user"),
        )
        for part in COLUMNS[column]
    ]


def _edit_id(sys_id: str, part: Part, parts: tuple[Part, ...]) -> str:
    """Return the row's id; the second field of one row needs an id of its own."""
    return sys_id if part is parts[0] else f"{sys_id}:{part.field}"


def _side(column: str, value: str) -> dict[str, MirroredValue]:
    """Return our fields for one side of a change; a time that is none stays as it is told."""
    try:
        return values(column, value)
    except ValueError:
        return {part.field: value for part in COLUMNS[column]}
