"""Write one page: its rows, its facts and the watermark, all or nothing."""

from dataclasses import dataclass
from datetime import timedelta

from domain.events.entry import SyncEventKind
from models.claims import ClaimedRun
from models.transaction import Transaction
from operations.metrics import Figure, count
from operations.runtime import Runtime
from operations.sync.gather import Gathered
from operations.sync.in_flight import settled
from operations.sync.mirror import drafted, written
from operations.sync.progress import Counts, Held, Progress
from operations.sync.shapes import SHAPES
from operations.sync.writing import Writing


@dataclass(slots=True, kw_only=True)
class PageWriter:
    """Writes the pages of one run."""

    runtime: Runtime
    run: ClaimedRun
    provider: str
    progress: Progress

    def _to(self, tx: Transaction, held: Held) -> Writing:
        return Writing(
            runtime=self.runtime,
            tx=tx,
            shape=SHAPES[self.run.kind],
            integration_id=self.run.integration_id,
            provider=self.provider,
            has_faulty=held.has_faulty,
        )

    async def store(
        self, tx: Transaction, gathered: Gathered, *, clock_step: timedelta | None
    ) -> Counts | None:
        """Write a page; None when the run is no longer this worker's.

        clock_step: how far the vendor's clock stepped back at this page, if it did.
        Cost: a constant number of statements a page, whatever its rows.
        """
        held = await self.progress.hold(tx)
        if held is None:
            return None
        page, to = gathered.page, self._to(tx, held)
        gathered = await settled(to, gathered)
        drafts = await drafted(to, gathered)
        changed = [draft for draft in drafts if draft.record is not None or draft.edits]
        counts = Counts(
            read=len(page.records) + len(page.faulty),
            written=len(changed),
            failed=len(page.faulty),
        )
        horizon = await self.progress.count(tx, page, counts)
        if horizon is None:
            return None
        await self.progress.move(tx, page, horizon, clock_step=clock_step)
        if changed or page.position is not None:
            self.progress.tell(tx, SyncEventKind.PAGE_DONE)
        await written(to, gathered, drafts)
        judged = len(gathered.changed)
        await count(tx, self.runtime, to.integration_id, Figure.INBOUND_SUCCESS, judged)
        return counts
