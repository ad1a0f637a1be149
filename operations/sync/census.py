"""Count all records of a kind at the vendor, and find those that are gone (rules W9, W10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from adapters.contract import Manifest, Vendor
from adapters.exchange import CensusAsk, CensusPage, Failed, Found
from domain.sync.census import is_suspect
from domain.sync.retry import Fault
from models.claims import ClaimedRun
from models.coding import dumps, to_milliseconds
from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.sync.gather import Gathered, Gatherer
from operations.sync.gone import mark_gone
from operations.sync.mirror import drafted, written
from operations.sync.progress import Progress
from operations.sync.shapes import SHAPES, Shape
from operations.sync.writing import Writing

# Records that are asked for by their ids at once.
_BATCH: Final = 100


@dataclass(slots=True, kw_only=True)
class Census:
    """One count of one kind, resumed page by page.

    Each id that is listed is noted as seen. What was last seen before the census
    began, and is not listed, is asked for by its id: only what the vendor then
    does not have is taken for deleted, so a list that lies deletes nothing. What
    was taken for deleted and is listed is read and restored.
    """

    runtime: Runtime
    run: ClaimedRun
    vendor: Vendor
    about: Manifest
    progress: Progress

    @property
    def shape(self) -> Shape:
        """How the kind is stored."""
        return SHAPES[self.run.kind]

    @property
    def _kept_since(self) -> int:
        """From when on the vendor has records of this kind; a day is left for its clean-up."""
        kept = self.about.keeps.get(self.run.kind)
        if kept is None:
            return 0
        return to_milliseconds(self.runtime.now() - kept + timedelta(days=1))

    async def take(self) -> Failed | None:
        """Count to the end, mark what is gone, and restore what is back.

        Cost: the vendor's listing, and one call for each hundred that it lacks.
        """
        if failed := await self._list() or await self._restore():
            return failed
        missing, known = await commit(self._missing)
        if is_suspect(missing=len(missing), known=known):
            detail = (
                f"the census lacks {len(missing)} of {known} records, so none was taken for"
                " deleted; check what the account may read"
            )
            return Failed(fault=Fault.SUSPECT, detail=detail)
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            found = await self.vendor.read(self.run.kind, batch)
            if isinstance(found, Failed):
                return found
            if not await commit(partial(self._judge, batch=batch, found=found)):
                return None
            await self.runtime.wake("events")
        return None

    async def _list(self) -> Failed | None:
        """Note everything that is listed; go on where an earlier worker ended."""
        position = self.run.position
        # A list that was read to the end has pages, but no place to go on at.
        if self.run.pages and position is None:
            return None
        while True:
            page = await self.vendor.census(CensusAsk(kind=self.run.kind, position=position))
            if isinstance(page, Failed):
                return page
            if not await commit(partial(self._note, page=page)):
                return None
            position = page.position
            if position is None:
                return None

    async def _note(self, tx: Transaction, page: CensusPage) -> bool:
        """Note the listed records as seen; False when the run is another worker's."""
        if not await self._is_ours(tx, listed=len(page.external_ids), position=page.position):
            return False
        await self.progress.note_skew(tx, page.skew)
        await self._seen(tx, page.external_ids)
        return True

    async def _seen(self, tx: Transaction, external_ids: Sequence[str]) -> None:
        await tx.rows(
            f"""
            UPDATE {self.shape.table}_link SET last_seen_at = $2
            WHERE integration_id = $1 AND {tx.one_of("external_id", "$3")} RETURNING id
            """,  # noqa: S608 — the inserted text is ours
            self.run.integration_id,
            to_milliseconds(self.runtime.now()),
            dumps(list(external_ids)),
        )

    async def _restore(self) -> Failed | None:
        """Mirror again what was taken for deleted and has been listed."""
        back = [
            row["external_id"]
            for row in await rows(
                f"""
                SELECT external_id FROM {self.shape.table}_link
                WHERE integration_id = $1 AND gone_at IS NOT NULL AND last_seen_at >= $2
                ORDER BY external_id
                """,  # noqa: S608 — the inserted text is ours
                self.run.integration_id,
                to_milliseconds(self.run.started_at),
            )
        ]
        gatherer = Gatherer(
            vendor=self.vendor,
            about=self.about,
            integration_id=self.run.integration_id,
            kind=self.run.kind,
        )
        for start in range(0, len(back), _BATCH):
            found = await self.vendor.read(self.run.kind, back[start : start + _BATCH])
            gathered = found if isinstance(found, Failed) else await gatherer.gather_found(found)
            if isinstance(gathered, Failed):
                return gathered
            if not await commit(partial(self._mirror, gathered=gathered)):
                return None
        return None

    async def _mirror(self, tx: Transaction, *, gathered: Gathered) -> bool:
        """Write records that are back; False when the run is another worker's."""
        if not await self._is_ours(tx):
            return False
        to = self._to(tx)
        await written(to, gathered, await drafted(to, gathered))
        return True

    async def _missing(self, tx: Transaction) -> tuple[list[str], int]:
        """Return what was last seen before the census began, and how many there are in all.

        What the vendor has forgotten by its own rule is neither: it stays here.
        """
        missing = await tx.rows(
            f"""
            SELECT external_id FROM {self.shape.table}_link
            WHERE integration_id = $1 AND gone_at IS NULL AND known_at >= $2 AND last_seen_at < $3
            ORDER BY external_id
            """,  # noqa: S608 — the inserted text is ours
            self.run.integration_id,
            self._kept_since,
            to_milliseconds(self.run.started_at),
        )
        known = await tx.rows(
            f"""
            SELECT count(*) AS n FROM {self.shape.table}_link
            WHERE integration_id = $1 AND gone_at IS NULL AND known_at >= $2
            """,  # noqa: S608 — the inserted text is ours
            self.run.integration_id,
            self._kept_since,
        )
        return [row["external_id"] for row in missing], int(known[0]["n"])

    async def _judge(self, tx: Transaction, *, batch: Sequence[str], found: Found) -> bool:
        """Mark what the vendor does not have; a record without a live link is deleted."""
        gone = sorted(found.gone)
        if not await self._is_ours(tx, deleted=len(gone)):
            return False
        await self._seen(tx, sorted(set(batch) - found.gone))
        await mark_gone(self._to(tx), gone, served_at=found.served_at)
        return True

    def _to(self, tx: Transaction) -> Writing:
        return Writing(
            runtime=self.runtime,
            tx=tx,
            shape=self.shape,
            integration_id=self.run.integration_id,
            provider=self.about.key,
        )

    async def _is_ours(
        self, tx: Transaction, *, listed: int = 0, deleted: int = 0, position: str | None = None
    ) -> bool:
        """Count, and keep the lease; False when the run is another worker's by now."""
        kept = await tx.rows(
            """
            UPDATE sync_run SET pages = pages + 1, read = read + $3, deleted = deleted + $4,
                position = $5, lease_until = $6
            WHERE id = $1 AND fence = $2 AND status = 'RUNNING' RETURNING id
            """,
            self.run.id,
            self.run.fence,
            listed,
            deleted,
            position,
            to_milliseconds(self.runtime.now() + self.runtime.lease),
        )
        return bool(kept)
