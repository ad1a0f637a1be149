"""What happens at a vendor between our write and its answer, when that takes long."""

import asyncio

from adapters.contract import Vendor
from adapters.exchange import Failed, WriteAsk
from domain.inbound import InboundRecord
from models.reads.statement import rows
from operations.sync.apply import apply_due
from operations.sync.in_flight import PATIENCE
from operations.sync.push import push_due
from tests.operations.push.pair import Pair
from tests.world import Pages


class SlowToAnswer(Pages):
    """A vendor that writes at once, and whose answer is on its way until it is let go."""

    def __init__(self, vendor: Vendor, written: asyncio.Event, release: asyncio.Event) -> None:
        super().__init__(vendor, 500)

        async def write(ask: WriteAsk) -> InboundRecord | Failed:
            answer = await vendor.write(ask)
            if not written.is_set():
                written.set()
                await release.wait()
            return answer

        self.write = write


async def test_what_was_changed_behind_our_write_and_lost_to_it_is_written_again(
    pair: Pair,
) -> None:
    # given a vendor whose history is closed, and whose answer to a write is long on its way
    world = pair.world
    world.servicenow.switches.closed_tables = {"sys_audit"}
    written, release = asyncio.Event(), asyncio.Event()
    world.stand_between(lambda vendor: SlowToAnswer(vendor, written, release))
    await pair.edit(title="p")
    delivery = asyncio.create_task(push_due(world.runtime))
    await written.wait()

    # when somebody there changes it behind the write, and that is heard of before the answer
    world.clock.move(seconds=8)
    world.servicenow.edit(pair.number, {"short_description": "x"})
    world.clock.move(seconds=5)
    other = world.start("worker-2")
    await world.sync()
    world.clock.move(seconds=PATIENCE.total_seconds() + 2)
    await apply_due(other)
    (conflict,) = await rows("SELECT status, external_value FROM conflict")
    assert (conflict["status"], conflict["external_value"]) == ("RESOLVED_PLATFORM", '"x"')
    release.set()
    await delivery

    # then our value, which has won, is told there again
    await push_due(other)
    assert pair.theirs["short_description"] == "p"
