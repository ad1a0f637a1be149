"""Say which of our users a vendor's person is."""

from dataclasses import dataclass
from typing import Final

from adapters.registry import manifest
from domain.access.roles import Actor
from domain.errors import Invalid
from models.tables.directory import DirectoryRow
from models.tables.integration import IntegrationRow, UserMapRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.integrations.configure import find
from operations.runtime import Runtime

LONGEST_USER: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class MapUser:
    """A vendor's person, and one of our users.

    external_user: the person's id at the vendor, or its name where one only bears it.
    user: None forgets who the person is.
    """

    integration_id: str
    external_user: str
    user: str | None


async def map_user(runtime: Runtime, actor: Actor, ask: MapUser) -> str:
    """Note who a vendor's person is; records read from now on name the user.

    Returns the integration's id. Raises NotFound, Forbidden, and Invalid for a
    person that was never seen, for a name that several bear, and for an empty user.
    """
    user = None if ask.user is None else ask.user.strip()
    if user is not None and not (user.isprintable() and 1 <= len(user) <= LONGEST_USER):
        raise Invalid(f"a user has 1 to {LONGEST_USER} printable characters", path=("user",))

    async def write(_: Transaction) -> None:
        integration = await find(ask.integration_id, path=("integrationId",))
        authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=integration.key)
        external_user = await _person(integration, ask.external_user)
        known = UserMapRow.filter(integration_id=integration.id, external_user=external_user)
        await known.delete()
        if user is not None:
            await UserMapRow.create(
                id=runtime.new_id(),
                integration_id=integration.id,
                external_user=external_user,
                user=user,
                set_at=runtime.now(),
                set_by=actor.name,
            )

    await commit(write)
    return ask.integration_id


async def _person(integration: IntegrationRow, called: str) -> str:
    """Return the vendor's id of a person who is called by id or name."""
    people = DirectoryRow.filter(
        integration_id=integration.id, table__in=manifest(integration.provider).people
    )
    mapped = UserMapRow.filter(integration_id=integration.id, external_user=called)
    if await people.filter(external_id=called).exists() or await mapped.exists():
        return called
    found = await people.filter(name=called).order_by("external_id").limit(10)
    if not found:
        raise Invalid(
            f'{integration.key} has shown nobody called "{called}" yet', path=("externalUser",)
        )
    if len(found) > 1:
        ids = ", ".join(row.external_id for row in found)
        raise Invalid(
            f'several people are called "{called}"; give one of their ids: {ids}',
            path=("externalUser",),
        )
    return found[0].external_id
