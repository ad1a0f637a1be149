"""A worker that is killed when Slack has a message: ``python -m tests.operations.sla.dying``.

Arguments: the database (as JSON), the webhook's address, and the time.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from adapters.channels.contract import Channel, Notice, Way
from adapters.channels.registry import opened as opened_channels
from models.database import DatabaseAt, opened
from operations.sla.notify import notify_due
from tests.adapters.channels.telling import UNSET
from tests.clock import Clock
from tests.operations.sync.dying import at_of
from tests.world import World, simulated


def slack_at(url: str, clock: Clock) -> Channel:
    """Open the channel of a Slack that runs elsewhere."""
    settings = {**UNSET, "slack_webhook_url": url}
    way = Way(settings=settings, now=clock.now, deadline=timedelta(seconds=5))
    return opened_channels(way)["slack"]


class Deadly:
    """A channel whose answer kills the process."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.most, self.pause, self.close = channel.most, channel.pause, channel.close

    async def send(self, notices: Sequence[Notice]) -> NoReturn:
        assert await self._channel.send(notices) is None
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


async def _main(at: DatabaseAt, url: str, time: str) -> None:
    clock = Clock(datetime.fromisoformat(time))
    world = World(at=at, clock=clock, servicenow=simulated(clock))
    world.channels = {"slack": Deadly(slack_at(url, clock))}
    async with opened(at):
        await notify_due(world.start("killed"))


if __name__ == "__main__":
    asyncio.run(_main(at_of(sys.argv[1]), *sys.argv[2:]))
