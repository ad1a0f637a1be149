"""A vendor stays open between deliveries, for a while and for the same settings."""

import pytest

from adapters.contract import Vendor
from models.database import DatabaseAt
from models.tables.integration import IntegrationRow
from operations.sync.connect import connected
from tests.clock import Clock
from tests.world import Pages, World, simulated


class Closable(Pages):
    """A vendor that tells whether it was closed."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(vendor, 100)
        self.is_closed = False
        closes = vendor.close

        async def close() -> None:
            self.is_closed = True
            await closes()

        self.close = close


@pytest.fixture
async def world(database: DatabaseAt) -> World:
    """A worker with one integration; ``around`` tells of closings."""
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock), around=Closable)
    await world.register()
    return world


async def row(world: World) -> IntegrationRow:
    return await IntegrationRow.get(id=world.integration_id)


async def test_it_is_lent_again_until_five_minutes_are_over(world: World) -> None:
    async with connected(world.runtime, await row(world)) as first:
        pass
    world.clock.move(minutes=4)
    async with connected(world.runtime, await row(world)) as second:
        pass
    world.clock.move(minutes=2)
    async with connected(world.runtime, await row(world)) as third:
        assert isinstance(first, Closable)
        assert first.is_closed

    assert second is first
    assert third is not first


async def test_other_credentials_open_it_anew_and_whoever_has_the_former_keeps_it(
    world: World,
) -> None:
    async with connected(world.runtime, await row(world)) as former:
        await world.sign_in("another password")
        async with connected(world.runtime, await row(world)) as later:
            assert isinstance(former, Closable)
            assert not former.is_closed
    assert later is not former
    assert former.is_closed


async def test_a_process_that_ends_closes_what_it_has_open(world: World) -> None:
    async with connected(world.runtime, await row(world)) as vendor:
        pass
    await world.runtime.aclose()
    assert isinstance(vendor, Closable)
    assert vendor.is_closed
