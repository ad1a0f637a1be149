"""Give an integration its secrets: they go in, and never come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.contract import Manifest
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
    """All values of one way to sign in, or none, and any webhook secrets, by the provider's names.

    An empty webhook secret takes away the one that is set.
    """

    integration_id: str
    values: Mapping[str, str] = field(repr=False)


async def set_credentials(runtime: Runtime, actor: Actor, ask: SetCredentials) -> str:
    """Replace the integration's credentials, sealed; a parked one is pulled again.

    Webhook secrets that are not named stay as they are; given alone, they leave the
    way to sign in as it is.
    Raises NotFound, Forbidden, and Invalid when the names fit no way to sign in.
    """

    async def write(tx: Transaction) -> None:
        row = await find(ask.integration_id)
        authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=row.key)
        about = manifest(row.provider)
        signs_in = _check(about, ask.values)
        replaced = CredentialRow.filter(integration_id=row.id)
        if signs_in:
            # Also the tokens that the vendor gave for the old ones.
            await replaced.exclude(name__in=sorted(about.webhook_secrets)).delete()
        await replaced.filter(name__in=list(ask.values)).delete()
        given = {name: value for name, value in ask.values.items() if value}
        await put(runtime, row.id, given, set_by=actor.name)
        if signs_in:
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


def _check(about: Manifest, values: Mapping[str, str]) -> bool:
    """Say whether the values sign in, or else are webhook secrets alone. Raises Invalid."""
    names, optional = set(values), about.optional_credentials
    ways = about.credentials
    signs_in = any(set(way.values) <= names and names - set(way.values) <= optional for way in ways)
    if not signs_in and not (names and names <= optional):
        known = "; ".join(f"{way.name}: {', '.join(way.values)}" for way in ways)
        beside = f"; beside them or alone: {', '.join(sorted(optional))}" if optional else ""
        raise Invalid(
            f"{about.key} signs in with one of these sets of values: {known}{beside}",
            path=("credentials",),
        )
    for place, (name, value) in enumerate(values.items()):
        shortest = 0 if name in about.webhook_secrets else 1
        if not shortest <= len(value) <= _LONGEST:
            raise Invalid(
                f"{name} has {shortest} to {_LONGEST} characters",
                path=("credentials", str(place), "value"),
            )
    return signs_in
