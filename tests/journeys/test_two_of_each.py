"""Two API processes and two workers on PostgreSQL behave as one."""

import os
import signal
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from tests.im.processes.parents import gone
from tests.journeys.house import House, Ready, holds
from tests.journeys.listener import Listener, heard_all, listening, newest, written
from tests.journeys.mirror import follow_closely, held_run, mirrored, only_servicenow, pass_on

_FEW_REQUESTS = 4


async def _kill_the_reader(house: House) -> None:
    """Kill the worker that reads the vendor, in the middle of it."""
    vendor = await house.vendor()
    held = await held_run(house.tables)
    before = sum((await vendor.tell("served")).values())

    async def is_reading() -> bool:
        return bool(sum((await vendor.tell("served")).values()) >= before + _FEW_REQUESTS)

    await holds(is_reading)
    os.kill(held.worker, signal.SIGKILL)
    await gone(held.worker)
    await pass_on(house.tables, held)
    taken = await held_run(house.tables, other_than=held.owner)
    assert taken.run_id == held.run_id


@asynccontextmanager
async def _at_both(ready: Ready, servers: list[int]) -> AsyncIterator[list[Listener]]:
    """Connect to each process: the kernel chooses who accepts, of those that are awake."""
    async with AsyncExitStack() as stack:
        found: dict[int, Listener] = {}
        while found.keys() < set(servers):
            listener = Listener(ready)
            with _asleep(found):
                await stack.enter_async_context(listening(listener))
                server = listener.server(servers)
            assert server is not None
            found[server] = listener
        yield [found[server] for server in servers]


@contextmanager
def _asleep(processes: Collection[int]) -> Iterator[None]:
    """Let some processes stand still while the block runs."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


async def test_a_killed_reader_is_replaced_and_both_servers_tell_the_same(
    postgres_house: House,
) -> None:
    # given two of each, of which the worker that reads the vendor dies
    house = postgres_house
    run = await house.run("--demo", API_PROCESSES="2", WORKERS="2")
    await _kill_the_reader(house)
    ready = await house.ready(run)
    await only_servicenow(ready.graph)
    await follow_closely(ready.graph)
    await mirrored(ready.vendor, house.tables)

    # when a subscriber at each server hears what the vendor's people do next
    servers = house.processes("serve")
    assert len(servers) == 2
    start = await newest(house.tables)
    async with _at_both(ready, servers) as listeners:
        for _ in range(2):
            await ready.vendor.step(40)
            await mirrored(ready.vendor, house.tables)
        for listener in listeners:
            await heard_all(listener, house.tables, after=start)

    # then both have heard what the table holds
    facts = await written(house.tables, after=start)
    assert facts
    for listener in listeners:
        assert listener.facts == facts
