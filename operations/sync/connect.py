"""From an integration to its open vendor."""

from functools import partial

from adapters.contract import Vendor
from adapters.registry import manifest
from models.reads.field_override import overrides
from models.sealed import CannotOpen
from models.tables.integration import IntegrationRow
from operations.integrations.mappings import effective
from operations.integrations.renew import renew
from operations.integrations.vault import opened
from operations.runtime import Account, Runtime


async def connect(runtime: Runtime, integration: IntegrationRow) -> Vendor:
    """Open the vendor with the integration's credentials and settings; the caller closes it.

    Raises CannotOpen when a credential was sealed under a key that is not here.
    """
    about = manifest(integration.provider)
    account = Account(
        integration_id=integration.id,
        manifest=about,
        base_url=integration.base_url,
        credentials=await opened(runtime, integration.id, without=about.webhook_secrets),
        renew=partial(renew, runtime, integration.id),
        mappings=effective(about, await overrides(integration.id)),
        requests_per_minute=integration.requests_per_minute or about.requests_per_minute,
        slows_down=integration.slows_down,
    )
    return runtime.connect(account)


__all__ = ["CannotOpen", "connect"]
