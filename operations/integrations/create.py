"""Set up an integration."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tortoise.exceptions import IntegrityError

from adapters.contract import Manifest
from adapters.registry import VENDORS
from domain.access.roles import Actor
from domain.errors import Invalid
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.exchange import ConflictStrategy
from domain.records import Direction, IntegrationState
from models.tables.integration import IntegrationRow
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.integrations.vendor_url import vendor_url
from operations.reconcile.schedule import begin_schedule
from operations.runtime import Runtime

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
# Words of the command line that stand where a key may stand.
_RESERVED: Final = frozenset({"history", "schedule"})
DEFAULT_POLL: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIntegration:
    """A vendor account under a key of our own; OUTBOUND is the careful start (brief)."""

    key: str
    name: str | None
    provider_key: str
    base_url: str
    direction: Direction = Direction.OUTBOUND
    conflict_strategy: ConflictStrategy = ConflictStrategy.LAST_WRITE_WINS


async def create_integration(runtime: Runtime, actor: Actor, ask: CreateIntegration) -> str:
    """Create an integration that is pulled as soon as it has credentials; return its id.

    Raises Invalid with the path of what is wrong, and Forbidden.
    """
    authorise(actor, Action.CREATE_INTEGRATION, integration_key=ask.key)
    about, base_url = _checked(runtime, ask)
    now = runtime.now()
    integration_id = runtime.new_id()

    async def write(tx: Transaction) -> None:
        await IntegrationRow.create(
            id=integration_id,
            key=ask.key,
            name=ask.name or about.name,
            provider=about.key,
            base_url=base_url,
            direction=ask.direction,
            conflict_strategy=ask.conflict_strategy,
            poll_interval_ms=DEFAULT_POLL // timedelta(milliseconds=1),
            state=IntegrationState.PARKED,
            state_reason="no credentials yet; set them",
            skew_samples=[],
            created_at=now,
            updated_at=now,
        )
        for kind in about.kinds:
            await WatermarkRow.create(
                id=runtime.new_id(), integration_id=integration_id, kind=kind, next_pull_at=now
            )
        await begin_schedule(runtime, tx, integration_id)
        tx.tell(
            NewEntry(
                topic=Topic.SYNC,
                kind=SyncEventKind.STATE_CHANGED,
                occurred_at=now,
                integration_id=integration_id,
                message=f"created by {actor.name}",
            )
        )

    try:
        await commit(write)
    except IntegrityError:
        raise Invalid(f'the key "{ask.key}" is taken; choose another', path=("key",)) from None
    await runtime.wake("events")
    return integration_id


def _checked(runtime: Runtime, ask: CreateIntegration) -> tuple[Manifest, str]:
    """Return the provider and the base URL in its normal form."""
    if not _KEY.fullmatch(ask.key) or ask.key in _RESERVED:
        raise Invalid(
            "a key has 1 to 64 lower-case letters, digits and inner hyphens,"
            f" and is none of {', '.join(sorted(_RESERVED))}",
            path=("key",),
        )
    about = VENDORS.get(ask.provider_key)
    if about is None:
        raise Invalid(
            f'no provider "{ask.provider_key}"; there are {", ".join(sorted(VENDORS))}',
            path=("providerKey",),
        )
    return about, vendor_url(ask.base_url, runtime)
