"""Several workers, and people who change settings meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from adapters.contract import Vendor
from adapters.exchange import Failed, Page, PageAsk
from domain.records import RecordKind
from models.database import DatabaseAt
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.integrations.configure import ConfigureIntegration, configure_integration
from operations.sync.cancel import CancelSync, cancel_sync
from operations.sync.pull import pull_due
from operations.sync.start import StartSync, start_sync
from tests.clock import Clock
from tests.mirror import rows_of
from tests.world import ADMIN, Pages, World, count, pages_of, simulated

INCIDENTS = [RecordKind.INCIDENT]
_WAITING = "SELECT 1 AS waits FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
Meanwhile = Callable[[], Awaitable[None]]


class Freezes(Pages):
    """Holds its second page back while something else happens."""

    def __init__(self, vendor: Vendor, size: int, meanwhile: Meanwhile) -> None:
        super().__init__(vendor, size)
        self._meanwhile = meanwhile
        self._asked = 0

    async def page(self, ask: PageAsk) -> Page | Failed:
        page = await super().page(ask)
        self._asked += 1
        if self._asked == 2:
            await self._meanwhile()
        return page


@pytest.fixture
async def replayed(database: DatabaseAt, clock: Clock) -> World:
    """Some incidents on small pages."""
    servicenow = simulated(clock, rows=240)
    world = World(at=database, clock=clock, servicenow=servicenow, around=pages_of(5))
    await world.register()
    return world


async def test_two_workers_at_once_never_both_run_a_source(replayed: World) -> None:
    first, second = replayed.start("first"), replayed.start("second")
    assert sorted(await asyncio.gather(pull_due(first), pull_due(second))) == [0, 1]
    runs = await rows_of("sync_run")
    assert [(run["status"], run["fence"]) for run in runs] == [("SUCCEEDED", 1)]


async def test_a_worker_that_was_silent_for_a_lease_writes_nothing_more(replayed: World) -> None:
    # given a worker that is frozen while it reads its second page
    frozen = replayed.start("frozen")
    successor = replayed.start("successor")

    async def meanwhile() -> None:
        replayed.stand_between(pages_of(5))
        replayed.clock.move(seconds=61)
        assert await pull_due(successor) == 1

    # when its lease ends, another one takes the run and finishes it
    replayed.stand_between(lambda vendor: Freezes(vendor, 5, meanwhile))
    await pull_due(frozen)

    # then the page that it held in hand is refused, and the run's end stays the other's
    (run,) = await rows_of("sync_run")
    assert (run["status"], run["fence"], run["lease_owner"]) == ("SUCCEEDED", 2, "successor")
    assert (run["pages"], run["read"]) == (8, await count("incident"))


async def test_a_cancelled_run_stops_at_its_page_and_its_end_is_told_once(
    replayed: World,
) -> None:
    async def cancel() -> None:
        (run,) = await rows_of("sync_run")
        await cancel_sync(replayed.runtime, ADMIN, CancelSync(run_ids=[run["id"]]))

    replayed.stand_between(lambda vendor: Freezes(vendor, 5, cancel))
    await replayed.sync()

    (run,) = await rows_of("sync_run")
    assert (run["status"], run["pages"], await count("incident")) == ("CANCELLED", 1, 5)
    ends = [row for row in await rows_of("event_log") if row["kind"] == "RUN_FINISHED"]
    assert [row["message"] for row in ends] == ["cancelled by ada"]

    # and the next run reads what is left
    replayed.stand_between(pages_of(5))
    assert (await replayed.sync())["status"] == "SUCCEEDED"


async def test_a_disabled_integration_is_not_asked_and_an_enabled_one_is_asked_at_once(
    replayed: World,
) -> None:
    async def switch(*, is_enabled: bool) -> None:
        ask = ConfigureIntegration(integration_id=replayed.integration_id, is_enabled=is_enabled)
        await configure_integration(replayed.runtime, ADMIN, ask)

    await switch(is_enabled=False)
    assert await pull_due(replayed.runtime) == 0
    assert replayed.servicenow.served.total() == 0
    await switch(is_enabled=True)
    assert await pull_due(replayed.runtime) == 1


async def test_asking_twice_for_a_sync_gives_the_same_run(replayed: World) -> None:
    ask = StartSync(integration_id=replayed.integration_id, kinds=INCIDENTS)
    answers = await asyncio.gather(*(start_sync(replayed.runtime, ADMIN, ask) for _ in range(5)))
    started = [one for answer in answers for one in answer]
    assert len({one.run_id for one in started}) == 1
    assert sorted(one.is_already_running for one in started) == [False, True, True, True, True]
    assert await pull_due(replayed.runtime) == 1


@pytest.mark.parametrize("database_at", ["postgres"], indirect=True)
async def test_a_run_that_ends_does_not_undo_what_a_person_has_just_changed(
    replayed: World,
) -> None:
    # given a person's change that begins after the last page, and is not committed yet
    is_changed, may_commit = asyncio.Event(), asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    async def rename(_: Transaction) -> None:
        await IntegrationRow.filter(id=replayed.integration_id).update(name="Renamed")
        is_changed.set()
        await may_commit.wait()

    async def release() -> None:
        async with asyncio.timeout(5):
            while not await rows(_WAITING):
                continue
        may_commit.set()

    async def wake(_: str) -> None:
        if not tasks and replayed.asked() == 8:
            tasks.append(asyncio.create_task(commit(rename)))
            await is_changed.wait()
            tasks.append(asyncio.create_task(release()))

    # when the run ends meanwhile, and waits for it
    assert await pull_due(replace(replayed.runtime, wake=wake)) == 1
    await asyncio.gather(*tasks)

    # then both are kept
    integration = await replayed.integration()
    assert (integration["name"], integration["state"]) == ("Renamed", "HEALTHY")
