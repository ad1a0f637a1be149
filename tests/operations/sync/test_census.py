"""What is gone at the vendor, found by counting (rules W9, W10)."""

import asyncio
from datetime import timedelta

import pytest

from adapters.contract import Vendor
from adapters.exchange import CensusAsk, CensusPage, Failed, Page, PageAsk
from domain.records import RecordKind
from models.claims import Slot
from models.reads.statement import rows
from models.tables.sync_run import WatermarkRow
from operations.sync.pull import pull_due
from operations.sync.start import StartSync, start_sync
from simulators.limit import Limit
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.mirror import told
from tests.world import ADMIN, EMAIL, PASSWORD, Pages, World, count

CENSUS = {"kinds": [RecordKind.INCIDENT], "slot": Slot.CENSUS}


async def census(world: World) -> dict[str, object]:
    """Count now, and return the run."""
    ask = StartSync(integration_id=world.integration_id, **CENSUS)  # type: ignore[arg-type]  # — one ask, three words
    (started,) = await start_sync(world.runtime, ADMIN, ask)
    await pull_due(world.runtime)
    (run,) = await rows("SELECT * FROM sync_run WHERE id = $1", started.run_id)
    return run


async def deleted() -> set[str]:
    found = await rows("SELECT number FROM incident WHERE deleted_at IS NOT NULL")
    return {row["number"] for row in found}


def make(world: World, count: int) -> list[str]:
    """Make incidents at the vendor, and return their numbers."""
    return [world.servicenow.create({"short_description": f"{n}"})["number"] for n in range(count)]


async def mirrored(world: World, count: int) -> list[str]:
    """Make incidents and mirror them; a census a minute later knows them."""
    numbers = make(world, count)
    await world.sync()
    world.clock.move(seconds=60)
    return numbers


async def test_what_vanished_is_found_exactly_and_told(world: World) -> None:
    numbers = await mirrored(world, 300)
    for number in numbers[100:110]:
        world.servicenow.delete(number)

    run = await census(world)

    assert await deleted() == set(numbers[100:110])
    assert (run["status"], run["read"], run["deleted"]) == ("SUCCEEDED", 290, 10)
    assert [kind for kind, _, _ in await told()][-10:] == ["DELETED"] * 10
    # a second count finds nothing new
    world.clock.move(seconds=60)
    run = await census(world)
    assert (run["deleted"], len(await told())) == (0, 310)


async def test_a_census_that_lacks_too_much_deletes_nothing_and_says_why(world: World) -> None:
    # W-g: 880 of 1,000
    numbers = await mirrored(world, 200)
    for number in numbers[:24]:
        world.servicenow.delete(number)

    run = await census(world)

    assert await deleted() == set()
    assert (run["status"], run["error_code"]) == ("FAILED", "CENSUS_SUSPECT")
    assert "24 of 200" in str(run["error"])


async def test_few_missing_are_never_suspect(world: World) -> None:
    numbers = await mirrored(world, 30)
    for number in numbers[:20]:
        world.servicenow.delete(number)

    await census(world)

    assert await deleted() == set(numbers[:20])


class Forgetful(Pages):
    """A vendor whose list of ids lacks one that exists."""

    def __init__(self, vendor: Vendor, forgotten: str) -> None:
        super().__init__(vendor, 100)
        self._lists = vendor.census
        self.forgotten = forgotten

        async def census(ask: CensusAsk) -> CensusPage | Failed:
            page = await self._lists(ask)
            assert isinstance(page, CensusPage)
            ids = [one for one in page.external_ids if one != self.forgotten]
            return CensusPage(
                external_ids=ids, position=page.position, served_at=page.served_at, skew=page.skew
            )

        self.census = census


async def test_what_a_list_forgets_but_the_vendor_has_is_kept(world: World) -> None:
    # W-h: missing in the list; 14 give 404, 1 gives 200
    numbers = await mirrored(world, 100)
    for number in numbers[:14]:
        world.servicenow.delete(number)
    kept = world.servicenow.record(numbers[14])["sys_id"]
    world.stand_between(lambda vendor: Forgetful(vendor, kept))

    await census(world)

    assert await deleted() == set(numbers[:14])


async def test_what_is_back_is_restored(world: World) -> None:
    numbers = await mirrored(world, 50)
    row = world.servicenow.record(numbers[7])
    world.servicenow.switches.unreadable = {row["sys_id"]}
    await census(world)
    assert await deleted() == {numbers[7]}

    world.servicenow.switches.unreadable = set()
    world.clock.move(seconds=60)
    await census(world)

    assert await deleted() == set()
    assert [kind for kind, _, _ in await told()][-2:] == ["DELETED", "RESTORED"]


class HeldBack(Pages):
    """A vendor whose first page of records comes long after it was asked for."""

    def __init__(self, vendor: Vendor, served: asyncio.Event, release: asyncio.Event) -> None:
        super().__init__(vendor, 500)
        self.served, self.release = served, release

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        self.served.set()
        await self.release.wait()
        return page


