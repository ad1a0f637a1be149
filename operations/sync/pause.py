"""Let runs rest where they are, and go on later."""

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
class PauseSync:
    """Which runs."""

    run_ids: Sequence[str]


async def pause_sync(runtime: Runtime, actor: Actor, ask: PauseSync) -> list[str]:
    """Pause the runs that are active; those that have ended stay as they are.

    A worker that is at it writes nothing more; what was committed stays, and the
    run keeps its place. All or nothing: raises NotFound or Forbidden before
    anything is paused.
    """
    return await _set(runtime, actor, ask, to=RunStatus.PAUSED)


async def resume_sync(runtime: Runtime, actor: Actor, ask: PauseSync) -> list[str]:
    """Let paused runs go on, at the page after the last committed one."""
    ids = await _set(runtime, actor, ask, to=RunStatus.QUEUED)
    await runtime.wake("pull")
    return ids


async def _set(runtime: Runtime, actor: Actor, ask: PauseSync, *, to: RunStatus) -> list[str]:
    async def write(tx: Transaction) -> list[str]:
        rows = {
            row.id: row
            for row in await SyncRunRow.filter(id__in=list(ask.run_ids))
            .select_for_update(no_key=True)
            .prefetch_related("integration")
        }
        for place, run_id in enumerate(ask.run_ids):
            if run_id not in rows:
                raise NotFound("run", run_id, path=("runIds", str(place)))
            authorise(actor, Action.RUN_SYNC, integration_key=rows[run_id].integration.key)
        for row in rows.values():
            is_paused = row.status == RunStatus.PAUSED
            if row.active_slot is None or is_paused is (to is RunStatus.PAUSED):
                continue
            row.status, row.lease_until = to, None
            await row.save()
            done = "paused" if to is RunStatus.PAUSED else "resumed"
            tx.tell(
                NewEntry(
                    topic=Topic.SYNC,
                    kind=SyncEventKind.STATE_CHANGED,
                    occurred_at=runtime.now(),
                    integration_id=row.integration.id,
                    run_id=row.id,
                    message=f"{done} by {actor.name}",
                )
            )
        return list(dict.fromkeys(ask.run_ids))

    ids = await commit(write)
    await runtime.wake("events")
    return ids
