"""Write one page: its rows, its facts and the watermark, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.events.entry import SyncEventKind
from domain.records import Direction, InboundEdit, InboundRecord, RecordKind
from models.claims import ClaimedRun
from models.coding import dumps, to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime
from operations.sync.assets import store_assets
from operations.sync.draft import Draft, Drafter
from operations.sync.gather import Gathered
from operations.sync.identity import identified, store_aliases
from operations.sync.notes import store_notes
from operations.sync.progress import Counts, Progress
from operations.sync.relations import store_relations
from operations.sync.shapes import SHAPES, Line, Shape
from operations.sync.writing import Writing


@dataclass(slots=True, kw_only=True)
class PageWriter:
    """Writes the pages of one run."""

    runtime: Runtime
    run: ClaimedRun
    provider: str
    direction: Direction
    progress: Progress

    @property
    def shape(self) -> Shape:
        """How the run's kind of record is stored."""
        return SHAPES[RecordKind(self.run.kind)]

    def _to(self, tx: Transaction) -> Writing:
        return Writing(
            runtime=self.runtime,
            tx=tx,
            shape=self.shape,
            integration_id=self.run.integration_id,
            provider=self.provider,
        )

    async def store(
        self, tx: Transaction, gathered: Gathered, *, clock_step: timedelta | None
    ) -> Counts | None:
        """Write a page; None when the run is no longer this worker's.

        clock_step: how far the vendor's clock stepped back at this page, if it did.
        Cost: a constant number of statements a page, whatever its rows.
        """
        page = gathered.page
        drafts = await self._drafts(tx, gathered)
        written = [draft for draft in drafts if draft.record is not None or draft.edits]
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
        await store_notes(self._to(tx), gathered.notes, names=gathered.names, drafts=drafts)
        return counts

    async def _drafts(self, tx: Transaction, gathered: Gathered) -> list[Draft]:
        if not gathered.changed:
            return []
        stored = await self._stored(tx, gathered.changed)
        same = await identified(
            self._to(tx),
            [record for record in gathered.changed if record.external_id not in stored],
        )
        drafter = Drafter(
            runtime=self.runtime,
            shape=self.shape,
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
            if (line := stored.get(record.external_id)) is not None:
                draft = self._update(drafter, line, record, history)
            elif (line := same.get(record.external_id)) is not None:
                draft = drafter.join(line, record, history)
            else:
                draft = drafter.new(record, history)
            if draft is not None:
                drafts.append(draft)
        return drafts

    def _update(
        self, drafter: Drafter, line: Line, record: InboundRecord, history: Sequence[InboundEdit]
    ) -> Draft | None:
        """Draft a known record; None for a page served before it was seen to be deleted."""
        gone_at = line.pop("gone_at")
        if gone_at is not None and to_milliseconds(drafter.served_at) <= gone_at:
            return None
        return drafter.update(line, record, history)

    async def _stored(self, tx: Transaction, records: Sequence[InboundRecord]) -> dict[str, Line]:
        """Return what is known of some records: their links, and ours as ``r_…``, locked."""
        table = self.shape.table
        columns = ", ".join(f"r.{name} AS r_{name}" for name in self.shape.record_columns)
        found = await tx.rows(
            f"""
            SELECT l.id, l.external_id, l.known_at, l.known_sequence, l.base, l.gone_at, (
                SELECT min(o.id) FROM {table}_link o WHERE o.{table}_id = l.{table}_id
            ) AS oldest_link, {columns}
            FROM {table}_link l JOIN {table} r ON r.id = l.{table}_id
            WHERE l.integration_id = $1 AND {tx.one_of("l.external_id", "$2")}
            ORDER BY r.id {tx.for_update}
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
        shape = self.shape
        records = [draft.record for draft in drafts if draft.record is not None]
        await tx.upsert(shape.table, records, key=("id",))
        await tx.upsert(
            f"{shape.table}_link",
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
        to = self._to(tx)
        await store_assets(to, drafts, names=gathered.names)
        await store_relations(to, drafts)
        await store_aliases(to, drafts)
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
