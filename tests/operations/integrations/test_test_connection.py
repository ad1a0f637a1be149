"""A connection test ends, whatever the vendor's limit says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from adapters.contract import Access, Vendor
from operations.integrations.test_connection import TestConnection
from operations.integrations.test_connection import test_connection as try_it
from operations.runtime import Account
from tests.world import ADMIN, World


async def test_a_vendor_that_may_not_be_asked_now_ends_the_test_with_advice(
    world: World,
) -> None:
    @asynccontextmanager
    async def pace() -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    def connect(account: Account) -> Vendor:
        return account.manifest.connect(
            Access(
                base_url=account.base_url,
                credentials=account.credentials,
                now=world.clock.now,
                deadline=world.deadline,
                pace=pace,
            )
        )

    ask = TestConnection(integration_id=world.integration_id, patience=timedelta(milliseconds=20))
    runtime = replace(world.runtime, connect=connect)
    checked = await try_it(runtime, ADMIN, ask)
    (check,) = checked.checks
    assert (check.name, check.is_ok) == ("time", False)
    assert "try again later" in check.detail
