"""What a mirrored incident begins with, and keeps."""

import pytest

from domain.records import Direction
from models.database import DatabaseAt
from simulators.misfortune import Fault, Kind
from tests.clock import Clock
from tests.world import World, simulated


@pytest.mark.parametrize("direction", Direction)
async def test_a_record_seen_for_the_first_time_is_mirrored_whatever_the_direction(
    database: DatabaseAt, clock: Clock, direction: Direction
) -> None:
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=direction, follows=False)
    made = world.servicenow.create({"short_description": "Down", "state": "2"})
    clock.move(seconds=5)
    await world.sync()
    mirrored = await world.incident(made["number"])
    assert (mirrored["title"], mirrored["status"]) == ("Down", "IN_PROGRESS")


async def test_a_field_that_an_answer_does_not_name_keeps_its_value(world: World) -> None:
    made = world.servicenow.create({"short_description": "Down", "description": "since noon"})
    world.clock.move(seconds=5)
    await world.sync()

    # given answers that lack a field, and a change of another
    world.servicenow.edit(made["number"], {"short_description": "Down again"})
    world.clock.move(seconds=5)
    world.servicenow.misfortunes.push(
        Fault(kind=Kind.MISSING_FIELD, detail="description", times=None)
    )
    await world.sync()

    mirrored = await world.incident(made["number"])
    assert (mirrored["title"], mirrored["description"]) == ("Down again", "since noon")
