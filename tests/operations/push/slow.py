"""A vendor whose answer can be waited for."""

import asyncio

from adapters.contract import Vendor
from adapters.exchange import Failed, WriteAsk
from domain.inbound import InboundRecord
from tests.world import Pages


class Slow(Pages):
    """A vendor that takes a write only when it is let."""

    def __init__(self, vendor: Vendor, asked: asyncio.Event, release: asyncio.Event) -> None:
        super().__init__(vendor, 500)
        self._writes = vendor.write

        async def write(ask: WriteAsk) -> InboundRecord | Failed:
            asked.set()
            await release.wait()
            return await self._writes(ask)

        self.write = write
