"""Translate a field of one integration otherwise than its vendor's default."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.contract import Manifest
from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import Invalid
from domain.records import RecordKind
from domain.sync.field_mapping import ValuePair, Wrong, find_field, wrong_mapping
from models.reads.field_override import overrides
from models.tables.integration import FieldOverrideRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.integrations.configure import find
from operations.integrations.mappings import external_fields, mappable
from operations.integrations.read_again import ReadAgain, read_again
from operations.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFieldMapping:
    """Where a field stands at the vendor, and what its values mean.

    external_field: None keeps the vendor's default.
    values: on top of the default's.
    """

    integration_id: str
    kind: RecordKind
    field: str
    external_field: str | None = None
    values: Sequence[ValuePair] = ()


async def set_field_mapping(runtime: Runtime, actor: Actor, ask: SetFieldMapping) -> str:
    """Replace the integration's setting for a field, and read the kind's records again.

    Returns the integration's id. Raises NotFound, Forbidden, and Invalid with the
    path of what cannot hold.
    """
    before = await overrides(ask.integration_id)

    async def write(tx: Transaction) -> None:
        integration = await find(ask.integration_id, path=("integrationId",))
        authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=integration.key)
        about = manifest(integration.provider)
        _check(about, ask)
        await FieldOverrideRow.filter(
            integration_id=integration.id, kind=ask.kind, field=ask.field
        ).delete()
        await FieldOverrideRow.create(
            id=runtime.new_id(),
            integration_id=integration.id,
            kind=ask.kind,
            field=ask.field,
            external_field=ask.external_field,
            values={pair.external: pair.ours for pair in ask.values},
            set_at=runtime.now(),
            set_by=actor.name,
        )
        places = external_fields(about, before, ask.kind, ask.field)
        again = ReadAgain(
            integration_id=integration.id,
            kind=ask.kind,
            external_fields=places | {ask.external_field or ""},
        )
        await read_again(runtime, tx, actor, again)

    await commit(write)
    await runtime.wake("pull")
    await runtime.wake("events")
    return ask.integration_id


def _check(about: Manifest, ask: SetFieldMapping) -> None:
    known = find_field(mappable(about), ask.kind, ask.field)
    if not isinstance(known, Wrong):
        wrong = wrong_mapping(known, external_field=ask.external_field, values=ask.values)
    else:
        wrong = known
    if wrong is not None:
        raise Invalid(wrong.message, path=wrong.path)
