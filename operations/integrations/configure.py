"""Change how an integration works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.access.roles import Actor
from domain.errors import Invalid, NotFound
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.exchange import ConflictStrategy, ConflictWindowMode
from domain.records import TAKES_INBOUND, Direction, IntegrationState
from models.tables.integration import CredentialRow, IntegrationRow
from models.tables.ownership import OwnershipRuleRow
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.conflicts.supersede import supersede
from operations.integrations.vendor_url import vendor_url
from operations.runtime import Runtime

LONGEST_NAME: Final = 200
SHORTEST_POLL: Final = timedelta(seconds=1)
LONGEST_POLL: Final = timedelta(days=1)
SHORTEST_CENSUS: Final = timedelta(minutes=10)
LONGEST_CENSUS: Final = timedelta(days=30)
MOST_REQUESTS_PER_MINUTE: Final = 60_000
LONGEST_WINDOW: Final = timedelta(hours=1)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureIntegration:
    """What to change; None leaves a setting as it is."""

    integration_id: str
    name: str | None = None
    is_enabled: bool | None = None
    direction: Direction | None = None
    poll_interval: timedelta | None = None
    census_interval: timedelta | None = None
    requests_per_minute: int | None = None
    slows_down: bool | None = None
    base_url: str | None = None
    conflict_strategy: ConflictStrategy | None = None
    conflict_window: timedelta | None = None
    conflict_window_mode: ConflictWindowMode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """An integration, and whether it now goes both ways with nobody's rules for its fields."""

    integration_id: str
    is_without_rules: bool = False


async def configure_integration(
    runtime: Runtime, actor: Actor, ask: ConfigureIntegration
) -> Configured:
    """Change the named settings.

    Disabling lets a run that is under way end; enabling pulls at once. Another
    strategy decides later conflicts; those that are open stay so, but end where
    nothing of the vendor's is taken any more (rule F4).
    Raises NotFound, Forbidden, and Invalid with the path of what is wrong.
    """
    _check(ask)
    base_url = None if ask.base_url is None else vendor_url(ask.base_url, runtime)

    async def write(tx: Transaction) -> bool:
        row = await find(ask.integration_id)
        if base_url is not None:
            row.base_url = base_url
        authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=row.key)
        state_before = row.state
        await _apply(row, ask, now=runtime.now())
        if ask.direction is not None and ask.direction not in TAKES_INBOUND:
            await supersede(runtime, tx, row.id, by=actor.name)
        if row.state != state_before:
            tx.tell(
                NewEntry(
                    topic=Topic.SYNC,
                    kind=SyncEventKind.STATE_CHANGED,
                    occurred_at=runtime.now(),
                    integration_id=row.id,
                    message=f"now {row.state}, by {actor.name}",
                )
            )
        if ask.direction is not Direction.BIDIRECTIONAL:
            return False
        return not await OwnershipRuleRow.filter(integration_id=row.id).exists()

    is_without_rules = await commit(write)
    await runtime.wake("pull")
    await runtime.wake("events")
    return Configured(integration_id=ask.integration_id, is_without_rules=is_without_rules)


async def find(integration_id: str, *, path: Sequence[str] = ("id",)) -> IntegrationRow:
    """Return the integration, locked until the commit; raise NotFound at ``path``."""
    row = await IntegrationRow.filter(id=integration_id).select_for_update(no_key=True).first()
    if row is None:
        raise NotFound("integration", integration_id, path=path)
    return row


def _check(ask: ConfigureIntegration) -> None:
    if ask.name is not None and not 1 <= len(ask.name.strip()) <= LONGEST_NAME:
        raise Invalid(f"a name has 1 to {LONGEST_NAME} characters", path=("name",))
    if ask.poll_interval is not None and not SHORTEST_POLL <= ask.poll_interval <= LONGEST_POLL:
        raise Invalid("a poll interval is between 1 second and 1 day", path=("pollInterval",))
    census = ask.census_interval
    if census is not None and not SHORTEST_CENSUS <= census <= LONGEST_CENSUS:
        raise Invalid(
            "a census interval is between 10 minutes and 30 days", path=("censusInterval",)
        )
    _check_conflicts(ask)
    pace = ask.requests_per_minute
    if pace is not None and not 1 <= pace <= MOST_REQUESTS_PER_MINUTE:
        raise Invalid(
            f"a rate is between 1 and {MOST_REQUESTS_PER_MINUTE} requests a minute",
            path=("requestsPerMinute",),
        )


def _check_conflicts(ask: ConfigureIntegration) -> None:
    window = ask.conflict_window
    if window is not None and not timedelta(0) <= window <= LONGEST_WINDOW:
        raise Invalid("a conflict window is between nothing and 1 hour", path=("conflictWindow",))


async def _apply(row: IntegrationRow, ask: ConfigureIntegration, *, now: datetime) -> None:
    if ask.name is not None:
        row.name = ask.name.strip()
    if ask.direction is not None:
        row.direction = ask.direction
    if ask.requests_per_minute is not None:
        row.requests_per_minute = ask.requests_per_minute
    if ask.slows_down is not None:
        row.slows_down = ask.slows_down
    _set_conflicts(row, ask)
    await _set_intervals(row, ask, now=now)
    if ask.is_enabled is not None and ask.is_enabled != row.is_enabled:
        await _switch(row, is_enabled=ask.is_enabled)
        if ask.is_enabled:
            await _pull_at(row.id, now)
    row.updated_at = now
    await row.save()


def _set_conflicts(row: IntegrationRow, ask: ConfigureIntegration) -> None:
    if ask.conflict_strategy is not None:
        row.conflict_strategy = ask.conflict_strategy
    if ask.conflict_window is not None:
        row.conflict_window_ms = ask.conflict_window // _MILLISECOND
    if ask.conflict_window_mode is not None:
        row.conflict_window_mode = ask.conflict_window_mode


async def _set_intervals(row: IntegrationRow, ask: ConfigureIntegration, *, now: datetime) -> None:
    if ask.poll_interval is not None:
        row.poll_interval_ms = ask.poll_interval // _MILLISECOND
        await _pull_at(row.id, now + ask.poll_interval)
    if ask.census_interval is not None:
        row.census_interval_ms = ask.census_interval // _MILLISECOND
        known = WatermarkRow.filter(integration_id=row.id, next_census_at__isnull=False)
        await known.update(next_census_at=now + ask.census_interval)


async def _pull_at(integration_id: str, at: datetime) -> None:
    await WatermarkRow.filter(integration_id=integration_id).update(next_pull_at=at)


async def _switch(row: IntegrationRow, *, is_enabled: bool) -> None:
    row.is_enabled = is_enabled
    if not is_enabled:
        row.state, row.state_reason = IntegrationState.DISABLED, "disabled by a person"
    elif await CredentialRow.filter(integration_id=row.id).exists():
        row.state, row.state_reason = IntegrationState.HEALTHY, None
    else:
        row.state = IntegrationState.PARKED
        row.state_reason = "no credentials yet; set them"
