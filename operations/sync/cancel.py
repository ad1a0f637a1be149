"""Stop runs that are under way."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.access.roles import Actor
from domain.errors import NotFound
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.records import RunStatus
from models.tables.sync_run import SyncRunRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSync:
    """Which runs."""

    run_ids: Sequence[str]


async def cancel_sync(runtime: Runtime, actor: Actor, ask: CancelSync) -> list[str]:
    """Cancel the runs that are active; those that have ended stay as they are.

    What a run has committed stays; its worker writes nothing more. All or
    nothing: raises NotFound or Forbidden before anything is cancelled.
    """

    async def write(tx: Transaction) -> list[str]:
        rows = await SyncRunRow.filter(id__in=list(ask.run_ids)).prefetch_related("integration")
        known = {row.id: row for row in rows}
        for place, run_id in enumerate(ask.run_ids):
            if run_id not in known:
                raise NotFound("run", run_id, path=("runIds", str(place)))
            key = known[run_id].integration.key
            authorise(actor, Action.RUN_SYNC, integration_key=key)
        for row in rows:
            if row.active_slot is not None:
                row.status, row.active_slot = RunStatus.CANCELLED, None
                row.finished_at = runtime.now()
                await row.save()
                tx.tell(
                    NewEntry(
                        topic=Topic.SYNC,
                        kind=SyncEventKind.RUN_FINISHED,
                        occurred_at=runtime.now(),
                        integration_id=row.integration.id,
                        run_id=row.id,
                        message=f"cancelled by {actor.name}",
                    )
                )
        return list(dict.fromkeys(ask.run_ids))

    cancelled = await commit(write)
    await runtime.wake("events")
    return cancelled