async def test_a_late_page_does_not_resurrect_what_a_census_found_gone(world: World) -> None:
    numbers = await mirrored(world, 40)
    for number in numbers:
        world.servicenow.edit(number, {"short_description": "changed"})

    # given a page that was served before a record vanished, and is not written yet
    served, release = asyncio.Event(), asyncio.Event()
    world.stand_between(lambda vendor: HeldBack(vendor, served, release))
    await world.make_due()
    late = asyncio.create_task(pull_due(world.runtime))
    await served.wait()
    world.stand_between(lambda vendor: vendor)
    world.clock.move(seconds=5)
    world.servicenow.delete(numbers[3])
    other = world.start("worker-2")

    # when a census finds the record gone, and then the page is written
    ask = StartSync(integration_id=world.integration_id, **CENSUS)  # type: ignore[arg-type]  # — one ask, three words
    await start_sync(other, ADMIN, ask)
    await pull_due(other)
    assert await deleted() == {numbers[3]}
    release.set()
    await late

    # then it stays deleted, and the others have changed
    assert await deleted() == {numbers[3]}
    (changed,) = await rows("SELECT count(*) AS n FROM incident WHERE title = 'changed'")
    assert changed["n"] == 39


async def test_a_census_goes_on_where_its_worker_was_killed(world: World) -> None:
    numbers = await mirrored(world, 60)
    world.servicenow.delete(numbers[5])

    def failing(vendor: Vendor) -> Vendor:
        pages = Pages(vendor, 100)

        async def read(kind: RecordKind, ids: object) -> Failed:
            raise RuntimeError(kind, ids)

        pages.read = read  # type: ignore[assignment]  # — a vendor that dies with its worker
        return pages

    world.stand_between(failing)
    ask = StartSync(integration_id=world.integration_id, **CENSUS)  # type: ignore[arg-type]  # — one ask, three words
    await start_sync(world.runtime, ADMIN, ask)
    with pytest.raises(RuntimeError):
        await pull_due(world.runtime)
    assert await deleted() == set()

    world.stand_between(lambda vendor: vendor)
    world.clock.move(seconds=61)
    await pull_due(world.start("worker-2"))

    assert await deleted() == {numbers[5]}
    (run,) = await rows("SELECT * FROM sync_run WHERE phase = 'CENSUS'")
    assert (run["status"], run["fence"], run["read"]) == ("SUCCEEDED", 2, 59)


async def test_a_census_comes_a_day_after_the_first_copy_and_each_day_again(world: World) -> None:
    numbers = await mirrored(world, 10)
    world.servicenow.delete(numbers[0])
    source = await WatermarkRow.get(integration_id=world.integration_id)
    assert source.next_census_at == world.clock.now() - timedelta(seconds=60) + timedelta(days=1)

    world.clock.move(seconds=24 * 3600 - 61)
    await pull_due(world.runtime)
    assert await deleted() == set()

    world.clock.move(seconds=1)
    await pull_due(world.runtime)
    assert await deleted() == {numbers[0]}
    source = await WatermarkRow.get(integration_id=world.integration_id)
    assert source.next_census_at == world.clock.now() + timedelta(days=1)
    assert source.censused_at == world.clock.now()


@pytest.mark.no_cover
async def test_a_hundred_of_ten_thousand_are_found_within_the_vendors_limit(world: World) -> None:
    numbers = await mirrored(world, 10_000)
    for number in numbers[::100]:
        world.servicenow.delete(number)
    limit = Limit(requests=10, per=timedelta(seconds=1))
    world.servicenow.switches.limit = limit
    world.pace = timedelta(milliseconds=100)

    run = await census(world)

    assert await deleted() == set(numbers[::100])
    assert (run["read"], run["deleted"]) == (9_900, 100)
    assert 0 < limit.busiest <= 10


async def test_what_a_vendor_forgets_by_its_own_rule_stays(world: World) -> None:
    pagerduty = PagerDuty(now=world.clock.now, account=Account(token=PASSWORD, email=EMAIL))
    pagerduty.change("Deploy 1", service="Web Shop")
    world.pagerduty, world.kinds = pagerduty, frozenset({RecordKind.CHANGE})
    await world.register(key="pd", provider="pagerduty")
    await world.sync_one("pd")
    assert await count("change") == 1

    # ninety days later the vendor no longer lists it
    world.clock.move(seconds=91 * 24 * 3600)
    ask = StartSync(
        integration_id=world.integration_id, kinds=[RecordKind.CHANGE], slot=Slot.CENSUS
    )
    (started,) = await start_sync(world.runtime, ADMIN, ask)
    await pull_due(world.runtime)

    (run,) = await rows("SELECT * FROM sync_run WHERE id = $1", started.run_id)
    (change,) = await rows("SELECT deleted_at FROM change")
    assert (run["status"], run["read"], change["deleted_at"]) == ("SUCCEEDED", 0, None)
