"""From an integration to its open vendor."""

from adapters.contract import Vendor
from adapters.registry import manifest
from models.sealed import CannotOpen
from models.tables.integration import CredentialRow, IntegrationRow
from operations.runtime import Runtime


async def connect(runtime: Runtime, integration: IntegrationRow) -> Vendor:
    """Open the vendor with the integration's credentials; the caller closes it.

    Raises CannotOpen when a credential was sealed under a key that is not here.
    """
    credentials = {
        row.name: runtime.keys.open(row.sealed, integration_id=integration.id, name=row.name)
        for row in await CredentialRow.filter(integration_id=integration.id)
    }
    return runtime.connect(manifest(integration.provider), integration.base_url, credentials)


__all__ = ["CannotOpen", "connect"]
