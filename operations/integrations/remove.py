"""Take an integration away, with all that only it knew."""

from dataclasses import dataclass
from typing import Final

from domain.access.roles import Actor
from domain.errors import Invalid
from domain.events.entry import NewEntry, RecordEventKind
from domain.records import EditSource, RecordKind
from models.coding import dumps, to_milliseconds
from models.tables.integration import IntegrationRow
from models.tables.sync_run import SyncRunRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.conflicts.supersede import supersede
from operations.integrations.configure import find
from operations.runtime import Runtime
from operations.sync.shapes import SHAPES, Shape

# Records that go in one transaction.
BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteIntegration:
    """Which integration; ``confirm_key`` is its key once more, so that none is hit by mistake."""

    integration_id: str
    confirm_key: str


async def delete_integration(
    runtime: Runtime, actor: Actor, ask: DeleteIntegration, *, batch: int = BATCH
) -> str:
    """Delete an integration for good, and return its id. Nothing changes at the vendor.

    With it go its settings, credentials, runs, queues and conflicts, and the
    records that have no link to another one: without a link nobody's scope
    would bound them. Incidents that were made here stay. Each record is told of,
    as deleted or, where another integration has it, as updated.
    First it is switched off; what is left when this is cut short goes when it is
    asked for again.
    Raises NotFound, Forbidden, and Invalid when the key is another.
    Cost: four statements for each ``batch`` records, in a transaction of their own;
    100,000 incidents take about 9 s.
    """

    async def switch_off(tx: Transaction) -> str:
        row = await find(ask.integration_id)
        authorise(actor, Action.CREATE_INTEGRATION, integration_key=row.key)
        if ask.confirm_key != row.key:
            raise Invalid(
                f'to delete it for good, confirm with its key "{row.key}"', path=("confirmKey",)
            )
        await supersede(runtime, tx, row.id, by=actor.name)
        await IntegrationRow.filter(id=row.id).update(is_enabled=False)
        # A worker that is reading pages now finds that its run is no longer its own.
        await SyncRunRow.filter(integration_id=row.id).delete()
        return row.key

    key = await commit(switch_off)
    removal = _Removal(runtime=runtime, integration_id=ask.integration_id, key=key, batch=batch)
    while await commit(removal.go_on):
        await runtime.wake("events")
    await runtime.wake("events")
    return ask.integration_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Removal:
    """An integration that is switched off, and goes batch by batch."""

    runtime: Runtime
    integration_id: str
    key: str
    batch: int

    async def go_on(self, tx: Transaction) -> bool:
        """Let the next records go; without any, the integration itself: False then.

        What a worker has still mirrored meanwhile goes, too.
        """
        for kind in RecordKind:
            if await self._part(tx, SHAPES[kind]):
                return True
        await IntegrationRow.filter(id=self.integration_id).delete()
        return False

    async def _part(self, tx: Transaction, shape: Shape) -> bool:
        """Take links away, and the records that have no other one."""
        table = shape.table
        links = await tx.rows(
            f"""
            SELECT l.{table}_id AS id, {_kept(shape)} AS is_kept FROM {table}_link l
            WHERE l.integration_id = $1 ORDER BY l.external_id LIMIT $2
            """,  # noqa: S608 — names of ours
            self.integration_id,
            self.batch,
        )
        gone = [link["id"] for link in links if not link["is_kept"]]
        kept = [link["id"] for link in links if link["is_kept"]]
        if gone:
            await tx.rows(
                f"DELETE FROM {table} WHERE {tx.one_of('id', '$1')} RETURNING id",  # noqa: S608 — names of ours
                dumps(gone),
            )
        deleted = await self._detach(tx, shape, kept) if kept else frozenset[str]()
        for record_id in gone:
            self._tell(tx, shape, record_id, RecordEventKind.DELETED, with_it=True)
        for record_id in kept:
            is_deleted = record_id in deleted
            kind = RecordEventKind.DELETED if is_deleted else RecordEventKind.UPDATED
            self._tell(tx, shape, record_id, kind)
        return bool(links)

    async def _detach(self, tx: Transaction, shape: Shape, record_ids: list[str]) -> frozenset[str]:
        """Take the links to records that stay; return those that no vendor has any more (W9)."""
        table = shape.table
        await tx.rows(
            f"""
            DELETE FROM {table}_link
            WHERE integration_id = $1 AND {tx.one_of(f"{table}_id", "$2")} RETURNING id
            """,  # noqa: S608 — names of ours
            self.integration_id,
            dumps(record_ids),
        )
        deleted = await tx.rows(
            f"""
            UPDATE {table} SET deleted_at = $1, version = version + 1
            WHERE (deleted_at IS NULL) = TRUE AND {tx.one_of("id", "$2")}
                AND EXISTS (SELECT 1 FROM {table}_link l WHERE l.{table}_id = {table}.id)
                AND NOT EXISTS (
                    SELECT 1 FROM {table}_link l
                    WHERE l.{table}_id = {table}.id AND l.gone_at IS NULL
                )
            RETURNING id
            """,  # noqa: S608 — names of ours
            to_milliseconds(self.runtime.now()),
            dumps(record_ids),
        )
        return frozenset(row["id"] for row in deleted)

    def _tell(
        self,
        tx: Transaction,
        shape: Shape,
        record_id: str,
        kind: RecordEventKind,
        *,
        with_it: bool = False,
    ) -> None:
        tx.tell(
            NewEntry(
                topic=shape.topic,
                kind=kind,
                occurred_at=self.runtime.now(),
                integration_id=self.integration_id,
                record_id=record_id,
                message=self.key if with_it else None,
            )
        )


def _kept(shape: Shape) -> str:
    """Return the condition that a record of a link ``l`` stays: others have it, or we made it."""
    table = shape.table
    other = f"""
        EXISTS (
            SELECT 1 FROM {table}_link o
            WHERE o.{table}_id = l.{table}_id AND o.integration_id <> l.integration_id
        )
    """  # noqa: S608 — names of ours
    if not shape.has_edits:
        return other
    return f"""
        ({other} OR EXISTS (
            SELECT 1 FROM edit e WHERE e.{table}_id = l.{table}_id AND e.version = 1
                AND e.source = '{EditSource.PERSON}'
        ))
    """  # noqa: S608 — names of ours
