"""Records that a vendor no longer has (rule W9)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from adapters.registry import manifest
from domain.events.entry import NewEntry, RecordEventKind
from domain.records import RunPhase
from models.coding import dumps, from_milliseconds, to_milliseconds
from operations.conflicts.supersede import supersede
from operations.sync.queue import SYNC
from operations.sync.writing import Writing

# All ids are listed at most so often because of what is said to be gone.
_CENSUSES_APART: Final = timedelta(hours=1)


async def suspect_gone(to: Writing, external_ids: Sequence[str], *, served_at: datetime) -> None:
    """Take for gone what is said to be, and could not be read either.

    Where the vendor answers so to who has no right to a record too, only a census
    deletes it, since one that lacks many is not believed (rule W10). It comes at
    once, or an hour after the last.
    served_at: the vendor's own time of the reading.
    Cost: that of ``mark_gone``, or two statements; none where nothing is suspected.
    """
    if not external_ids:
        return
    if not manifest(to.provider).hides_as_gone:
        await mark_gone(to, external_ids, served_at=served_at)
        return
    now, key = to.runtime.now(), (to.integration_id, to.shape.kind)
    (last,) = await to.tx.rows(
        """
        SELECT max(queued_at) AS at FROM sync_run
        WHERE integration_id = $1 AND kind = $2 AND phase = $3 AND queued_at > $4
        """,
        *key,
        RunPhase.CENSUS,
        to_milliseconds(now - _CENSUSES_APART),
    )
    at = now if last["at"] is None else from_milliseconds(last["at"]) + _CENSUSES_APART
    await to.tx.rows(
        f"""
        UPDATE watermark SET next_census_at = $3
        WHERE integration_id = $1 AND kind = $2 AND next_census_at > $3 AND EXISTS (
            SELECT 1 FROM {to.shape.table}_link l
            WHERE l.integration_id = $1 AND l.gone_at IS NULL
                AND {to.tx.one_of("l.external_id", "$4")}
        ) RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        *key,
        to_milliseconds(at),
        dumps(sorted(external_ids)),
    )


async def mark_gone(to: Writing, external_ids: Sequence[str], *, served_at: datetime) -> None:
    """Mark links to records that the vendor says it does not have.

    A record that is left without a live link is deleted. Only a read says so, and of
    some vendors a census too; ``suspect_gone`` is for what lists and deliveries suggest.
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
        WHERE (deleted_at IS NULL) = TRUE AND {to.tx.one_of("id", "$2")} AND NOT EXISTS (
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
