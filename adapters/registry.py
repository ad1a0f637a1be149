"""The vendors that this build knows, one line each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.contract import Manifest
from adapters.jira.manifest import JIRA
from adapters.pagerduty.manifest import PAGERDUTY
from adapters.servicenow.manifest import SERVICENOW
from domain.errors import NotFound

VENDORS: Final[Mapping[str, Manifest]] = MappingProxyType(
    {
        JIRA.key: JIRA,
        PAGERDUTY.key: PAGERDUTY,
        SERVICENOW.key: SERVICENOW,
    }
)


def manifest(key: str) -> Manifest:
    """Return a vendor by its key. Raises NotFound at ``providerKey``."""
    found = VENDORS.get(key)
    if found is None:
        raise NotFound("provider", key, path=("providerKey",))
    return found
