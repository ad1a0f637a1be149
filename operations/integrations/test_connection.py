"""Try a vendor, and say what to do about each failure."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from adapters.contract import Vendor
from adapters.exchange import Check, Checked
from domain.access.roles import Actor
from domain.errors import NotFound
from models.sealed import CannotOpen
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.integrations.configure import find
from operations.integrations.credentials import resume
from operations.runtime import Runtime
from operations.sync.connect import connect

# A person waits for the answer; the vendor's limit may let nobody ask for longer.
PATIENCE: Final = timedelta(seconds=45)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestConnection:
    """Which integration, and how long whoever asks waits for the answer."""

    __test__ = False

    integration_id: str
    patience: timedelta = PATIENCE


async def test_connection(runtime: Runtime, actor: Actor, ask: TestConnection) -> Checked:
    """Check reach, sign-in, rights and clock; a parked integration that passes is resumed.

    Raises NotFound and Forbidden. Calls the vendor a handful of times.
    """
    row = await IntegrationRow.filter(id=ask.integration_id).first()
    if row is None:
        raise NotFound("integration", ask.integration_id, path=("id",))
    authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=row.key)
    try:
        vendor = await connect(runtime, row)
    except CannotOpen as error:
        return Checked(checks=(Check(name="credentials", is_ok=False, detail=str(error)),))
    try:
        checked = await _checked(vendor, ask.patience)
    finally:
        await vendor.close()

    async def note(tx: Transaction) -> None:
        current = await find(ask.integration_id)
        if all(check.is_ok for check in checked.checks):
            await resume(tx, runtime, current, because=f"connection test passed, by {actor.name}")

    await commit(note)
    await runtime.wake("pull")
    await runtime.wake("events")
    return checked


async def _checked(vendor: Vendor, patience: timedelta) -> Checked:
    try:
        async with asyncio.timeout(patience.total_seconds()):
            return await vendor.check()
    except TimeoutError:
        detail = (
            f"no end within {patience.total_seconds():g} s: the vendor is slow, or may not be asked"
            " for a while (see the integration's rate limit); try again later"
        )
        return Checked(checks=(Check(name="time", is_ok=False, detail=detail),))
