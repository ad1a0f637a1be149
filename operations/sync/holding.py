"""Keep work that takes longer than its lease."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from models.transaction import Transaction, commit
from operations.runtime import Runtime


@asynccontextmanager
async def held(
    runtime: Runtime, hold: Callable[[Transaction], Awaitable[bool]]
) -> AsyncIterator[None]:
    """Lengthen a lease six times in its length, while the vendor is slow.

    hold: lengthens it; False when the work is another worker's by now.
    """
    is_over = asyncio.Event()

    async def keep() -> None:
        while True:
            try:
                async with asyncio.timeout(runtime.lease.total_seconds() / 6):
                    await is_over.wait()
            except TimeoutError:
                if not await commit(hold):
                    return
            else:
                return

    keeper = asyncio.create_task(keep())
    try:
        yield
    finally:
        is_over.set()
        await keeper
