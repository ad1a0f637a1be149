"""Deliver what is queued for the vendors (rules X1 to X6)."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from functools import partial
from typing import Final

import structlog

from adapters.contract import Vendor
from adapters.registry import manifest
from models.lanes import ClaimedLane, claim_lanes, has_lanes, leave_lane
from models.sealed import CannotOpen
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.sync.connect import connected
from operations.sync.deliver import Delivery
from operations.sync.ending import park

log = structlog.get_logger()

# Lanes that one worker has in hand at once; they wait for their vendors side by side.
MOST_LANES: Final = 20


async def push_due(runtime: Runtime) -> int:
    """Deliver all writes that are due and that no other worker holds; return how many arrived.

    In order within each incident, side by side between incidents. Safe to call from
    any number of workers at once: a lease in the database arbitrates.
    Cost when nothing is due: one index probe, no lock.
    """
    arrived = 0
    if not await has_lanes(now=runtime.now()):
        return arrived

    async def claim(tx: Transaction) -> list[ClaimedLane]:
        return await claim_lanes(
            tx, now=runtime.now(), owner=runtime.owner, lease=runtime.lease, most=MOST_LANES
        )

    while lanes := await commit(claim):
        by_integration: dict[str, list[ClaimedLane]] = {}
        for lane in lanes:
            by_integration.setdefault(lane.integration_id, []).append(lane)
        arrived += await _all(
            _push_to(runtime, integration_id, of_one)
            for integration_id, of_one in by_integration.items()
        )
    return arrived


async def _all(deliveries: Iterable[Awaitable[int]]) -> int:
    """Await them side by side; what goes wrong with one disturbs no other, and is raised last."""
    ended = await asyncio.gather(*deliveries, return_exceptions=True)
    faults = [one for one in ended if isinstance(one, BaseException)]
    if faults:
        raise BaseExceptionGroup("deliveries that did not end", faults)
    return sum(one for one in ended if isinstance(one, int))


async def _push_to(runtime: Runtime, integration_id: str, lanes: Sequence[ClaimedLane]) -> int:
    """Deliver the lanes of one integration over one connection."""
    integration = await IntegrationRow.get(id=integration_id)
    try:
        async with connected(runtime, integration) as vendor:
            return await _deliver(runtime, integration, vendor, lanes)
    except CannotOpen as error:
        detail = str(error)

        async def stop(tx: Transaction) -> None:
            await park(runtime, tx, integration_id, detail)

        await commit(stop)
        await _give_back(runtime, lanes)
        return 0


async def _deliver(
    runtime: Runtime,
    integration: IntegrationRow,
    vendor: Vendor,
    lanes: Sequence[ClaimedLane],
) -> int:
    about = manifest(integration.provider)
    deliveries = [
        Delivery(runtime=runtime, lane=lane, integration=integration, vendor=vendor, about=about)
        for lane in lanes
    ]
    try:
        return await _all(one.take() for one in deliveries)
    except asyncio.CancelledError:
        # The worker stops: another may go on at once.
        await _give_back(runtime, lanes)
        raise
    finally:
        await runtime.wake("events")


async def _give_back(runtime: Runtime, lanes: Sequence[ClaimedLane]) -> None:
    """Leave lanes, each by itself: who mirrors a page holds several, in an order of its own."""
    for lane in lanes:
        await commit(partial(leave_lane, lane=lane, due_at=runtime.now()))
