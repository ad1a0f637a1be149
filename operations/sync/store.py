"""Write one page: its rows, its facts and the watermark, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.contract import Page
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.records import Direction, InboundRecord
from domain.sync.watermark import SETTLING, advance
from models.claims import ClaimedRun
from models.coding import dumps, from_milliseconds, to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.assets import store_assets
from operations.sync.columns import Line
from operations.sync.draft import Draft, Drafter
from operations.sync.gather import Gathered


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


@dataclass(slots=True, kw_only=True)
class PageWriter:
    """Writes the pages of one run.

    has_stepped: whether the vendor's clock stepped back during the run.
    """

    runtime: Runtime
    run: ClaimedRun
    direction: Direction
    has_stepped: bool = False

    async def store(
        self, tx: Transaction, gathered: Gathered, *, clock_step: timedelta | None
    ) -> Counts | None:
        """Write a page; None when the run is no longer this worker's.

        clock_step: how far the vendor's clock stepped back at this page, if it did.
        Cost: a constant number of statements a page, whatever its rows.
        """
        page = gathered.page
        drafts = await self._drafts(tx, gathered)
        written = [draft for draft in drafts if draft.incident is not None or draft.edits]
        counts = Counts(
            read=len(page.records) + len(page.faulty),
            written=len(written),
            failed=len(page.faulty),
        )
        began_at = await self._note_progress(tx, gathered, counts)
        if began_at is None:
            return None
        await self._write(tx, gathered, drafts)
        await self._move_watermark(tx, gathered.page, began_at, clock_step)
        if written or page.position is not None:
            tx.tell(self._entry(SyncEventKind.PAGE_DONE))
        for draft in drafts:
            if draft.entry is not None:
                tx.tell(draft.entry)
        return counts

    async def _note_progress(
        self, tx: Transaction, gathered: Gathered, counts: Counts
    ) -> datetime | None:
        """Return the vendor's time of the run's first page; None for another worker's run."""
        now = self.runtime.now()
        kept = await tx.rows(
            """
            UPDATE sync_run SET pages = pages + 1, read = read + $3, written = written + $4,
                unchanged = unchanged + $5, failed = failed + $6, position = $7, lease_until = $8,
                vendor_began_at = COALESCE(vendor_began_at, $9)
            WHERE id = $1 AND fence = $2 AND status = 'RUNNING' RETURNING vendor_began_at
            """,
            self.run.id,
            self.run.fence,
            counts.read,
            counts.written,
            counts.unchanged,
            counts.failed,
            gathered.page.position,
            to_milliseconds(now + self.runtime.lease),
            to_milliseconds(gathered.page.served_at),
        )
        return from_milliseconds(kept[0]["vendor_began_at"]) if kept else None

    async def _drafts(self, tx: Transaction, gathered: Gathered) -> list[Draft]:
        if not gathered.changed:
            return []
        stored = await self._stored(tx, gathered.changed)
        drafter = Drafter(
            runtime=self.runtime,
            integration_id=self.run.integration_id,
            direction=self.direction,
            names=gathered.names,
            known_edits=await self._known_edits(tx, gathered),
            now=self.runtime.now(),
        )
        drafts = []
        for record in gathered.changed:
            history = gathered.edits.get(record.external_id, ())
            line = stored.get(record.external_id)
            draft = (
                drafter.new(record, history)
                if line is None
                else drafter.update(line, record, history)
            )
            if draft is not None:
                drafts.append(draft)
        return drafts

    async def _stored(self, tx: Transaction, records: Sequence[InboundRecord]) -> dict[str, Line]:
        condition = tx.one_of("l.external_id", "$2")
        found = await tx.rows(
            f"""
            SELECT l.id, l.external_id, l.known_at, l.known_sequence, l.base,
                i.id AS i_id, i.number AS i_number, i.title AS i_title,
                i.description AS i_description, i.status AS i_status, i.severity AS i_severity,
                i.priority AS i_priority, i.assignee AS i_assignee,
                i.escalation_policy AS i_escalation_policy, i.labels AS i_labels,
                i.extra AS i_extra, i.started_at AS i_started_at,
                i.resolved_at AS i_resolved_at, i.created_at AS i_created_at,
                i.updated_at AS i_updated_at, i.deleted_at AS i_deleted_at,
                i.version AS i_version
            FROM incident_link l JOIN incident i ON i.id = l.incident_id
            WHERE l.integration_id = $1 AND {condition} {tx.for_update}
            """,  # noqa: S608 — the inserted text is ours
            self.run.integration_id,
            dumps([record.external_id for record in records]),
        )
        return {row["external_id"]: row for row in found}

    async def _known_edits(self, tx: Transaction, gathered: Gathered) -> frozenset[str]:
        ids = [edit.external_id for edits in gathered.edits.values() for edit in edits]
        if not ids:
            return frozenset()
        found = await tx.rows(
            f"""
            SELECT external_id FROM edit
            WHERE integration_id = $1 AND {tx.one_of("external_id", "$2")}
            """,  # noqa: S608 — the inserted text is ours
            self.run.integration_id,
            dumps(ids),
        )
        return frozenset(row["external_id"] for row in found)

    async def _write(self, tx: Transaction, gathered: Gathered, drafts: Sequence[Draft]) -> None:
        incidents = [draft.incident for draft in drafts if draft.incident is not None]
        await tx.upsert("incident", incidents, key=("id",))
        await tx.upsert(
            "incident_link",
            [draft.link for draft in drafts],
            key=("integration_id", "external_id"),
        )
        await tx.upsert(
            "edit",
            [edit for draft in drafts for edit in draft.edits],
            key=("integration_id", "external_id"),
            overwrite=False,
        )
        await self._write_directory(tx, gathered)
        await store_assets(
            self.runtime, tx, self.run.integration_id, gathered=gathered, drafts=drafts
        )
        await self._write_oddities(tx, gathered)

    async def _write_directory(self, tx: Transaction, gathered: Gathered) -> None:
        now = to_milliseconds(self.runtime.now())
        await tx.upsert(
            "directory",
            [
                {
                    "id": self.runtime.new_id(),
                    "integration_id": self.run.integration_id,
                    "table": named.reference.table,
                    "external_id": named.reference.external_id,
                    "name": named.name,
                    "email": named.email,
                    "seen_at": now,
                }
                for named in gathered.named
            ],
            key=("integration_id", "table", "external_id"),
        )

    async def _write_oddities(self, tx: Transaction, gathered: Gathered) -> None:
        """Keep the rows that could not be read, and count the values without a counterpart."""
        now = to_milliseconds(self.runtime.now())
        owner = {"integration_id": self.run.integration_id}
        await tx.upsert(
            "faulty_record",
            [
                {
                    "id": self.runtime.new_id(),
                    **owner,
                    "kind": self.run.kind,
                    "external_id": faulty.external_id,
                    "detail": faulty.detail,
                    "payload": dumps(faulty.payload),
                    "seen_at": now,
                }
                for faulty in gathered.page.faulty
            ],
            key=("integration_id", "kind", "external_id"),
        )
        for record in gathered.changed:
            for name, value in record.unmapped.items():
                await tx.rows(
                    """
                    INSERT INTO unmapped_value
                        (id, integration_id, field, value, seen, last_seen_at)
                    VALUES ($1, $2, $3, $4, 1, $5)
                    ON CONFLICT (integration_id, field, value) DO UPDATE
                    SET seen = unmapped_value.seen + 1, last_seen_at = excluded.last_seen_at
                    RETURNING id
                    """,
                    self.runtime.new_id(),
                    self.run.integration_id,
                    name,
                    value,
                    now,
                )

    async def _move_watermark(
        self, tx: Transaction, page: Page, began_at: datetime, clock_step: timedelta | None
    ) -> None:
        key = (self.run.integration_id, self.run.kind)
        (row,) = await tx.rows(
            f"""
            SELECT watermark FROM watermark WHERE integration_id = $1 AND kind = $2 {tx.for_update}
            """,  # noqa: S608 — the inserted text is ours
            *key,
        )
        before = None if row["watermark"] is None else from_milliseconds(row["watermark"])
        after = self._reached(page, began_at, before)
        if before is not None and clock_step is not None:
            after = before - clock_step
            self.has_stepped = True
            message = f"the vendor's clock stepped back by {clock_step}; reading again from there"
            tx.tell(self._entry(SyncEventKind.STATE_CHANGED, message))
        await tx.rows(
            """
            UPDATE watermark SET watermark = $3 WHERE integration_id = $1 AND kind = $2
            RETURNING id
            """,
            *key,
            None if after is None else to_milliseconds(after),
        )

    def _reached(self, page: Page, began_at: datetime, before: datetime | None) -> datetime | None:
        """Return the watermark behind a page.

        A row may become visible behind a page that was read before. So the run
        answers for no row that was stamped after it began: the next run does.
        """
        if self.has_stepped:
            # This run did not ask for what was stamped since; the next one does.
            return before
        last = page.records[-1].key.at if page.records else None
        if page.position is None and last is None and before is None:
            # Nothing to mirror yet: later rows are stamped after this answer.
            return page.served_at - SETTLING
        return advance(before, last_row_at=last, vendor_now=min(began_at, page.served_at))

    def _entry(self, kind: SyncEventKind, message: str | None = None) -> NewEntry:
        return NewEntry(
            topic=Topic.SYNC,
            kind=kind,
            occurred_at=self.runtime.now(),
            integration_id=self.run.integration_id,
            run_id=self.run.id,
            message=message,
        )
