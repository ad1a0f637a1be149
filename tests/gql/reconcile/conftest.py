from dataclasses import replace

import pytest

from domain.records import Direction
from gql.nodes import global_id
from models.database import DatabaseAt
from operations.reconcile.run import reconcile_due
from tests.clock import Clock
from tests.gql.asking import Graph
from tests.operations.reconcile.drifting import Drifting
from tests.world import World, simulated


@pytest.fixture
async def drifting(database: DatabaseAt) -> Drifting:
    """Four incidents that a bidirectional ServiceNow has too, with its default owners."""
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    numbers = [
        world.servicenow.create({"short_description": f"a{place}"})["number"] for place in range(4)
    ]
    clock.move(seconds=5)
    await world.sync()
    clock.move(seconds=60)
    return Drifting(world=world, numbers=numbers)


@pytest.fixture
def graph(drifting: Drifting) -> Graph:
    """The graph over it; a worker takes each plan as soon as it hears of it."""
    runtime = drifting.world.runtime

    async def wake(topic: str) -> None:
        if topic == "reconcile":
            await reconcile_due(runtime)

    graph = Graph(now=drifting.world.clock.now())
    graph.runtime = replace(runtime, wake=wake)
    return graph


@pytest.fixture
def integration_id(drifting: Drifting) -> str:
    return str(global_id("Integration", drifting.world.integration_id))
