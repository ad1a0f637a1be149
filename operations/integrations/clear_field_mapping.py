"""Translate a field of one integration by its vendor's default again."""

from dataclasses import dataclass

from adapters.registry import manifest
from domain.access.roles import Actor
from domain.records import RecordKind
from models.reads.field_override import overrides
from models.tables.integration import FieldOverrideRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.integrations.configure import find
from operations.integrations.mappings import external_fields
from operations.integrations.read_again import ReadAgain, read_again
from operations.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearFieldMapping:
    """Which field of which integration."""

    integration_id: str
    kind: RecordKind
    field: str


async def clear_field_mapping(runtime: Runtime, actor: Actor, ask: ClearFieldMapping) -> str:
    """Forget the integration's setting for a field, and read the kind's records again.

    Nothing happens where there is no setting. Returns the integration's id.
    Raises NotFound and Forbidden.
    """
    before = await overrides(ask.integration_id)

    async def write(tx: Transaction) -> None:
        integration = await find(ask.integration_id, path=("integrationId",))
        authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=integration.key)
        cleared = await FieldOverrideRow.filter(
            integration_id=integration.id, kind=ask.kind, field=ask.field
        ).delete()
        if cleared:
            again = ReadAgain(
                integration_id=integration.id,
                kind=ask.kind,
                external_fields=external_fields(
                    manifest(integration.provider), before, ask.kind, ask.field
                ),
            )
            await read_again(runtime, tx, actor, again)

    await commit(write)
    await runtime.wake("pull")
    await runtime.wake("events")
    return ask.integration_id
