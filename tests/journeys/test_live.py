"""Subscribers hear of every change once, in order and soon, whatever cuts them off."""

from tests.journeys.house import House, holds
from tests.journeys.listener import Listener, heard_all, listening, newest, written
from tests.journeys.mirror import follow_closely, mirrored, only_servicenow

_ROUNDS = 3
_ROWS = 40


async def _hears_more(listener: Listener) -> None:
    before = len(listener.heard)

    async def more() -> bool:
        return len(listener.heard) > before

    await holds(more)


async def test_a_subscriber_hears_every_change_once_and_in_order(house: House) -> None:
    # given a mirror that is complete, and two subscribers, one of whom is cut off again and again
    ready = await house.demo()
    await follow_closely(ready.graph)
    await mirrored(ready.vendor, house.tables)
    await only_servicenow(ready.graph)
    start = await newest(house.tables)
    steady, cut = Listener(ready), Listener(ready)
    async with listening(steady, cut):
        # when the vendor's people work on
        for _ in range(_ROUNDS):
            await ready.vendor.step(_ROWS)
            await _hears_more(cut)
            cut.cut()
            await ready.vendor.step(_ROWS)
            await _hears_more(steady)
            cut.cut()
        await mirrored(ready.vendor, house.tables)
        await heard_all(steady, house.tables, after=start)
        await heard_all(cut, house.tables, after=start)

    # then both have heard what the log holds, no more and no less
    facts = await written(house.tables, after=start)
    assert len(facts) > _ROUNDS
    assert steady.facts == facts
    assert cut.facts == facts
    assert cut.connections > 2 * _ROUNDS
