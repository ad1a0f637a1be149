"""Write one page: its rows, its facts and the watermark, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.events.entry import SyncEventKind
from domain.records import Direction, InboundRecord
from models.claims import ClaimedRun
from models.coding import dumps, to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.assets import store_assets
from operations.sync.columns import Line
from operations.sync.draft import Draft, Drafter
from operations.sync.gather import Gathered
from operations.sync.progress import Counts, Progress


@dataclass(slots=True, kw_only=True)
class PageWriter:
    """Writes the pages of one run."""

    runtime: Runtime
    run: ClaimedRun
    direction: Direction
    progress: Progress

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
        horizon = await self.progress.count(tx, page, counts)
        if horizon is None:
            return None
        await self._write(tx, gathered, drafts)
        await self.progress.move(tx, page, horizon, clock_step=clock_step)
        if written or page.position is not None:
            self.progress.tell(tx, SyncEventKind.PAGE_DONE)
        for draft in drafts:
            if draft.entry is not None:
                tx.tell(draft.entry)
        return counts

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
            served_at=gathered.page.served_at,
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
