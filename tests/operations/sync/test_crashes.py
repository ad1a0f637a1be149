"""A worker dies; another one goes on where the last page was committed."""

import asyncio
import sys
from collections.abc import Callable
from random import Random

import pytest

from models.database import DatabaseAt
from operations.sync.pull import pull_due
from tests.acceptance.paging import emptied
from tests.clock import Clock
from tests.mirror import mirror, numbers, told
from tests.operations.sync.dying import address
from tests.world import Crash, World, count, pages_of, simulated

# Many steps through lines that other tests count: they run faster uncounted.
pytestmark = pytest.mark.no_cover

# 8 pages of 5 of the log's first incidents.
_ROWS, _SIZE, _PAGES = 240, 5, 8


async def begun(database: DatabaseAt) -> World:
    """Return a registered instance with small pages, of which nothing is mirrored yet."""
    await emptied()
    clock = Clock()
    servicenow = simulated(clock, rows=_ROWS)
    world = World(at=database, clock=clock, servicenow=servicenow, around=pages_of(_SIZE))
    await world.register()
    return world


async def go_on(world: World) -> None:
    """Let another worker find the run after its lease, and check that it resumes it."""
    world.servicenow.hooks.after_page = world.servicenow.hooks.before_request = None
    runtime = world.start("successor")
    world.clock.move(seconds=59)
    assert await pull_due(runtime) == 0
    world.clock.move(seconds=2)
    committed = (await world.run())["pages"]
    asked = world.asked()
    assert await pull_due(runtime) == 1
    run = await world.run()
    assert (run["status"], run["pages"], run["read"]) == ("SUCCEEDED", _PAGES, run["written"])
    assert world.asked() - asked == _PAGES - committed


async def undisturbed(database: DatabaseAt) -> dict[str, list[dict[str, object]]]:
    world = await begun(database)
    run = await world.sync()
    assert (run["status"], run["pages"]) == ("SUCCEEDED", _PAGES)
    return await mirror()


async def assert_whole(expected: object) -> None:
    assert await mirror() == expected
    edits = [edit for _, _, ids in await told() for edit in ids]
    assert len(edits) == len(set(edits)) == await count("edit")
    assert await numbers() == list(range(1, await count("event_log") + 1))


def crashing(world: World, request: int) -> Callable[[object], None]:
    def crash(_: object) -> None:
        if world.servicenow.served.total() == request:
            raise Crash

    return crash


async def test_a_run_that_dies_at_any_request_ends_in_the_same_mirror(
    database: DatabaseAt,
) -> None:
    expected = await undisturbed(database)
    world = await begun(database)
    await world.sync()
    requests = world.servicenow.served.total()

    for request in range(1, requests + 1):
        world = await begun(database)
        world.servicenow.hooks.before_request = crashing(world, request)
        with pytest.raises(Crash):
            await world.sync()
        await go_on(world)
        await assert_whole(expected)


async def test_a_worker_that_is_stopped_lets_another_go_on_at_once(database: DatabaseAt) -> None:
    expected = await undisturbed(database)
    world = await begun(database)
    stopped = asyncio.create_task(world.sync())

    def stop(table: str, _: int) -> None:
        if table == "incident" and world.asked() == 5:
            stopped.cancel()

    world.servicenow.hooks.after_page = stop
    with pytest.raises(asyncio.CancelledError):
        await stopped
    world.servicenow.hooks.after_page = None

    assert await pull_due(world.start("successor")) == 1
    assert (await world.run())["status"] == "SUCCEEDED"
    await assert_whole(expected)


async def test_a_killed_process_leaves_what_it_committed_and_no_more(
    database: DatabaseAt,
) -> None:
    expected = await undisturbed(database)
    pages = Random(7).sample(range(1, _PAGES + 1), 2)  # noqa: S311 — repeatable
    for page in pages:
        world = await begun(database)
        arguments = (address(database), str(_ROWS), str(_SIZE), str(page))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.operations.sync.dying", *arguments
        )
        assert await process.wait() == -9

        assert (await world.run())["pages"] == page - 1
        await go_on(world)
        await assert_whole(expected)
