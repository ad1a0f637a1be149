"""A vendor that is asked only when what it has told does not say enough."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from adapters.contract import Vendor
from adapters.delivery import Reads
from adapters.exchange import Failed
from domain.records import IntegrationState
from domain.sync.retry import Fault
from models.reads.field_override import overrides
from models.tables.integration import IntegrationRow
from operations.runtime import KeptReads, Runtime
from operations.sync.connect import KEPT, CannotOpen, connected


@dataclass(slots=True, kw_only=True)
class Contact:
    """One integration's vendor, taken in hand when it is first needed; the maker closes it."""

    runtime: Runtime
    integration: IntegrationRow
    _vendor: Vendor | None = field(default=None, init=False)
    _in_hand: AsyncExitStack = field(default_factory=AsyncExitStack, init=False)

    async def vendor(self) -> Vendor | Failed:
        """Return the open vendor, or why it may not be asked now."""
        if self._vendor is not None:
            return self._vendor
        row, now = self.integration, self.runtime.now()
        if row.state == IntegrationState.PARKED:
            return Failed(fault=Fault.UNAUTHORISED, detail=row.state_reason or "parked")
        if row.waiting_until is not None and row.waiting_until > now:
            wait = row.waiting_until - now
            detail = row.state_reason or "the vendor asks to wait"
            return Failed(fault=Fault.THROTTLED, detail=detail, retry_after=wait)
        try:
            self._vendor = await self._in_hand.enter_async_context(connected(self.runtime, row))
        except CannotOpen as error:
            return Failed(fault=Fault.UNAUTHORISED, detail=str(error))
        return self._vendor

    async def reads(self) -> Reads | Failed:
        """Return what reads the deliveries, by the settings that hold now.

        What was known a while ago still serves while the vendor cannot be asked.
        Cost: one statement; every five minutes what the vendor asks for it.
        """
        row, now = self.integration, self.runtime.now()
        settings = (row.base_url, await overrides(row.id))
        kept = self.runtime.reads.get(row.id)
        if kept is not None and kept.settings != settings:
            kept = None
        if kept is not None and now < kept.until:
            return kept.reads
        vendor = await self.vendor()
        reads = vendor if isinstance(vendor, Failed) else await vendor.reader()
        if isinstance(reads, Failed):
            return reads if kept is None else kept.reads
        self.runtime.reads[row.id] = KeptReads(reads=reads, settings=settings, until=now + KEPT)
        return reads

    async def close(self) -> None:
        """Give the vendor back, if it was needed."""
        await self._in_hand.aclose()
