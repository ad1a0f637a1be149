"""Take an integration away, with all that only it knew."""

from dataclasses import dataclass

from domain.access.roles import Actor
from domain.errors import Invalid
from domain.records import EditSource, RecordKind
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.conflicts.supersede import supersede
from operations.integrations.configure import find
from operations.runtime import Runtime
from operations.sync.shapes import SHAPES


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteIntegration:
    """Which integration; ``confirm_key`` is its key once more, so that none is hit by mistake."""

    integration_id: str
    confirm_key: str


async def delete_integration(runtime: Runtime, actor: Actor, ask: DeleteIntegration) -> str:
    """Delete an integration for good, and return its id. Nothing changes at the vendor.

    With it go its settings, credentials, runs, queues and conflicts, and the
    records that have no link to another one: without a link nobody's scope
    would bound them. Incidents that were made here stay.
    Raises NotFound, Forbidden, and Invalid when the key is another.
    Cost: one transaction that grows with what goes; 100,000 incidents take some
    seconds, in which nothing else is written.
    """

    async def write(tx: Transaction) -> None:
        row = await find(ask.integration_id)
        authorise(actor, Action.CREATE_INTEGRATION, integration_key=row.key)
        if ask.confirm_key != row.key:
            raise Invalid(
                f'to delete it for good, confirm with its key "{row.key}"', path=("confirmKey",)
            )
        await supersede(runtime, tx, row.id, by=actor.name)
        for kind in RecordKind:
            await _delete_records(tx, kind, row.id)
        await IntegrationRow.filter(id=row.id).delete()

    await commit(write)
    await runtime.wake("events")
    return ask.integration_id


async def _delete_records(tx: Transaction, kind: RecordKind, integration_id: str) -> None:
    table = SHAPES[kind].table
    made_here = ""
    values: list[object] = [integration_id]
    if SHAPES[kind].has_edits:
        values.append(EditSource.PERSON)
        made_here = f"""
            AND NOT EXISTS (
                SELECT 1 FROM edit e
                WHERE e.{table}_id = l.{table}_id AND e.version = 1 AND e.source = $2
            )
        """  # noqa: S608 — names of ours
    await tx.rows(
        f"""
        DELETE FROM {table} WHERE id IN (
            SELECT l.{table}_id FROM {table}_link l
            WHERE l.integration_id = $1 {made_here} AND NOT EXISTS (
                SELECT 1 FROM {table}_link o
                WHERE o.{table}_id = l.{table}_id AND o.integration_id <> $1
            )
        ) RETURNING id
        """,  # noqa: S608 — names of ours
        *values,
    )
