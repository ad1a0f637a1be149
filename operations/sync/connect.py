"""From an integration to its open vendor."""

from adapters.contract import Vendor
from adapters.registry import manifest
from models.reads.field_override import overrides
from models.sealed import CannotOpen
from models.tables.integration import CredentialRow, IntegrationRow
from operations.integrations.mappings import effective
from operations.runtime import Account, Runtime


async def connect(runtime: Runtime, integration: IntegrationRow) -> Vendor:
    """Open the vendor with the integration's credentials and settings; the caller closes it.

    Raises CannotOpen when a credential was sealed under a key that is not here.
    """
    about = manifest(integration.provider)
    credentials = {
        row.name: runtime.keys.open(row.sealed, integration_id=integration.id, name=row.name)
        for row in await CredentialRow.filter(integration_id=integration.id)
    }
    account = Account(
        integration_id=integration.id,
        manifest=about,
        base_url=integration.base_url,
        credentials=credentials,
        mappings=effective(about, await overrides(integration.id)),
        requests_per_minute=integration.requests_per_minute or about.requests_per_minute,
        slows_down=integration.slows_down,
    )
    return runtime.connect(account)


__all__ = ["CannotOpen", "connect"]
