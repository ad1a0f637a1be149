"""How far a run has come: its counts, and the watermark in the vendor's own time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.exchange import Page
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.sync.watermark import SETTLING, Skew, advance, step_back
from models.claims import ClaimedRun, Slot
from models.coding import dumps, from_milliseconds, to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.locks import lock_integration
from operations.sync.shapes import SHAPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of a page's rows."""

    read: int
    written: int
    failed: int

    @property
    def unchanged(self) -> int:
        """Rows that were mirrored already."""
        return self.read - self.written - self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A run that is this worker's; has_faulty: rows of its kind that could not be read are kept."""

    has_faulty: bool


@dataclass(slots=True, kw_only=True)
class Progress:
    """Notes the progress of one run, in the transaction of each page.

    skew: of the vendor's clock, as of the last page.
    last: of its samples, that of this kind's last page.
    """

    runtime: Runtime
    run: ClaimedRun
    skew: Skew
    last: Skew

    def step(self, page: Page, *, overlap: timedelta) -> timedelta | None:
        """Return how far the vendor's clock has stepped back since this kind's last page.

        A run beside the current pull leaves it to that one.
        """
        if self.run.slot is not Slot.CURRENT:
            return None
        return step_back(self.last, page.skew, overlap=overlap)

    async def hold(self, tx: Transaction) -> Held | None:
        """Lock the run and its integration; None when the run is another worker's.

        Before any record: a run of another kind holds the integration too when it
        comes to the services that its records name, which this one may have locked.
        The lock is that of a change, which lets others refer to the integration.
        """
        ours = await tx.rows(
            f"""
            SELECT EXISTS (
                SELECT 1 FROM faulty_record f
                WHERE f.integration_id = r.integration_id AND f.kind = r.kind
            ) AS has_faulty FROM sync_run r
            WHERE r.id = $1 AND r.fence = $2 AND r.status = 'RUNNING' {tx.for_update}
            """,  # noqa: S608 — the inserted text is ours
            self.run.id,
            self.run.fence,
        )
        await lock_integration(tx, self.run.integration_id)
        return Held(has_faulty=bool(ours[0]["has_faulty"])) if ours else None

    async def count(self, tx: Transaction, page: Page, counts: Counts) -> datetime | None:
        """Count a page; return the run's horizon, None when the run is another worker's.

        The horizon is the vendor's time when the run began; the watermark does not
        pass it.
        """
        kept = await tx.rows(
            """
            UPDATE sync_run SET pages = pages + 1, read = read + $3, written = written + $4,
                unchanged = unchanged + $5, failed = failed + $6, position = $7, lease_until = $8,
                horizon = COALESCE(horizon, $9)
            WHERE id = $1 AND fence = $2 AND status = 'RUNNING' RETURNING horizon
            """,
            self.run.id,
            self.run.fence,
            counts.read,
            counts.written,
            counts.unchanged,
            counts.failed,
            page.position,
            to_milliseconds(self.runtime.now() + self.runtime.lease),
            to_milliseconds(page.served_at),
        )
        return from_milliseconds(kept[0]["horizon"]) if kept else None

    async def move(
        self, tx: Transaction, page: Page, horizon: datetime, *, clock_step: timedelta | None
    ) -> None:
        """Move the watermark behind a page, and back with the vendor's clock (rules W3, W7).

        A backfill beside the current pull leaves it where it is (rule W8).
        """
        await self.note_skew(tx, page.skew, clock_step)
        if self.run.slot is not Slot.CURRENT:
            return
        key = (self.run.integration_id, self.run.kind)
        (row,) = await tx.rows(
            f"""
            SELECT watermark FROM watermark WHERE integration_id = $1 AND kind = $2 {tx.for_update}
            """,  # noqa: S608 — the inserted text is ours
            *key,
        )
        before = None if row["watermark"] is None else from_milliseconds(row["watermark"])
        if clock_step is not None:
            horizon = (before or horizon) - clock_step
            before = before and horizon
            await self._step_back(tx, horizon, clock_step)
        after = _reached(page, horizon, before)
        self.last = Skew().seen(page.skew)
        # With the page and not with the run: a step must be neither forgotten nor
        # taken for known before the watermark has followed it.
        await tx.rows(
            """
            UPDATE watermark SET watermark = $3, last_skew_ms = $4
            WHERE integration_id = $1 AND kind = $2 RETURNING id
            """,
            *key,
            None if after is None else to_milliseconds(after),
            self.last.samples[0],
        )

    async def _step_back(self, tx: Transaction, horizon: datetime, clock_step: timedelta) -> None:
        """Hold the rest of the run at a horizon, and take what is known back with the clock.

        The run did not ask for what was stamped since; and a record may be changed
        again, and read, long after a change whose stamp lies before those known.
        A version that counts is known by its count (``restamped``).
        """
        await tx.rows(
            "UPDATE sync_run SET horizon = $2 WHERE id = $1 RETURNING id",
            self.run.id,
            to_milliseconds(horizon),
        )
        await tx.rows(
            f"""
            UPDATE {SHAPES[self.run.kind].table}_link
            SET history_through = CASE
                    WHEN history_through > $2 THEN history_through - $3 ELSE history_through END,
                known_at = CASE
                    WHEN known_sequence = 0 AND known_at > $2 THEN known_at - $3 ELSE known_at END
            WHERE integration_id = $1 AND (history_through > $2 OR known_at > $2) RETURNING id
            """,  # noqa: S608 — the inserted text is ours
            self.run.integration_id,
            to_milliseconds(horizon),
            clock_step // timedelta(milliseconds=1),
        )
        message = f"the vendor's clock stepped back by {clock_step}; reading again from there"
        self.tell(tx, SyncEventKind.STATE_CHANGED, message)

    async def note_skew(
        self, tx: Transaction, sample: timedelta, clock_step: timedelta | None = None
    ) -> None:
        """Keep how far the vendor's clock is ahead, anew when it has stepped."""
        known = self.skew if clock_step is None else Skew()
        self.skew = known.seen(sample)
        await tx.rows(
            "UPDATE integration SET skew_samples = $2 WHERE id = $1 RETURNING id",
            self.run.integration_id,
            dumps(self.skew.samples),
        )

    def tell(self, tx: Transaction, kind: SyncEventKind, message: str | None = None) -> None:
        """Tell of the run."""
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


def _reached(page: Page, horizon: datetime, before: datetime | None) -> datetime | None:
    """Return the watermark behind a page.

    A row may become visible behind a page that was read before it. So a run
    answers for no row stamped after the run began: the next one does.
    """
    if page.position is None and page.through is None and before is None:
        # Nothing to mirror yet: later rows are stamped after this answer.
        return page.served_at - SETTLING
    return advance(before, last_row_at=page.through, vendor_now=min(horizon, page.served_at))
