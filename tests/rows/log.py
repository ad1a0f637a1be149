"""Entries of the event log."""

from collections.abc import Sequence

from domain.events.entry import IncidentEventKind, NewEntry, RecordEventKind, Topic
from models.transaction import Transaction, commit
from tests.rows.links import AnyRow, kind_of
from tests.rows.moments import NOW


async def told(*entries: NewEntry) -> None:
    """Entries of the event log, committed together."""

    async def write(tx: Transaction) -> None:
        for entry in entries:
            tx.tell(entry)

    await commit(write)


async def forgotten(*, through: int) -> None:
    """The event log past its retention: entries up to this number are gone."""

    async def write(tx: Transaction) -> None:
        await tx.rows("DELETE FROM event_log WHERE number <= $1 RETURNING number", through)
        await tx.rows("UPDATE event_head SET oldest = $1 RETURNING oldest", through + 1)

    await commit(write)


def about(
    of: AnyRow,
    kind: IncidentEventKind | RecordEventKind = RecordEventKind.UPDATED,
    edits: Sequence[str] = (),
    changed: Sequence[str] = (),
) -> NewEntry:
    """An entry that tells of a record."""
    return NewEntry(
        topic=Topic(kind_of(of)),
        kind=kind,
        occurred_at=NOW,
        record_id=of.id,
        edit_ids=tuple(edits),
        changed=tuple(changed),
    )
