"""Old records read again, beside what changes now, with pauses."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from adapters.contract import Vendor
from adapters.exchange import Failed, Page, PageAsk
from domain.errors import NotFound
from domain.records import RecordKind
from domain.sync.retry import Fault
from models.claims import Slot
from models.reads.statement import rows
from operations.sync.pause import PauseSync, pause_sync, resume_sync
from operations.sync.pull import pull_due
from operations.sync.start import StartSync, start_sync
from tests.world import ADMIN, Pages, World, count


async def backfill(world: World, *, days: int | None = None) -> str:
    """Ask for a backfill of so many days, and return its run."""
    ask = StartSync(
        integration_id=world.integration_id,
        kinds=[RecordKind.INCIDENT],
        is_full=True,
        slot=Slot.BACKFILL,
        since=None if days is None else world.clock.now() - timedelta(days=days),
    )
    (started,) = await start_sync(world.runtime, ADMIN, ask)
    return started.run_id


async def the(run_id: str) -> dict[str, object]:
    (run,) = await rows("SELECT * FROM sync_run WHERE id = $1", run_id)
    return run


async def aged(world: World) -> None:
    """Mirror 30 incidents, one a day."""
    for n in range(30):
        world.servicenow.create({"short_description": f"{n}"})
        world.clock.move(seconds=24 * 3600)
    await world.sync()


class Guarded(Pages):
    """A vendor of small pages that does something before some of them."""

    def __init__(self, vendor: Vendor, before: Callable[[int], Failed | None]) -> None:
        super().__init__(vendor, 5)
        self._before = before
        self._asked = 0

    async def page(self, ask: PageAsk) -> Page | Failed:
        self._asked += 1
        return self._before(self._asked) or await super().page(ask)


async def test_a_backfill_reads_what_was_updated_since_a_day(world: World) -> None:
    await aged(world)
    run_id = await backfill(world, days=10)
    await pull_due(world.runtime)

    run = await the(run_id)
    assert (run["phase"], run["status"], run["read"], run["written"]) == (
        "BACKFILL",
        "SUCCEEDED",
        10,
        0,
    )


async def test_a_backfill_leaves_the_watermark_and_the_freshness_alone(world: World) -> None:
    await aged(world)
    before = await world.source()
    world.clock.move(seconds=5)
    await backfill(world)
    await pull_due(world.runtime)

    after = await world.source()
    assert (after["watermark"], after["as_of"], after["next_pull_at"]) == (
        before["watermark"],
        before["as_of"],
        before["next_pull_at"],
    )


async def test_a_paused_backfill_goes_on_where_it_was_while_changes_arrive(world: World) -> None:
    await aged(world)
    seen: list[int] = []

    def third(asked: int) -> None:
        seen.append(asked)
        if asked == 4:
            raise KeyboardInterrupt

    world.stand_between(partial(Guarded, before=third))
    run_id = await backfill(world)
    with pytest.raises(KeyboardInterrupt):
        await pull_due(world.runtime)
    await pause_sync(world.runtime, ADMIN, PauseSync(run_ids=[run_id]))
    world.stand_between(lambda vendor: vendor)
    assert (await the(run_id))["status"] == "PAUSED"

    # paused, it is not taken, and the current pull goes on
    world.clock.move(seconds=600)
    world.servicenow.create({"short_description": "new"})
    await world.sync()
    assert await count("incident") == 31
    assert ((await the(run_id))["status"], (await the(run_id))["pages"]) == ("PAUSED", 3)

    # resumed, it goes on after its third page
    await resume_sync(world.runtime, ADMIN, PauseSync(run_ids=[run_id]))
    await pull_due(world.start("worker-2"))
    run = await the(run_id)
    assert (run["status"], run["read"]) == ("SUCCEEDED", 31)


async def test_a_worker_whose_run_is_paused_writes_nothing_more(world: World) -> None:
    for n in range(20):
        world.servicenow.create({"short_description": f"{n}"})

    class Pausing(Pages):
        async def page(self, ask: PageAsk) -> Page | Failed:
            page = await super().page(ask)
            if ask.position is not None:
                run_id = (await world.run())["id"]
                await pause_sync(world.runtime, ADMIN, PauseSync(run_ids=[run_id]))
            return page

    world.stand_between(lambda vendor: Pausing(vendor, 5))
    run = await world.sync()

    assert (run["status"], run["pages"], await count("incident")) == ("PAUSED", 1, 5)


async def test_a_failed_backfill_waits_and_goes_on_with_its_place(world: World) -> None:
    await aged(world)
    down = Failed(fault=Fault.VENDOR_ERROR, detail="down")
    world.stand_between(partial(Guarded, before=lambda asked: down if asked == 3 else None))
    run_id = await backfill(world)
    await pull_due(world.runtime)
    run = await the(run_id)
    assert (run["status"], run["pages"], run["error"]) == ("QUEUED", 2, "down")

    world.stand_between(lambda vendor: Pages(vendor, 5))
    await pull_due(world.runtime)
    assert (await the(run_id))["status"] == "QUEUED"
    world.clock.move(seconds=40)
    await pull_due(world.runtime)

    run = await the(run_id)
    assert (run["status"], run["read"], run["fence"]) == ("SUCCEEDED", 30, 2)


async def test_an_unknown_run_is_not_found_and_nothing_is_paused(world: World) -> None:
    await world.make_due()
    run_id = await backfill(world)
    with pytest.raises(NotFound) as missing:
        await pause_sync(world.runtime, ADMIN, PauseSync(run_ids=[run_id, "nope"]))
    assert missing.value.path == ("runIds", "1")
    assert (await the(run_id))["status"] == "QUEUED"
