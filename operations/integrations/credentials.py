"""Give an integration its secrets: they go in, and never come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import Invalid
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.records import IntegrationState
from models.tables.integration import CredentialRow, IntegrationRow
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.integrations.configure import find
from operations.integrations.vault import put
from operations.runtime import Runtime

_LONGEST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCredentials:
    """All values of one way to sign in, by the names that the provider lists."""

    integration_id: str
    values: Mapping[str, str] = field(repr=False)


async def set_credentials(runtime: Runtime, actor: Actor, ask: SetCredentials) -> str:
    """Replace the integration's credentials, sealed; a parked one is pulled again.

    Raises NotFound, Forbidden, and Invalid when the names fit no way to sign in.
    """

    async def write(tx: Transaction) -> None:
        row = await find(ask.integration_id)
        authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=row.key)
        _check(row, ask.values)
        # Also the tokens that the vendor gave for the old ones.
        await CredentialRow.filter(integration_id=row.id).delete()
        await put(runtime, row.id, ask.values, set_by=actor.name)
        await resume(tx, runtime, row, because=f"credentials set by {actor.name}")

    await commit(write)
    await runtime.wake("pull")
    await runtime.wake("events")
    return ask.integration_id


async def resume(tx: Transaction, runtime: Runtime, row: IntegrationRow, *, because: str) -> None:
    """Let a parked integration be pulled at once."""
    if row.state != IntegrationState.PARKED:
        return
    now = runtime.now()
    row.state, row.state_reason, row.updated_at = IntegrationState.HEALTHY, None, now
    await row.save()
    await WatermarkRow.filter(integration_id=row.id).update(next_pull_at=now)
    tx.tell(
        NewEntry(
            topic=Topic.SYNC,
            kind=SyncEventKind.STATE_CHANGED,
            occurred_at=now,
            integration_id=row.id,
            message=because,
        )
    )


def _check(row: IntegrationRow, values: Mapping[str, str]) -> None:
    ways = manifest(row.provider).credentials
    if set(values) not in [set(way.values) for way in ways]:
        known = "; ".join(f"{way.name}: {', '.join(way.values)}" for way in ways)
        raise Invalid(
            f"{row.provider} signs in with one of these sets of values: {known}",
            path=("credentials",),
        )
    for place, (name, value) in enumerate(values.items()):
        if not value or len(value) > _LONGEST:
            raise Invalid(
                f"{name} has 1 to {_LONGEST} characters", path=("credentials", str(place), "value")
            )
