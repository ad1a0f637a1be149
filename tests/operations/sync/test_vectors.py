"""The vectors of the incremental sync (W) that need a database and a vendor."""

from datetime import timedelta

import pytest

from models.coding import from_milliseconds
from operations.sync.pull import pull_due
from tests.mirror import told
from tests.world import Crash, World, count, pages_of


async def test_w_e_450_rows_of_one_second_are_three_pages(world: World) -> None:
    world.around = pages_of(200)
    for number in range(450):
        world.servicenow.create({"short_description": f"{number}"})
    stamp = world.clock.now()
    world.clock.move(minutes=1)

    run = await world.sync()

    assert (run["pages"], run["read"], run["written"]) == (3, 450, 450)
    assert from_milliseconds((await world.source())["watermark"]) == stamp


async def test_w_f_what_was_written_before_a_kill_is_not_written_again(world: World) -> None:
    # given 400 rows, a fifth of a second apart, and a worker that dies after the first page
    world.around = pages_of(200)
    for number in range(400):
        world.servicenow.create({"short_description": f"{number}"})
        world.clock.move(seconds=0.2)
    world.clock.move(minutes=5)
    read = iter((None, Crash()))

    def crash(table: str, _: int) -> None:
        if table == "incident" and (end := next(read, None)) is not None:
            raise end

    world.servicenow.hooks.after_page = crash
    with pytest.raises(Crash):
        await world.sync()
    assert await count("incident") == 200
    first = await told()

    # when another goes on
    world.clock.move(seconds=61)
    await pull_due(world.start("worker-2"))

    # then each row is there, and was told of once
    assert await count("incident") == 400
    assert (await told())[:200] == first
    assert [kind for kind, _, _ in await told()] == ["CREATED"] * 400
    (run,) = [await world.run()]
    assert (run["status"], run["written"]) == ("SUCCEEDED", 400)
    # and the next one reads again what the overlap holds, and writes nothing
    world.clock.move(seconds=1)
    run = await world.sync()
    overlap = timedelta(seconds=30) // timedelta(seconds=0.2)
    assert (run["written"], overlap <= run["read"] <= overlap + 5) == (0, True)
