"""What the watermark promises: behind it nothing is missing."""

from datetime import timedelta

import pytest

from models.coding import from_milliseconds
from simulators.misfortune import Fault, Kind
from tests.mirror import rows_of
from tests.world import Crash, World, count, pages_of


async def test_a_row_that_appears_behind_a_page_already_read_is_found_by_the_next_run(
    world: World,
) -> None:
    # given a run that dies after its first page, near the present
    servicenow = world.servicenow
    world.stand_between(pages_of(1))
    for _ in range(3):
        servicenow.create({"short_description": "It is broken"})
        world.clock.move(seconds=10)
    read = iter((None, None, Crash()))

    def crash(table: str, _: int) -> None:
        if table == "incident" and (end := next(read, None)) is not None:
            raise end

    servicenow.hooks.after_page = crash
    with pytest.raises(Crash):
        await world.sync()

    # when a row becomes visible behind that page, and the run goes on much later
    servicenow.switches.skew = timedelta(seconds=-20)
    servicenow.create({"short_description": "Committed late"})
    servicenow.switches.skew = timedelta(0)
    world.clock.move(minutes=10)
    servicenow.create({"short_description": "New"})
    await world.sync()
    assert await count("incident") == 4

    # then the next run has it
    await world.sync()
    assert await count("incident") == 5


async def test_the_watermark_does_not_pass_the_beginning_of_its_run(world: World) -> None:
    servicenow = world.servicenow
    world.stand_between(pages_of(1))
    for _ in range(2):
        servicenow.create({"short_description": "Old"})
    world.clock.move(minutes=5)
    began = servicenow.now()

    def write(*_: object) -> None:
        world.clock.move(seconds=5)
        if servicenow.records.store.count("incident") < 3:
            servicenow.create({"short_description": "Meanwhile"})

    servicenow.hooks.after_page = write
    run = await world.sync()

    # The first answer is dated when it is sent, 5 s after it was asked for.
    reached = from_milliseconds((await world.source())["watermark"])
    assert (run["read"], reached) == (3, began + timedelta(seconds=5 - 2))


async def test_a_vendors_clock_that_steps_back_takes_the_watermark_with_it_and_it_is_told(
    world: World,
) -> None:
    # given a mirror up to the present
    servicenow = world.servicenow
    servicenow.create({"short_description": "Before"})
    world.clock.move(minutes=1)
    await world.sync()
    before = (await world.source())["watermark"]

    # when the clock is put back, and a row is stamped before what was mirrored
    servicenow.switches.skew = timedelta(minutes=-10)
    servicenow.create({"short_description": "After"})
    await world.sync()

    # then the watermark falls by as much, which is told, and the next run finds the row
    assert (await world.source())["watermark"] == before - 600_000
    messages = [row["message"] or "" for row in await rows_of("event_log")]
    assert any(message.startswith("the vendor's clock stepped back") for message in messages)
    await world.sync()
    assert await count("incident") == 2


async def test_a_step_of_the_clock_is_not_forgotten_when_the_run_that_saw_it_fails(
    world: World,
) -> None:
    servicenow = world.servicenow
    servicenow.create({"short_description": "Before"})
    world.clock.move(minutes=1)
    await world.sync()

    # when the first answer after the step is followed by an error
    servicenow.switches.skew = timedelta(minutes=-10)
    servicenow.create({"short_description": "After"})
    number = servicenow.create({"short_description": "Also after"})["number"]
    servicenow.switches.skew = timedelta(minutes=9)
    servicenow.edit(number, {"category": "a"})
    servicenow.switches.skew = timedelta(minutes=-10)
    servicenow.misfortunes.push(Fault(kind=Kind.ERROR, path="/api/now/table/sys_audit"))
    assert (await world.sync())["status"] == "FAILED"

    # then the next runs still find what was stamped since
    for _ in range(3):
        world.clock.move(minutes=1)
        await world.sync()
    assert await count("incident") == 3
