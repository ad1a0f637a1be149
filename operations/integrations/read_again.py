"""Read all records of a kind again, for they are to be understood otherwise."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.access.roles import Actor
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.records import RecordKind, RunStatus
from models.claims import DueSource, Slot
from models.coding import to_milliseconds
from models.tables.integration import UnmappedValueRow
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.start import queue_run


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgain:
    """One kind of one integration.

    external_fields: the vendor's fields whose values are understood otherwise.
    """

    integration_id: str
    kind: RecordKind
    external_fields: Collection[str]


async def read_again(runtime: Runtime, tx: Transaction, actor: Actor, ask: ReadAgain) -> None:
    """Cancel what reads by the old settings, and queue a run that reads all by the new ones.

    That run finds which values still have no counterpart. A kind that is not read
    yet has nothing to be read again.
    """
    integration_id, kind = ask.integration_id, ask.kind
    await UnmappedValueRow.filter(
        integration_id=integration_id, field__in=ask.external_fields
    ).delete()
    if not await WatermarkRow.filter(integration_id=integration_id, kind=kind).exists():
        return
    cancelled = await tx.rows(
        f"""
        UPDATE sync_run SET status = $3, active_slot = NULL, lease_until = NULL, finished_at = $4
        WHERE integration_id = $1 AND kind = $2
            AND active_slot IN ({Slot.CURRENT:d}, {Slot.BACKFILL:d})
        RETURNING id
        """,  # noqa: S608 — numbers of ours
        integration_id,
        kind,
        RunStatus.CANCELLED,
        to_milliseconds(runtime.now()),
    )
    for run in cancelled:
        tx.tell(
            NewEntry(
                topic=Topic.SYNC,
                kind=SyncEventKind.RUN_FINISHED,
                occurred_at=runtime.now(),
                integration_id=integration_id,
                run_id=run["id"],
                message=f"cancelled: {actor.name} changed a mapping",
            )
        )
    await queue_run(
        runtime,
        tx,
        DueSource(integration_id=integration_id, kind=kind, slot=Slot.CURRENT),
        requested_by=actor.name,
        is_full=True,
    )
