import pytest

from models.database import DatabaseAt
from tests.clock import Clock
from tests.operations.sync.mailed import Mailed
from tests.operations.sync.torn import ILLEGIBLE, Tear, Torn
from tests.world import World, simulated


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def world(database: DatabaseAt, clock: Clock) -> World:
    """A registered instance without incidents."""
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register()
    return world


@pytest.fixture
async def replayed(database: DatabaseAt, clock: Clock) -> World:
    """A registered instance with the 890 incidents of the log's first 5,998 rows."""
    world = World(at=database, clock=clock, servicenow=simulated(clock, rows=5_998))
    await world.register()
    return world


@pytest.fixture
async def mailed(world: World) -> Mailed:
    """One incident, INC0001 in spirit, mirrored; its vendor tells of what follows."""
    world.servicenow.create({"short_description": "Mail is down"})
    await world.sync()
    mailed = Mailed(world=world)
    await mailed.subscribe()
    world.clock.move(seconds=10)
    return mailed


@pytest.fixture
def tear() -> Tear:
    """What cannot be read; nothing so far."""
    return Tear()


@pytest.fixture
def torn(world: World, tear: Tear) -> World:
    """A registered instance one of whose two incidents cannot be read."""
    for name in ("Torn", "Whole"):
        world.servicenow.create({"short_description": name})
    tear.titles["Torn"] = ILLEGIBLE
    world.stand_between(lambda vendor: Torn(vendor, tear))
    return world
