"""From an integration to its open vendor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Final

from adapters.contract import Vendor
from adapters.registry import manifest
from models.reads.field_override import overrides
from models.sealed import CannotOpen
from models.tables.integration import IntegrationRow
from operations.integrations.mappings import effective
from operations.integrations.renew import renew
from operations.integrations.vault import opened
from operations.runtime import Account, KeptVendor, Runtime

# How long the vendor's own words, such as the names of its priorities, count as known.
KEPT: Final = timedelta(minutes=5)


async def connect(runtime: Runtime, integration: IntegrationRow) -> Vendor:
    """Open the vendor anew with the integration's credentials and settings; the caller closes it.

    Raises CannotOpen when a credential was sealed under a key that is not here.
    """
    return runtime.connect(await _account(runtime, integration))


@asynccontextmanager
async def connected(runtime: Runtime, integration: IntegrationRow) -> AsyncIterator[Vendor]:
    """Lend the vendor that this process has open for the integration.

    It is opened again after five minutes, and at once when the credentials or the
    settings are others: so a delivery costs no new handshake, and what the vendor
    says of itself is not asked for each one.
    Raises CannotOpen when a credential was sealed under a key that is not here.
    Cost: two statements.
    """
    account, now = await _account(runtime, integration), runtime.now()
    kept = runtime.vendors.get(integration.id)
    if kept is None or kept.account != account or now >= kept.until:
        former, kept = (
            kept,
            KeptVendor(vendor=runtime.connect(account), account=account, until=now + KEPT),
        )
        runtime.vendors[integration.id] = kept
    else:
        former = None
    # In hand before anything is awaited: nobody may close it meanwhile.
    kept.users += 1
    try:
        if former is not None:
            await former.leave()
        yield kept.vendor
    finally:
        kept.users -= 1
        if runtime.vendors.get(integration.id) is not kept:
            await kept.leave()


async def _account(runtime: Runtime, integration: IntegrationRow) -> Account:
    about = manifest(integration.provider)
    return Account(
        integration_id=integration.id,
        manifest=about,
        base_url=integration.base_url,
        credentials=await opened(runtime, integration.id, without=about.webhook_secrets),
        renew=partial(renew, runtime, integration.id),
        mappings=effective(about, await overrides(integration.id)),
        requests_per_minute=integration.requests_per_minute or about.requests_per_minute,
        slows_down=integration.slows_down,
    )


__all__ = ["KEPT", "CannotOpen", "connect", "connected"]
