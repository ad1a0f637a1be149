"""Without Redis everything goes on, more slowly; with it, all is as before."""

import os
import signal

import httpx

from tests.im.processes.parents import gone
from tests.journeys.house import House, Ready, holds
from tests.journeys.listener import Listener, heard_all, listening, newest, written
from tests.journeys.mirror import mirrored, read_now


async def _kill_valkey(house: House) -> None:
    (valkey,) = house.processes("valkey-server")
    os.kill(valkey, signal.SIGKILL)
    await gone(valkey)


async def _is_sound(ready: Ready) -> bool:
    bearer = {"authorization": f"Bearer {ready.token}"}
    async with httpx.AsyncClient(trust_env=False, headers=bearer) as client:
        answer = await client.get(f"{ready.url}/readyz")
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["status"] == "ready")


async def test_work_and_subscriptions_go_on_while_redis_is_away_and_when_it_is_back(
    house: House,
) -> None:
    ready = await house.demo(DEMO_ROWS="1000", POLL_FALLBACK_SECONDS="1")
    await mirrored(ready.vendor, house.tables)
    start = await newest(house.tables)
    listener = Listener(ready)
    async with listening(listener):
        # when Redis dies, a run that is asked for is found by polling
        await ready.vendor.step(20)
        await _kill_valkey(house)
        await read_now(ready.graph, seconds=10)
        await mirrored(ready.vendor, house.tables)
        await heard_all(listener, house.tables, after=start)
        told = len(listener.heard)
        assert told

        # then it is started again, and the same subscription goes on
        await holds(lambda: _is_sound(ready))
        assert len(house.processes("valkey-server")) == 1
        await ready.vendor.step(20)
        await read_now(ready.graph, seconds=10)
        await mirrored(ready.vendor, house.tables)
        await heard_all(listener, house.tables, after=start)
        assert len(listener.heard) > told
    assert listener.connections == 1
    assert listener.facts == await written(house.tables, after=start)


async def test_jobs_come_through_redis_again_after_it_was_lost(house: House) -> None:
    # given workers that would poll once an hour
    ready = await house.demo(DEMO_ROWS="1000", POLL_FALLBACK_SECONDS="3600")
    await mirrored(ready.vendor, house.tables)
    await _kill_valkey(house)

    # then only the new Redis can bring them a run
    await ready.vendor.step(20)
    await read_now(ready.graph)
    await mirrored(ready.vendor, house.tables)
