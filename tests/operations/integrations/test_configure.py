"""How often a vendor is asked and read is a setting."""

from datetime import timedelta

import pytest

from adapters.servicenow.manifest import SERVICENOW
from domain.errors import Invalid
from domain.exchange import ConflictStrategy, ConflictWindowMode
from domain.sync.field import DEFAULT_WINDOW
from models.tables.integration import IntegrationRow
from models.tables.sync_run import WatermarkRow
from operations.integrations.configure import ConfigureIntegration, configure_integration
from operations.sync.terms import terms_of_all
from operations.upkeep.new_kinds import add_new_kinds
from tests.operations.integrations.opened import account_of
from tests.world import ADMIN, World


async def configure(world: World, **changes: object) -> IntegrationRow:
    ask = ConfigureIntegration(integration_id=world.integration_id, **changes)  # type: ignore[arg-type]  # — a test's own words
    await configure_integration(world.runtime, ADMIN, ask)
    return await IntegrationRow.get(id=world.integration_id)


async def pace(world: World) -> tuple[int, bool]:
    """Return the rate at which the vendor is opened, and whether it slows down."""
    account = await account_of(world)
    return account.requests_per_minute, account.slows_down


async def test_the_vendors_own_rate_holds_until_another_is_set(world: World) -> None:
    assert await pace(world) == (60, True)
    await configure(world, requests_per_minute=600, slows_down=False)
    assert await pace(world) == (600, False)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"requests_per_minute": 0}, "requestsPerMinute"),
        ({"requests_per_minute": 60_001}, "requestsPerMinute"),
        ({"poll_interval": timedelta(milliseconds=999)}, "pollInterval"),
        ({"poll_interval": timedelta(days=1, seconds=1)}, "pollInterval"),
        ({"census_interval": timedelta(minutes=9)}, "censusInterval"),
        ({"census_interval": timedelta(days=31)}, "censusInterval"),
        ({"conflict_window": timedelta(milliseconds=-1)}, "conflictWindow"),
        ({"conflict_window": timedelta(hours=1, milliseconds=1)}, "conflictWindow"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
    ],
)
async def test_a_setting_out_of_bounds_changes_nothing(
    world: World, changes: dict[str, object], path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await configure(world, **{"is_enabled": False} | changes)
    assert refused.value.path == (path,)
    assert (await IntegrationRow.get(id=world.integration_id)).is_enabled


async def test_a_shorter_census_interval_brings_the_next_census_forward(world: World) -> None:
    await world.sync()
    known = WatermarkRow.filter(integration_id=world.integration_id)
    await known.update(next_census_at=world.clock.now() + timedelta(days=1))
    row = await configure(world, census_interval=timedelta(hours=1))
    assert row.census_interval_ms == 3_600_000
    assert (await known.get()).next_census_at == world.clock.now() + timedelta(hours=1)


async def test_how_conflicts_are_decided_is_a_setting(world: World) -> None:
    terms = (await terms_of_all())[world.integration_id]
    assert (terms.strategy, terms.window) == (ConflictStrategy.LAST_WRITE_WINS, DEFAULT_WINDOW)
    await configure(
        world,
        conflict_strategy=ConflictStrategy.MANUAL_REVIEW,
        conflict_window=timedelta(0),
        conflict_window_mode=ConflictWindowMode.LITERAL,
    )
    terms = (await terms_of_all())[world.integration_id]
    assert terms.strategy is ConflictStrategy.MANUAL_REVIEW
    assert terms.window == timedelta(0)
    assert terms.mode is ConflictWindowMode.LITERAL


async def test_a_kind_that_a_newer_build_reads_is_read_of_known_integrations(
    world: World,
) -> None:
    await WatermarkRow.all().delete()
    assert await add_new_kinds(world.runtime) == len(SERVICENOW.kinds)
    assert await add_new_kinds(world.runtime) == 0
    row = await WatermarkRow.all().order_by("kind").first()
    assert row is not None
    assert (row.next_pull_at, row.failures, row.pulls) == (world.clock.now(), 0, 0)


async def test_what_no_build_knows_any_more_is_left_alone(world: World) -> None:
    await WatermarkRow.all().delete()
    await IntegrationRow.all().update(provider="gone")
    assert await add_new_kinds(world.runtime) == 0
