"""How a run ends, and when its source is pulled next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.exchange import Failed
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.records import IntegrationState, RunStatus
from domain.sync.retry import Fault, Park, PullAgain, after_pull_failure
from models.claims import ClaimedRun, Slot
from models.coding import to_milliseconds
from models.tables.integration import IntegrationRow
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction
from operations.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Ends one run; both ways write nothing when the run is no longer this worker's."""

    runtime: Runtime
    run: ClaimedRun

    async def succeed(self, tx: Transaction) -> bool:
        """Note that the vendor was read to the end."""
        if not await self._close(tx, RunStatus.SUCCEEDED, None):
            return False
        integration, source = await self._locked()
        now = self.runtime.now()
        match self.run.slot:
            case Slot.CURRENT:
                self._was_read(integration, source)
            case Slot.CENSUS:
                source.censused_at = self.run.started_at
                source.next_census_at = now + _interval(integration.census_interval_ms)
            case Slot.BACKFILL:
                pass
        await source.save()
        self._tell(tx, SyncEventKind.RUN_FINISHED)
        other = await WatermarkRow.filter(integration_id=integration.id, failures__gt=0).first()
        state = IntegrationState.HEALTHY if other is None else IntegrationState.DEGRADED
        reason = None if other is None else f"{other.kind}: {other.last_error}"
        await self._set_state(tx, integration, state, reason)
        return True

    def _was_read(self, integration: IntegrationRow, source: WatermarkRow) -> None:
        now = self.runtime.now()
        source.as_of = self.run.started_at
        source.failures, source.last_error, source.last_error_code = 0, None, None
        source.pulls += 1
        source.next_pull_at = max(
            now, self.run.started_at + _interval(integration.poll_interval_ms)
        )
        if source.backfilled_at is None:
            source.backfilled_at = now
            source.next_census_at = now + _interval(integration.census_interval_ms)

    async def fail(self, tx: Transaction, failed: Failed) -> bool:
        """Note why the vendor could not be read, and when it is tried again.

        A backfill and a census go on then where they are; a pull begins anew, at
        its watermark.
        """
        await self._lock_run(tx)
        integration, source = await self._locked()
        is_current = self.run.slot is Slot.CURRENT
        after = after_pull_failure(
            failed.fault,
            failures=source.failures if is_current else self.run.fence - 1,
            now=self.runtime.now(),
            jitter=self.runtime.chance(),
            retry_after=failed.retry_after,
        )
        if isinstance(after, Park) or is_current or failed.fault is Fault.SUSPECT:
            is_ours = await self._close(tx, RunStatus.FAILED, failed)
        else:
            is_ours = await self._put_back(tx, failed, after.at)
        if not is_ours:
            return False
        source.last_error, source.last_error_code = failed.detail, failed.fault
        reason = f"{self.run.kind}: {failed.detail}"
        state = IntegrationState.DEGRADED
        match after:
            case Park():
                state = IntegrationState.PARKED
                reason = f"{failed.detail}; set new credentials or run the connection test"
            case PullAgain(is_throttled=True, at=at):
                state = IntegrationState.RATE_LIMITED
                integration.waiting_until = at
                if is_current:
                    source.next_pull_at = at
            case PullAgain(at=at, failures=failures) if is_current:
                source.next_pull_at, source.failures = at, failures
            case PullAgain() if failed.fault is Fault.SUSPECT:
                source.next_census_at = self.runtime.now() + _interval(
                    integration.census_interval_ms
                )
        await source.save()
        self._tell(tx, SyncEventKind.RUN_FAILED, f"{failed.fault}: {failed.detail}")
        await self._set_state(tx, integration, state, reason)
        return True

    async def _put_back(self, tx: Transaction, failed: Failed, at: datetime) -> bool:
        """Let the run wait until ``at``, with its place, for whoever takes it then."""
        waiting = await tx.rows(
            """
            UPDATE sync_run SET status = $3, lease_until = $4, error_code = $5, error = $6
            WHERE id = $1 AND fence = $2 AND status = 'RUNNING' RETURNING id
            """,
            self.run.id,
            self.run.fence,
            RunStatus.QUEUED,
            to_milliseconds(at),
            failed.fault,
            failed.detail,
        )
        return bool(waiting)

    async def _lock_run(self, tx: Transaction) -> None:
        """Lock the run before its integration, in the order in which pages do."""
        await tx.rows(
            f"SELECT id FROM sync_run WHERE id = $1 {tx.for_update}",  # noqa: S608 — the inserted text is ours
            self.run.id,
        )

    async def _locked(self) -> tuple[IntegrationRow, WatermarkRow]:
        """Return the rows to change, so that nobody changes them in between."""
        integration = await IntegrationRow.select_for_update(no_key=True).get(
            id=self.run.integration_id
        )
        source = await WatermarkRow.select_for_update(no_key=True).get(
            integration_id=integration.id, kind=self.run.kind
        )
        return integration, source

    async def _close(self, tx: Transaction, status: RunStatus, failed: Failed | None) -> bool:
        closed = await tx.rows(
            """
            UPDATE sync_run SET status = $3, active_slot = NULL, lease_until = NULL,
                finished_at = $4, error_code = $5, error = $6
            WHERE id = $1 AND fence = $2 AND status = 'RUNNING' RETURNING id
            """,
            self.run.id,
            self.run.fence,
            status,
            to_milliseconds(self.runtime.now()),
            None if failed is None else failed.fault,
            None if failed is None else failed.detail,
        )
        return bool(closed)

    async def _set_state(
        self,
        tx: Transaction,
        integration: IntegrationRow,
        state: IntegrationState,
        reason: str | None,
    ) -> None:
        """Keep the newest state of the integration; a disabled one stays disabled."""
        if integration.is_enabled:
            if integration.state != state:
                self._tell(tx, SyncEventKind.STATE_CHANGED, reason or f"now {state}")
            integration.state, integration.state_reason = state, reason
        if state is not IntegrationState.RATE_LIMITED:
            integration.waiting_until = None
        await integration.save()

    def _tell(self, tx: Transaction, kind: SyncEventKind, message: str | None = None) -> None:
        tx.tell(
            NewEntry(
                topic=Topic.SYNC,
                kind=kind,
                occurred_at=self.runtime.now(),
                integration_id=self.run.integration_id,
                run_id=self.run.id,
                message=message,
            )
        )


def _interval(milliseconds: int) -> timedelta:
    return timedelta(milliseconds=milliseconds)
