"""Make a plan: compare all of a vendor's records with ours, and write nothing but the plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from adapters.contract import Manifest, Vendor
from adapters.exchange import Failed, Found, Page, PageAsk
from domain.exchange import DriftAction
from domain.records import RecordKind
from domain.sync.census import is_suspect
from domain.sync.drift import Step
from domain.sync.retry import Fault
from models.coding import dumps, to_milliseconds
from models.plans import LISTED, ClaimedPlan, hold_plan
from models.transaction import Transaction, commit
from operations.reconcile.compare import differences
from operations.reconcile.finish import finish_plan
from operations.reconcile.items import item, keep_items
from operations.runtime import Runtime
from operations.sync.gather import Gatherer
from operations.sync.shapes import SHAPES
from operations.sync.terms import Terms, terms_of_all
from operations.sync.writing import Writing

# Records that are asked for by their ids at once.
_BATCH: Final = 100
_GONE: Final = Step(action=DriftAction.DELETE_LOCAL, because="the vendor does not have it any more")


@dataclass(slots=True, kw_only=True)
class Planner:
    """Makes one plan, page by page; whoever takes it over goes on after the last page.

    Each link that is met is noted as seen. What is left unseen at the end is asked
    for by its id: only what the vendor then does not have is taken for gone.
    """

    runtime: Runtime
    plan: ClaimedPlan
    vendor: Vendor
    about: Manifest
    gatherer: Gatherer

    async def take(self) -> Failed | None:
        """Compare to the end, and make the plan ready.

        Cost: the vendor's listing, a call for each hundred that it lacks, and some
        statements for each page.
        """
        if failed := await self._list() or await self._miss():
            return failed
        await commit(self._finish)
        return None

    def _to(self, tx: Transaction) -> Writing:
        return Writing(
            runtime=self.runtime,
            tx=tx,
            shape=SHAPES[RecordKind.INCIDENT],
            integration_id=self.plan.integration_id,
            provider=self.about.key,
        )

    async def _list(self) -> Failed | None:
        """Compare page after page."""
        position = self.plan.position
        while position != LISTED:
            page = await self.vendor.page(
                PageAsk(
                    kind=RecordKind.INCIDENT,
                    since=None,
                    position=position,
                    size=self.about.page_size,
                    is_thorough=True,
                )
            )
            if isinstance(page, Failed):
                return page
            named = await self.gatherer.name(page.records)
            if isinstance(named, Failed):
                return named
            if not await commit(partial(self._compare, page=page)):
                return None
            position = LISTED if page.position is None else page.position
        return None

    async def _compare(self, tx: Transaction, *, page: Page) -> bool:
        """Write what differs in a page; False when the plan is another worker's."""
        position = LISTED if page.position is None else page.position
        if not await self._hold(tx, compared=len(page.records), position=position):
            return False
        to = self._to(tx)
        await self._seen(to, [record.external_id for record in page.records])
        found = await differences(to, await self._terms(), page.records, self.gatherer.names)
        await keep_items(tx, self.plan.id, [record.external_id for record in page.records], found)
        return True

    async def _miss(self) -> Failed | None:
        """Ask for what was not listed, and note what is gone (rules W9, W10)."""
        missing, known = await commit(self._missing)
        if is_suspect(missing=len(missing), known=known):
            detail = (
                f"the vendor lists all but {len(missing)} of {known} records, so nothing was"
                " planned; check what the account may read"
            )
            return Failed(fault=Fault.SUSPECT, detail=detail)
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            found = await self.vendor.read(RecordKind.INCIDENT, batch)
            if isinstance(found, Failed):
                return found
            named = await self.gatherer.name(found.records)
            if isinstance(named, Failed):
                return named
            if not await commit(partial(self._judge, batch=batch, found=found)):
                return None
        return None

    async def _missing(self, tx: Transaction) -> tuple[list[str], int]:
        """Return what was last seen before the plan began, and how many there are in all.

        What the vendor has forgotten by its own rule is neither.
        """
        kept = self.about.keeps.get(RecordKind.INCIDENT)
        now = self.runtime.now()
        since = 0 if kept is None else to_milliseconds(now - kept + timedelta(days=1))
        known = await tx.rows(
            """
            SELECT external_id, last_seen_at FROM incident_link
            WHERE integration_id = $1 AND gone_at IS NULL AND known_at >= $2
            ORDER BY external_id
            """,
            self.plan.integration_id,
            since,
        )
        begun = to_milliseconds(self.plan.created_at)
        return [row["external_id"] for row in known if row["last_seen_at"] < begun], len(known)

    async def _judge(self, tx: Transaction, *, batch: Sequence[str], found: Found) -> bool:
        """Note what is gone, and compare what was there all the same."""
        if not await self._hold(tx, compared=len(batch), position=LISTED):
            return False
        to = self._to(tx)
        gone = await tx.rows(
            f"""
            SELECT external_id, incident_id FROM incident_link
            WHERE integration_id = $1 AND gone_at IS NULL AND {tx.one_of("external_id", "$2")}
            ORDER BY external_id
            """,  # noqa: S608 — the inserted text is ours
            self.plan.integration_id,
            dumps(sorted(found.gone)),
        )
        lines = [
            item(to, _GONE, incident_id=row["incident_id"], external_id=row["external_id"])
            for row in gone
        ]
        lines += await differences(to, await self._terms(), found.records, self.gatherer.names)
        await keep_items(tx, self.plan.id, batch, lines)
        return True

    async def _finish(self, tx: Transaction) -> None:
        await finish_plan(self._to(tx), self.plan)

    async def _terms(self) -> Terms:
        return (await terms_of_all())[self.plan.integration_id]

    async def _hold(self, tx: Transaction, *, compared: int, position: str) -> bool:
        """Keep the lease, and note how far the plan is."""
        if not await hold_plan(tx, self.plan, until=self.runtime.now() + self.runtime.lease):
            return False
        await tx.rows(
            """
            UPDATE drift_plan SET compared = compared + $2, position = $3
            WHERE id = $1 RETURNING id
            """,
            self.plan.id,
            compared,
            position,
        )
        return True

    async def _seen(self, to: Writing, external_ids: Sequence[str]) -> None:
        await to.tx.rows(
            f"""
            UPDATE incident_link SET last_seen_at = $2
            WHERE integration_id = $1 AND {to.tx.one_of("external_id", "$3")} RETURNING id
            """,  # noqa: S608 — the inserted text is ours
            to.integration_id,
            to_milliseconds(self.runtime.now()),
            dumps(list(external_ids)),
        )
