"""Heal a plan: do exactly what it says, where both sides are still as it saw them (rule R2)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from adapters.contract import Manifest, Vendor
from adapters.exchange import Failed, Found
from domain.events.entry import SyncEventKind
from domain.exchange import DriftAction, DriftOutcome, DriftStatus
from domain.records import EditSource, RecordKind
from domain.sync.drift import ACTING, rules_digest
from models.coding import dumps, to_milliseconds
from models.plans import ClaimedPlan, hold_plan
from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.reconcile.apply import Healing
from operations.reconcile.finish import end_plan, tell
from operations.reconcile.unsent import create_again
from operations.runtime import Runtime
from operations.sync.gather import Gathered, Gatherer
from operations.sync.gone import mark_gone
from operations.sync.identity import alone
from operations.sync.mirror import drafted, written
from operations.sync.shapes import SHAPES, Line
from operations.sync.terms import terms_of_all
from operations.sync.writing import Writing

# Items that are healed in one transaction.
_BATCH: Final = 100


@dataclass(slots=True, kw_only=True)
class Healer:
    """Heals one plan, batch by batch; whoever takes it over goes on with what is not run.

    Each record is read again first. What has changed on either side since the plan
    was made is left as it is, and so is all that the plan does not name.
    """

    runtime: Runtime
    plan: ClaimedPlan
    vendor: Vendor
    about: Manifest
    gatherer: Gatherer

    async def take(self) -> Failed | None:
        """Heal to the end. Cost: a call and one transaction for each hundred items."""
        await commit(self._skip)
        while batch := await self._next():
            found = await self._read(batch)
            if isinstance(found, Failed):
                return found
            back = await self._back(batch, found)
            if isinstance(back, Failed):
                return back
            if not await commit(partial(self._heal, batch=batch, found=found, back=back)):
                return None
            await self.runtime.wake("push")
            await self.runtime.wake("events")
        await commit(self._finish)
        return None

    async def _skip(self, tx: Transaction) -> None:
        """Close what the plan leaves alone."""
        await tx.rows(
            f"""
            UPDATE drift_item SET outcome = $2
            WHERE plan_id = $1 AND outcome = $3 AND NOT {tx.one_of("action", "$4")} RETURNING id
            """,  # noqa: S608 — the inserted text is ours
            self.plan.id,
            DriftOutcome.SKIPPED,
            DriftOutcome.NOT_RUN,
            dumps(sorted(ACTING)),
        )

    async def _next(self) -> list[Line]:
        return await rows(
            """
            SELECT id, incident_id, external_id, field, platform_value, external_value,
                platform_version, action
            FROM drift_item WHERE plan_id = $1 AND outcome = $2 ORDER BY place LIMIT $3
            """,
            self.plan.id,
            DriftOutcome.NOT_RUN,
            _BATCH,
        )

    async def _read(self, batch: Sequence[Line]) -> Found | Failed:
        """Read the records of a batch again, and learn the names in them."""
        ids = sorted({one["external_id"] for one in batch if one["external_id"] is not None})
        if not ids:
            now = self.runtime.now()
            return Found(records=(), faulty=(), gone=frozenset(), served_at=now)
        found = await self.vendor.read(RecordKind.INCIDENT, ids)
        if isinstance(found, Failed):
            return found
        named = await self.gatherer.name(found.records)
        return named if isinstance(named, Failed) else found

    async def _back(self, batch: Sequence[Line], found: Found) -> Gathered | Failed:
        """Gather all about the records that are to be mirrored."""
        wanted = {one["external_id"] for one in _of(batch, DriftAction.CREATE_LOCAL)}
        records = [record for record in found.records if record.external_id in wanted]
        return await self.gatherer.gather_found(
            Found(records=records, faulty=(), gone=frozenset(), served_at=found.served_at)
        )

    async def _heal(
        self, tx: Transaction, *, batch: Sequence[Line], found: Found, back: Gathered
    ) -> bool:
        """Heal a batch; False when the plan is another worker's, or its rules have passed."""
        now = self.runtime.now()
        if not await hold_plan(tx, self.plan, until=now + self.runtime.lease):
            return False
        terms = (await terms_of_all())[self.plan.integration_id]
        if rules_digest(terms.direction, terms.rules) != self.plan.rules:
            error = "the direction or the owners of fields have changed since the plan was made"
            await end_plan(tx, self.plan, DriftStatus.STALE, error=error)
            return False
        to = self._to(tx)
        # Comes before any record is locked.
        await alone(to)
        healing = Healing(to=to, terms=terms, names=self.gatherer.names)
        outcomes = await healing.heal(batch, found.records)
        outcomes |= await self._delete(to, _of(batch, DriftAction.DELETE_LOCAL), found)
        outcomes |= await self._mirror(to, _of(batch, DriftAction.CREATE_LOCAL), back)
        outcomes |= await self._create(to, _of(batch, DriftAction.CREATE_EXTERNAL))
        await self._keep(tx, outcomes)
        return True

    def _to(self, tx: Transaction) -> Writing:
        return Writing(
            runtime=self.runtime,
            tx=tx,
            shape=SHAPES[RecordKind.INCIDENT],
            integration_id=self.plan.integration_id,
            provider=self.about.key,
        )

    async def _delete(
        self, to: Writing, items: Sequence[Line], found: Found
    ) -> dict[str, DriftOutcome]:
        gone = sorted(one["external_id"] for one in items if one["external_id"] in found.gone)
        if gone:
            await mark_gone(to, gone, served_at=found.served_at)
        return _outcomes(items, "external_id", gone)

    async def _mirror(
        self, to: Writing, items: Sequence[Line], back: Gathered
    ) -> dict[str, DriftOutcome]:
        if not items:
            return {}
        await written(to, back, await drafted(to, back, source=EditSource.RECONCILE))
        return _outcomes(items, "external_id", {one.external_id for one in back.page.records})

    async def _create(self, to: Writing, items: Sequence[Line]) -> dict[str, DriftOutcome]:
        if not items:
            return {}
        again = await create_again(to, {one["incident_id"] for one in items})
        return _outcomes(items, "incident_id", again)

    async def _keep(self, tx: Transaction, outcomes: Mapping[str, DriftOutcome]) -> None:
        """Note what became of each item, and how many are healed."""
        for outcome in DriftOutcome:
            ids = sorted(one for one, became in outcomes.items() if became is outcome)
            if not ids:
                continue
            is_healed = outcome is DriftOutcome.HEALED
            await tx.rows(
                f"""
                UPDATE drift_item SET outcome = $2, healed_at = $3
                WHERE {tx.one_of("id", "$1")} RETURNING id
                """,  # noqa: S608 — the inserted text is ours
                dumps(ids),
                outcome,
                to_milliseconds(self.runtime.now()) if is_healed else None,
            )
        healed = sum(became is DriftOutcome.HEALED for became in outcomes.values())
        await tx.rows(
            "UPDATE drift_plan SET healed = healed + $2 WHERE id = $1 RETURNING id",
            self.plan.id,
            healed,
        )

    async def _finish(self, tx: Transaction) -> None:
        now = self.runtime.now()
        if not await hold_plan(tx, self.plan, until=now):
            return
        done = await tx.rows(
            """
            UPDATE drift_plan SET healed_at = $2 WHERE id = $1 RETURNING item_count, healed
            """,
            self.plan.id,
            to_milliseconds(now),
        )
        await end_plan(tx, self.plan, DriftStatus.DONE)
        message = f"{done[0]['healed']} of {done[0]['item_count']} differences healed"
        tell(self.runtime, tx, self.plan, SyncEventKind.DRIFT_HEALED, message)


def _of(batch: Sequence[Line], action: DriftAction) -> list[Line]:
    return [one for one in batch if one["action"] == action]


def _outcomes(items: Sequence[Line], key: str, done: Collection[str]) -> dict[str, DriftOutcome]:
    """Return which items are healed; what was not done has changed meanwhile."""
    return {
        one["id"]: DriftOutcome.HEALED if one[key] in done else DriftOutcome.CHANGED
        for one in items
    }
