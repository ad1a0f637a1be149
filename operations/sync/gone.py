"""Records that a vendor no longer has (rule W9)."""

from collections.abc import Sequence
from datetime import datetime

from domain.events.entry import NewEntry, RecordEventKind
from models.coding import dumps, to_milliseconds
from operations.conflicts.supersede import supersede
from operations.sync.queue import SYNC
from operations.sync.writing import Writing


async def mark_gone(to: Writing, external_ids: Sequence[str], *, served_at: datetime) -> None:
    """Mark links to records that the vendor says it does not have.

    A record that is left without a live link is deleted. Only a read says so for
    certain; lists and deliveries suggest it.
    served_at: the vendor's own time of that answer.
    Cost: two statements, three for incidents.
    """
    table, now = to.shape.table, to.runtime.now()
    links = await to.tx.rows(
        f"""
        UPDATE {table}_link SET gone_at = $2
        WHERE integration_id = $1 AND gone_at IS NULL AND {to.tx.one_of("external_id", "$3")}
        RETURNING {table}_id AS record_id
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        to_milliseconds(served_at),
        dumps(external_ids),
    )
    if to.shape.has_edits and links:
        left = [link["record_id"] for link in links]
        await supersede(to.runtime, to.tx, to.integration_id, by=SYNC, incident_ids=left)
    deleted = await to.tx.rows(
        f"""
        UPDATE {table} SET deleted_at = $1, version = version + 1
        WHERE deleted_at IS NULL AND {to.tx.one_of("id", "$2")} AND NOT EXISTS (
            SELECT 1 FROM {table}_link l WHERE l.{table}_id = {table}.id AND l.gone_at IS NULL
        ) RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
        dumps([link["record_id"] for link in links]),
    )
    for row in deleted:
        to.tx.tell(
            NewEntry(
                topic=to.shape.topic,
                kind=RecordEventKind.DELETED,
                occurred_at=now,
                integration_id=to.integration_id,
                record_id=row["id"],
            )
        )
