"""What ``sys_audit`` tells of records: its query, and its rows as edits. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.exchange import HistoryAsk
from adapters.servicenow.mapping import Part, Translation
from adapters.servicenow.values import identity, instant, raw, whole
from domain.inbound import InboundEdit, MirroredValue, VendorKey

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


def condition(batch: Sequence[HistoryAsk], table: str) -> str:
    """Return the condition on the records of a batch. Raises ValueError for a malformed id."""
    documents = ",".join(identity(ask.external_id) for ask in batch)
    return f"tablename={table}^documentkeyIN{documents}"


def earliest(batch: Sequence[HistoryAsk]) -> datetime | None:
    """Return the time that a batch is asked from, None for all."""
    return min((ask.since for ask in batch if ask.since is not None), default=None)


def edits(
    rows: Iterable[Mapping[str, Any]], asks: Sequence[HistoryAsk], words: Translation
) -> list[InboundEdit]:
    """Return the edits of mirrored fields, by time, then checkpoint, then id.

    Only those that were asked for: a batch may reach further back than one of
    its records. A row that says not which record changed when is left out,
    since it can be put nowhere.
    """
    begins = {ask.external_id: ask.since for ask in asks}
    found: list[tuple[VendorKey, str, InboundEdit]] = []
    for row in rows:
        for edit in _edits(row, words):
            since = begins.get(edit.record_external_id)
            if edit.record_external_id in begins and (since is None or edit.key.at >= since):
                found.append((edit.key, edit.external_id, edit))
    return [edit for _, _, edit in sorted(found, key=lambda entry: entry[:2])]


def _edits(row: Mapping[str, Any], words: Translation) -> list[InboundEdit]:
    parts = words.parts.get(raw(row, "fieldname"), [])
    try:
        sys_id, record = identity(raw(row, "sys_id")), identity(raw(row, "documentkey"))
        key = VendorKey(
            at=instant(raw(row, "sys_created_on")),
            sequence=whole(raw(row, "record_checkpoint") or "0", "record_checkpoint"),
        )
    except ValueError:
        return []
    return [
        InboundEdit(
            # The second field of one row needs an id of its own.
            external_id=sys_id if part is parts[0] else f"{sys_id}:{part.field}",
            record_external_id=record,
            field=part.field,
            before=_side(part, raw(row, "oldvalue")),
            after=_side(part, raw(row, "newvalue")),
            key=key,
            author=raw(row, "user"),
        )
        for part in parts
    ]


def _side(part: Part, value: str) -> MirroredValue:
    """Return one side of a change; a time that is none stays as it is told."""
    try:
        return part.value(value)
    except ValueError:
        return value
