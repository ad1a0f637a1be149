"""What a vendor's account is opened with."""

from dataclasses import replace

from adapters.contract import Vendor
from models.tables.integration import IntegrationRow
from operations.runtime import Account
from operations.sync.connect import connect
from tests.world import World


async def account_of(world: World) -> Account:
    """Open the integration's vendor, and return what it was opened with."""
    found: list[Account] = []

    def note(account: Account) -> Vendor:
        found.append(account)
        return world.runtime.connect(account)

    row = await IntegrationRow.get(id=world.integration_id)
    await (await connect(replace(world.runtime, connect=note), row)).close()
    return found[0]
