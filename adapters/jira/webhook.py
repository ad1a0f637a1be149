"""What a site's webhooks tell. Pure."""

from adapters.delivery import RawDelivery, Told
from adapters.jira.site import Site


def read(delivery: RawDelivery, site: Site) -> Told:
    """Read a delivery."""
    del delivery, site
    return ()
