"""The vectors of the incremental sync (W) that need a database and a vendor."""

import asyncio
from datetime import timedelta

import pytest

from adapters.contract import Vendor
from adapters.exchange import Failed, Page, PageAsk
from domain.records import RecordKind
from models.claims import Slot
from models.coding import from_milliseconds
from operations.sync.pull import pull_due
from operations.sync.start import StartSync, start_sync
from tests.mirror import mirror, told
from tests.world import ADMIN, Crash, Pages, World, as_it_is, count, pages_of


class HeldBack(Pages):
    """A vendor whose pages come long after they were asked for."""

    def __init__(self, vendor: Vendor, served: asyncio.Event, release: asyncio.Event) -> None:
        super().__init__(vendor, 500)
        self.served, self.release = served, release

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        self.served.set()
        await self.release.wait()
        return page


async def test_w8_a_backfill_overwrites_nothing_newer(world: World) -> None:
    made = world.servicenow.create({"short_description": "old"})
    await world.sync()

    # given a page of a backfill that was served before an edit, and is not written yet
    served, release = asyncio.Event(), asyncio.Event()
    world.stand_between(lambda vendor: HeldBack(vendor, served, release))
    ask = StartSync(
        integration_id=world.integration_id,
        kinds=[RecordKind.INCIDENT],
        is_full=True,
        slot=Slot.BACKFILL,
    )
    await start_sync(world.runtime, ADMIN, ask)
    late = asyncio.create_task(pull_due(world.start("worker-2")))
    await served.wait()
    world.stand_between(as_it_is)
    world.clock.move(seconds=5)
    world.servicenow.edit(made["number"], {"short_description": "new"})

    # when a pull mirrors the edit, and then the page is written
    world.start("worker-3")
    await world.sync()
    assert (await world.incident(made["number"]))["title"] == "new"
    before = await mirror()
    release.set()
    await late

    # then nothing has changed
    assert (await world.incident(made["number"]))["title"] == "new"
    assert await mirror() == before


async def test_w_e_450_rows_of_one_second_are_three_pages(world: World) -> None:
    world.stand_between(pages_of(200))
    for number in range(450):
        world.servicenow.create({"short_description": f"{number}"})
    stamp = world.clock.now()
    world.clock.move(minutes=1)

    run = await world.sync()

    assert (run["pages"], run["read"], run["written"]) == (3, 450, 450)
    assert from_milliseconds((await world.source())["watermark"]) == stamp


async def test_w_f_what_was_written_before_a_kill_is_not_written_again(world: World) -> None:
    # given 400 rows, a fifth of a second apart, and a worker that dies after the first page
    world.stand_between(pages_of(200))
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
