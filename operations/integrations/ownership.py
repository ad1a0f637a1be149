"""Say which side decides a field at one integration."""

from dataclasses import dataclass

from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import Invalid
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.records import Owner
from domain.sync.ownership import canonical
from models.tables.integration import IntegrationRow
from models.tables.ownership import OwnershipRuleRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.integrations.configure import find
from operations.runtime import Runtime

GREATEST_PRIORITY = 1_000
# What a record is called is its own.
_NEVER = frozenset({"number"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFieldOwnership:
    """A rule; ``field`` may be called by the brief's name (``assigned_to``).

    priority: 0 to 1,000, of the side that the rule names (rule O4).
    """

    integration_id: str
    field: str
    owner: Owner
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearFieldOwnership:
    """Which field of which integration."""

    integration_id: str
    field: str


async def set_field_ownership(runtime: Runtime, actor: Actor, ask: SetFieldOwnership) -> str:
    """Put a rule in place of the vendor's default or of an earlier one (rule O1).

    It holds for changes from now on: no value moves, and open conflicts stay
    (rule F4). Returns the integration's id. Raises NotFound, Forbidden, and
    Invalid with the path of what cannot hold.
    """

    async def write(tx: Transaction) -> None:
        integration = await find(ask.integration_id, path=("integrationId",))
        authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=integration.key)
        name = field_of(integration, ask.field)
        check_priority(ask.priority)
        rules = OwnershipRuleRow.filter(integration_id=integration.id, field=name)
        if await rules.filter(owner=ask.owner, priority=ask.priority).exists():
            return
        await rules.delete()
        await OwnershipRuleRow.create(
            id=runtime.new_id(),
            integration_id=integration.id,
            field=name,
            owner=ask.owner,
            priority=ask.priority,
            set_at=runtime.now(),
            set_by=actor.name,
        )
        _tell(runtime, tx, integration, f"{name} is owned by {ask.owner}, says {actor.name}")

    await commit(write)
    await runtime.wake("events")
    return ask.integration_id


async def clear_field_ownership(runtime: Runtime, actor: Actor, ask: ClearFieldOwnership) -> str:
    """Let the vendor's default hold again; nothing happens where it does.

    Returns the integration's id. Raises NotFound, Forbidden and Invalid.
    """

    async def write(tx: Transaction) -> None:
        integration = await find(ask.integration_id, path=("integrationId",))
        authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=integration.key)
        name = field_of(integration, ask.field)
        rules = OwnershipRuleRow.filter(integration_id=integration.id, field=name)
        if await rules.delete():
            _tell(runtime, tx, integration, f"{name} is owned by default, says {actor.name}")

    await commit(write)
    await runtime.wake("events")
    return ask.integration_id


def field_of(integration: IntegrationRow, asked: str) -> str:
    """Return our name of a field that the vendor's incidents have. Raises Invalid."""
    about, name = manifest(integration.provider), canonical(asked)
    known = {*about.fields, *about.ownership} - _NEVER
    if name not in known:
        raise Invalid(
            f'{about.name} has no field "{asked}" of incidents; there are'
            f" {', '.join(sorted(known))}",
            path=("field",),
        )
    return name


def check_priority(priority: int) -> None:
    """Raise Invalid when there is no such priority."""
    if not 0 <= priority <= GREATEST_PRIORITY:
        raise Invalid(f"a priority is between 0 and {GREATEST_PRIORITY:,}", path=("priority",))


def _tell(runtime: Runtime, tx: Transaction, integration: IntegrationRow, message: str) -> None:
    tx.tell(
        NewEntry(
            topic=Topic.SYNC,
            kind=SyncEventKind.STATE_CHANGED,
            occurred_at=runtime.now(),
            integration_id=integration.id,
            message=message,
        )
    )
